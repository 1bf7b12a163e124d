package ai.molecule.edge.controlplane;

import ai.molecule.edge.ratelimit.Limit;

/** A named limit of the configuration. */
record Tier(String name, Limit limit) {}
