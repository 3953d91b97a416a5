# SPDX-License-Identifier: MIT
"""A server, and what people type there."""

import sys
import unittest

from rig.machine import USER, Machine


class MachineTest(unittest.TestCase):
    """Each test has a new machine, which is on."""
    maxDiff = None

    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self._close)
        self.machine.boot()

    def _close(self):
        result = self._outcome.result
        if any(test is self for test, _ in result.errors + result.failures):
            print(f"--- {self.id()}\n{self.machine.log()}", file=sys.stderr)
        self.machine.close()

    def restart(self):
        self.machine.power_off()
        self.machine.boot()

    def root(self, text, status=0, **keywords):
        """Returns what is said."""
        done = self.machine.run(text, **keywords)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def user(self, text, status=0):
        return self.root(text, status, user=USER)

    def manager(self, *words):
        """What the user's services tell root, while the user is not there."""
        return self.root(f"runuser -u {USER} -- env XDG_RUNTIME_DIR=/run/user/$(id -u {USER}) "
                         f"systemctl --user {' '.join(words)}").strip()

    def assert_nobody_is_there(self):
        """Newer systemds call the manager of a user a session, too."""
        sessions = self.root("loginctl list-sessions --no-legend").splitlines()
        self.assertEqual([line for line in sessions if USER in line and "manager" not in line], [])
