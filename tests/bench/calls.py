#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""GetToken and GetTokenFD: how long an answer takes, and how many there are in a second."""

import stage
from rig.bus import TOKENS

CALLS, QUICK_CALLS = 3000, 500  # of each service in a round
BLOCKS, QUICK_BLOCKS = 4, 2  # of a tenth of a second


def latency(here, member, options, figures, key):
    calls = QUICK_CALLS if options.quick else CALLS
    rounds = [here.measure("latency", member, calls, here.bus, TOKENS, "", here.bus, stage.IDLE, "")
              for _ in range(options.rounds)]
    for at, percentile in enumerate(("p50", "p99")):
        figures[f"{key}-{percentile}"] = {"ours": [ours[at] / 1e3 for ours, _ in rounds],
                                          "other": [other[at] / 1e3 for _, other in rounds]}


def rate(here, clients, options, figures):
    blocks = QUICK_BLOCKS if options.quick else BLOCKS
    rounds = [here.measure("rate", "GetToken", clients, blocks, here.bus, TOKENS, stage.IDLE)
              for _ in range(options.rounds)]
    figures[f"rate-{clients}"] = {"ours": [ours for (ours,), _ in rounds], "other": [other for _, (other,) in rounds]}


def measure(options, figures):
    with stage.alone() as here:
        here.start_daemon()
        here.start_idle_service()
        latency(here, "GetToken", options, figures, "get-token")
        latency(here, "GetTokenFD", options, figures, "get-token-fd")
        for clients in (1, 10, 100, 1000):
            rate(here, clients, options, figures)


if __name__ == "__main__":
    stage.main(measure)
