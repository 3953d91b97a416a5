#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How cost grows with the number of accounts: 1, 100 and 1,000 of them, each in a world of its own."""

import statistics
from operator import truediv

import stage
from rig.bus import TOKENS

NUMBERS, QUICK_NUMBERS = (1, 100, 1000), (1, 10, 100)
CALLS, QUICK_CALLS = 2000, 300  # in a round
STARTS, LOADS = 3, 5


def measure_calls(options, figures, stages):
    """The default account, and of the most accounts one by its name."""
    for here in stages:
        here.place()
    targets = [(here.bus, TOKENS, "") for here in stages] + [(stages[-1].bus, TOKENS, stages[-1].last_login)]
    rounds = [stages[0].measure("latency", "GetToken", QUICK_CALLS if options.quick else CALLS,
                                *(word for target in targets for word in target))
              for _ in range(options.rounds)]
    one, *others = zip(*([p50 / 1e3 for p50, _ in numbers] for numbers in rounds))
    for key, ours in zip(("accounts-100-call", "accounts-1000-call", "accounts-1000-named"), others):
        figures[key] = {"ours": ours, "other": one}


def load(here, number):
    """Returns how many milliseconds each secret takes in the least program that loads so many from the keyring, which
    the daemon has unlocked."""
    (found, nsec), = here.measure("least-load")
    assert found == number, found
    return nsec / 1e6 / number


def measure_starts(options, figures, stages, numbers):
    """Leaves all daemons started."""
    starts, loads = [], []
    for i in range(1 if options.quick else STARTS):
        if i:
            for here in stages:
                here.world.daemon.stop()
        starts.append([here.start_daemon() for here in stages])
        loads.append([statistics.median(load(here, number) for _ in range(LOADS))
                      for here, number in zip(stages[1:], numbers[1:])])
    of_some, of_many = ([(seconds[at] - seconds[0]) * 1e3 / (numbers[at] - 1) for seconds in starts] for at in (1, 2))
    least_of_some, least_of_many = zip(*loads)
    figures["accounts-100-start"] = {"ours": of_some, "other": least_of_some}
    figures["accounts-1000-start"] = {"ours": of_many, "other": least_of_many}
    figures["accounts-linear"] = {"ours": of_many, "other": of_some}
    figures["accounts-growth"] = {"ours": list(map(truediv, of_many, of_some)),
                                  "other": list(map(truediv, least_of_many, least_of_some))}


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
