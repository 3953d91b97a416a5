#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How much of the daemon's memory a sender can have, and that it is given back."""

from neighbour import NeighbourTest
from rig import main
from rig.bus import BusError
from rig.waiting import eventually

KIB = 1024
SHARE = 1 * KIB
SENDERS = 20
CALLS = 500  # of 64 or 15 KiB, that is 31 or 7 MiB

# What a share of 1 MiB, and the copies of one call that is read, may come to; in KiB.
PEAK, REST = 12 * KIB, 6 * KIB


class Hoards(NeighbourTest):
    def setUp(self):
        super().setUp()
        self.ask(100)  # what every call takes at first
        self.before = self.memory()

    def flood_stopped_daemon(self, call):
        """All is there when the daemon goes on. Returns the flooder, when others are served."""
        with self.daemon_stopped():
            flooder = self.launch_flooder("hold", CALLS, call)
        self.client.get_token()
        return flooder

    def assert_bounded(self):
        self.assertLess(self.memory("VmHWM") - self.before, PEAK)

    def assert_given_back(self):
        eventually(lambda: self.memory() - self.before < REST, "the memory to be given back")

    def test_of_calls_that_wait_for_their_turn(self):
        flooder = self.flood_stopped_daemon("large")
        self.assert_bounded()
        flooder.end_of_flood()
        self.assert_given_back()

    def test_of_calls_that_wait_for_yandex(self):
        self.sim.trouble("held@/token*1")
        flooder = self.flood_stopped_daemon("forced-large")
        self.sim.wait("/token", trouble="held")
        self.ask(100)
        self.assert_bounded()
        flooder.end_of_flood()
        self.assertGreater(flooder.refused, CALLS / 2)
        self.sim.let_go()
        self.assert_given_back()

    def test_of_one_call_that_is_huge(self):
        """It is not even read."""
        hog = self.world.new_client()
        call = hog.begin_get_token(force=True, junk="x" * 24 * KIB * KIB)
        hog.ping()
        self.assertEqual(hog.get_token(), self.account.get_token())
        self.assert_bounded()
        self.assertFalse(call.done)

    def test_of_one_call_that_is_large(self):
        call = self.world.new_client().begin_get_token(junk="x" * 900 * KIB)
        with self.assertRaisesRegex(BusError, "LimitsExceeded"):
            call.result()
        self.assert_bounded()

    def test_of_answers_that_are_not_read(self):
        for call in ("GetManagedObjects", "large", "junk"):
            with self.flood("unread", 500, call):
                self.ask(100000, 2000)
            self.assert_bounded()
        self.assert_given_back()

    def test_of_many_senders(self):
        """Each has its share."""
        for _ in range(SENDERS):
            self.launch_flooder("window", 16, "large")
        self.ask(20)
        self.assertLess(self.memory("VmHWM") - self.before, SENDERS * SHARE + PEAK)


if __name__ == "__main__":
    main()
