"""The offline checker of limits: which burst must a bucket have had to admit what was admitted?

An admission happened somewhere between its request being sent and its answer coming back, both by the client's one clock. Wanted is
the smallest burst for which moments within these spans can be chosen so that admitted ≤ burst + rate × Δ holds for every interval at
once. Only when that is above the limit's own burst is the limit violated: a slow network is never mistaken for a violation.

A bucket that admits at x is a queue served at the bucket's rate: what is admitted at x is served, one token long, and has been by
x + burst / rate. So the spans are jobs of one token's length, released when sent and due at their answer, on one machine, and the
smallest burst is the smallest possible greatest lateness. Serving the job that is due first, and putting it aside when one arrives that
is due sooner, is optimal where jobs may be cut in pieces: its lateness is a floor under every choice. Not cutting them gives a choice that
exists: a ceiling. The two differ by less than a token.
"""

import heapq

TOKEN = 60 * 10**9
"""A token's length, in nanoseconds times tokens a minute: everything is exact in integers."""


def admissions(records, key):
    """The admitted requests of a key as (sent, answered), and the seconds from its first request to its last answer."""
    admitted, first, last = [], None, 0
    with open(records, encoding="ascii") as lines:
        for line in lines:
            number, _, _, sent, answered, status = (int(value) for value in line.split())
            # Never sent, or no answer: such a request may have been admitted; it is left out, in favour of the edge.
            if number != key or status == 0:
                continue
            first = sent if first is None else min(first, sent)
            last = max(last, answered)
            if status == 200:
                admitted.append((sent, answered))
    return admitted, (last - (first or 0)) / 1e9


def least_burst(spans, rate):
    """A floor and a ceiling, less than a token apart, of the smallest burst that explains the admissions at that rate a minute."""
    jobs = sorted((sent * rate, answered * rate) for sent, answered in spans)
    return burst_of(lateness(jobs, True)), burst_of(lateness(jobs, False))


def burst_of(units):
    """Whole tokens that cover so much."""
    return -(-units // TOKEN)


def lateness(jobs, cut):
    """The greatest time by which a job ends after its span, in order of what is due first; cut: whether jobs may be put aside."""
    worst, now, index, waiting = 0, 0, 0, []
    while index < len(jobs) or waiting:
        if not waiting:
            now = max(now, jobs[index][0])
        while index < len(jobs) and jobs[index][0] <= now:
            heapq.heappush(waiting, (jobs[index][1], TOKEN))
            index += 1
        due, left = heapq.heappop(waiting)
        until = now + left
        if cut and index < len(jobs) and jobs[index][0] < until:
            until = jobs[index][0]
            heapq.heappush(waiting, (due, left - (until - now)))
        else:
            worst = max(worst, until - due)
        now = until
    return worst


def exact_bucket(records, key, rate, burst):
    """What one exact bucket would have admitted of the same requests, had it seen them when they were answered: stalls of the machine included."""
    with open(records, encoding="ascii") as lines:
        rows = (tuple(map(int, line.split())) for line in lines)
        moments = sorted(answered for number, _, _, _, answered, status in rows if number == key and status)
    tokens, now, admitted = burst * TOKEN, 0, 0
    for moment in moments:
        tokens, now = min(burst * TOKEN, tokens + (moment - now) * rate), moment
        if tokens >= TOKEN:
            tokens, admitted = tokens - TOKEN, admitted + 1
    return max(1, admitted)
