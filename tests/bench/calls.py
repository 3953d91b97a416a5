#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""GetToken and GetTokenFD: how long an answer takes, and how many there are in a second."""

import stage
from rig.bus import TOKENS

CALLS, QUICK_CALLS = 3000, 500  # of each service in a round
BLOCKS, QUICK_BLOCKS = 4, 2  # of a tenth of a second


def latency(here, member, options, figures, others):
    """The others are services by the key of what is measured beside them."""
    calls = QUICK_CALLS if options.quick else CALLS
    targets = [word for name in (TOKENS, *others.values()) for word in (here.bus, name, "")]
    rounds = [here.measure("latency", member, calls, *targets) for _ in range(options.rounds)]
    for other, key in enumerate(others, 1):
        for at, percentile in enumerate(("p50", "p99")):
            figures[f"{key}-{percentile}"] = {"ours": [numbers[0][at] / 1e3 for numbers in rounds],
                                              "other": [numbers[other][at] / 1e3 for numbers in rounds]}


def rate(here, clients, options, figures):
    blocks = QUICK_BLOCKS if options.quick else BLOCKS
    rounds = [here.measure("rate", "GetToken", clients, blocks, here.bus, TOKENS, stage.IDLE)
              for _ in range(options.rounds)]
    figures[f"rate-{clients}"] = {"ours": [ours for (ours,), _ in rounds], "other": [other for _, (other,) in rounds]}


def measure(options, figures):
    """Where calls come one after the other, everybody keeps a place; a crowd is the scheduler's to place."""
    with stage.alone() as here:
        here.start_daemon()
        here.start_idle_service(stage.IDLE)
        here.start_idle_service("--sealed", stage.SEALED)
        for clients in (10, 100, 1000):
            rate(here, clients, options, figures)
        here.place()
        rate(here, 1, options, figures)
        latency(here, "GetToken", options, figures, {"get-token": stage.IDLE})
        latency(here, "GetTokenFD", options, figures, {"get-token-fd": stage.IDLE, "get-token-fd-sealed": stage.SEALED})


if __name__ == "__main__":
    stage.main(measure)
