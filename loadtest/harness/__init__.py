"""What the scripts of loadtest/ share: stores, nodes, keys, wrk and the clerks that count. Python's standard library only."""
