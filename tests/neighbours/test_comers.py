#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs that ask for what is dear, without an end; most of them come only for that, and leave."""

import time

from floods import compare
from neighbour import NeighbourTest
from rig import main

DEAR = ("SignIn", "Diagnose", "forced")
SECONDS = 5

# Of requests to Yandex: so many at once, and then one a second.
BURST, A_SECOND = 120, 1

# How much longer a plain GetToken may take than at a service that does nothing of all this; the best of some attempts
# counts, see test_floods.py.
RATIO = 4
ATTEMPTS = 5
ROUNDS, MILLISECONDS = 2, 300


class Comers(NeighbourTest):
    def ratios(self):
        for _ in range(ATTEMPTS):
            yield compare(self, ("comers", 0, *DEAR), ROUNDS, MILLISECONDS).ratio

    def test_others_are_served(self):
        if self.world.canary:
            self.skipTest("what records the bus takes longer than what is measured")
        self.start_idle_service()
        self.assertTrue(any(ratio <= RATIO for ratio in self.ratios()))

    def assert_spared(self, way, window, *calls):
        """Yandex meanwhile, however much is asked for."""
        self.sim.forget_requests()
        begin = time.monotonic()
        with self.flood(way, window, *calls) as flooder:
            self.ask(100000, SECONDS * 1000)
        requests = len(self.sim.requests())
        print(f"{flooder.sent} calls, {requests} requests", flush=True)
        self.assertLessEqual(requests, BURST + A_SECOND * (time.monotonic() - begin) + 1)

    def test_yandex_is_spared_those_who_leave(self):
        self.assert_spared("comers", 0, *DEAR)

    def test_yandex_is_spared_those_who_stay(self):
        self.assert_spared("window", 8, "Diagnose")
        self.assert_spared("window", 8, "forced")


if __name__ == "__main__":
    main()
