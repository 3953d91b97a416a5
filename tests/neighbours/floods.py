# SPDX-License-Identifier: MIT
"""What a victim sees of a flood: the time that a plain GetToken takes, at the daemon and at a service that does
nothing but answer, each under the same flood by the same flooder.

The flooder asks both for the same members of the same objects, whose answers are of about the same size. The two
services take turns, so that both meet the same machine; each of them is idle while the other is looked at."""

import statistics
import time

from neighbour import IDLE
from rig.bus import TOKENS

CALLS_MAX = 100000
CALLS = ("GetToken", "GetTokenFD", "GetManagedObjects", "Introspect", "SignIn", "junk", "large")


FLOODS = [(way, window, call) for call in CALLS for way in ("window", "unread") for window in (16, 500)]


class Side:
    """What was measured at one service, over all rounds."""

    def __init__(self):
        self.medians, self.longest, self.calls, self.flooded, self.refused, self.seconds = [], 0, 0, 0, 0, 0

    @property
    def median(self):
        """In microseconds."""
        return statistics.median(self.medians)

    def note(self, victim, flooder, seconds):
        calls, median, longest = victim
        self.medians.append(median)
        self.longest = max(self.longest, longest)
        self.calls += calls
        if flooder:
            self.flooded += flooder.sent
            self.refused += flooder.refused
        self.seconds += seconds


class Comparison:
    def __init__(self):
        self.daemon, self.idle = Side(), Side()

    @property
    def ratio(self):
        return self.daemon.median / self.idle.median


def compare(test, flood, rounds, milliseconds):
    """The flood is None, or the way, the window and the call."""
    comparison = Comparison()
    for _ in range(rounds):
        for side, name in ((comparison.idle, IDLE), (comparison.daemon, TOKENS)):
            begin = time.monotonic()
            if flood:
                with test.flood(*flood, to=name) as flooder:
                    victim = test.ask(CALLS_MAX, milliseconds, to=name)
            else:
                flooder, victim = None, test.ask(CALLS_MAX, milliseconds, to=name)
            side.note(victim, flooder, time.monotonic() - begin)
            test.ask(to=name)  # what the flooder has left is worked off
    return comparison
