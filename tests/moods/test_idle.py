#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Nobody asks and nothing is due: the daemon does not run at all. Waits more than a minute, by
design."""

import os

from gi.repository import GLib

from mood import MoodTest, main

SETTLING = 20  # seconds; GLib ends threads it no longer needs after 15
MINUTE = 60


class Idle(MoodTest):
    KNOBS = {"refresh_mode": "B"}
    CLOCK = True

    def test_a_minute_without_a_wake_up(self):
        """Two accounts with tokens of a year, no watchdog."""
        self.have_two_accounts()
        self.assert_sleeps()

    def have_two_accounts(self):
        self.sign_in()
        self.sign_in(app=self.sim.application())

    def assert_sleeps(self):
        """No thread of the daemon gives up the processor, which it would have to get first."""
        self.clock.wait(MINUTE + 1)  # when the daemon gives back what it needs for requests
        self.pass_time(SETTLING)
        before = self.switches()
        self.pass_time(MINUTE)
        self.assertEqual(self.switches(), before)
        self.assertGreaterEqual(len(before), 1)
        self.client.get_token(self.client.accounts()[0].id)
        self.assertNotEqual(self.switches(), before)

    def pass_time(self, seconds):
        """Without a word on the bus, which would reach the daemon as well."""
        over = []
        GLib.timeout_add_seconds(seconds, lambda: over.append(True))
        while not over:
            GLib.MainContext.default().iteration(True)

    def switches(self):
        """Of each thread: how often it went to sleep, and how often it was made to wait."""
        counts = {}
        for thread in os.listdir(f"/proc/{self.daemon.pid}/task"):
            with open(f"/proc/{self.daemon.pid}/task/{thread}/status", encoding="ascii") as file:
                counts[thread] = [line for line in file if "ctxt_switches" in line]
        return counts


if __name__ == "__main__":
    main()
