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


class Floods(NeighbourTest):
    def ratios(self, flood):
        for _ in range(ATTEMPTS):
            yield compare(self, flood, ROUNDS, MILLISECONDS).ratio

    def test_others_wait_no_longer_than_at_a_service_that_does_nothing(self):
        if self.world.canary:
            self.skipTest("what records the bus takes longer than what is measured")
        self.start_idle_service()
        for flood in FLOODS:
            with self.subTest(flood):
                self.assertTrue(any(ratio <= RATIO for ratio in self.ratios(flood)))


if __name__ == "__main__":
    main()
