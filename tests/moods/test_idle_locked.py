#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The keyring is locked, and nothing is due that would need it: the daemon does not look at it either."""

from mood import await_until, main
from test_idle import Idle


class IdleWhileLocked(Idle):
    def test_a_minute_without_a_wake_up(self):
        self.have_two_accounts()
        self.keyring.lock()
        await_until(lambda: self.client.property("KeyringState") == "locked", "a locked keyring")
        self.assert_sleeps()


del Idle  # its own test has a program of its own

if __name__ == "__main__":
    main()
