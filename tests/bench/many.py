#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How cost grows with the number of accounts: 1, 100 and 1,000 of them, each in a world of its own."""

import stage
from rig.bus import TOKENS

NUMBERS, QUICK_NUMBERS = (1, 100, 1000), (1, 10, 100)
CALLS, QUICK_CALLS = 2000, 300  # in a round
STARTS = 3


def measure_calls(options, figures, stages):
    """The default account, and of the most accounts one by its name."""
    targets = [(here.bus, TOKENS, "") for here in stages] + [(stages[-1].bus, TOKENS, stages[-1].last_login)]
    rounds = [stages[0].measure("latency", "GetToken", QUICK_CALLS if options.quick else CALLS,
                                *(word for target in targets for word in target))
              for _ in range(options.rounds)]
    one, *others = zip(*([p50 / 1e3 for p50, _ in numbers] for numbers in rounds))
    for key, ours in zip(("accounts-100-call", "accounts-1000-call", "accounts-1000-named"), others):
        figures[key] = {"ours": ours, "other": one}


def measure_starts(options, figures, stages, numbers):
    """Leaves all daemons started."""
    rounds = []
    for i in range(1 if options.quick else STARTS):
        if i:
            for here in stages:
                here.world.daemon.stop()
        rounds.append([here.start_daemon() for here in stages])
    each = [[(seconds[at] - seconds[0]) * 1e3 / (numbers[at] - 1) for seconds in rounds] for at in (1, 2)]
    figures["accounts-100-start"] = {"ours": each[0]}
    figures["accounts-1000-start"] = {"ours": each[1]}
    figures["accounts-linear"] = {"ours": each[1], "other": each[0]}


def measure(options, figures):
    numbers = QUICK_NUMBERS if options.quick else NUMBERS
    with stage.simulator() as sim, stage.on(sim, numbers[0]) as one, stage.on(sim, numbers[1]) as some, \
         stage.on(sim, numbers[2]) as many:
        stages = one, some, many
        measure_starts(options, figures, stages, numbers)
        figures["accounts-memory"] = stage.memory_figure([(many.memory() - one.memory()) / 1024 / (numbers[2] - 1)])
        measure_calls(options, figures, stages)


if __name__ == "__main__":
    stage.main(measure)
