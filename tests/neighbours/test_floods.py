#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A flood costs others no more at the daemon than it does at a service that does nothing. Times are compared with times
of the same moments only; and since other things may go on as well, the best of some attempts counts."""

from floods import FLOODS, compare
from neighbour import NeighbourTest
from rig import main

RATIO = 2
ATTEMPTS = 5
ROUNDS, MILLISECONDS = 2, 100

# To look at a large call costs the daemon about as much as passing it on costs the bus. Whether hundreds of them wait in
# the bus, where nobody has a turn, depends on what else the machine does. "measure" shows it.
OF_THE_BUS = "large"


class Floods(NeighbourTest):
    def ratios(self, flood):
        for _ in range(ATTEMPTS):
            yield compare(self, flood, ROUNDS, MILLISECONDS).ratio

    def test_others_wait_no_longer_than_at_a_service_that_does_nothing(self):
        if self.world.canary:
            self.skipTest("what records the bus takes longer than what is measured")
        self.start_idle_service()
        for flood in FLOODS:
            if flood[2] == OF_THE_BUS:
                continue
            with self.subTest(flood):
                self.assertTrue(any(ratio <= RATIO for ratio in self.ratios(flood)))


if __name__ == "__main__":
    main()
