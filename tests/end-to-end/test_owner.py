#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who has the daemon's name on the bus when yadiskctl has a secret to hand over."""

import os
import subprocess
import sys
import unittest

from rig import Simulator
from rig.bus import TOKENS
from rig.inside import BUS, installed, main_inside
from rig.process import Process
from rig.terminal import Terminal
from rig.user_session import DBUS_BROKER, DBUS_DAEMON, UNIT, UserSession
from rig.waiting import await_until

DAEMON = "libexec/yadisk-tokend"
QUESTION = "Hand the secret over all the same? [y/N]"


class Owner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()

    def setUp(self):
        self.session = UserSession(bus=os.environ.get(BUS, DBUS_DAEMON))
        self.addCleanup(self.session.empty_home)
        self.addCleanup(self.session.close)
        self.addCleanup(self.show_log)
        self.session.configure_for(self.sim)

    def show_log(self):
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)

    def add(self):
        """Hands over a client secret."""
        return "yadiskctl", "apps", "add", self.sim.client_id, "--client-secret-file", self.secret_file()

    def secret_file(self):
        return self.session.write("secret", self.sim.client_secret + "\n")

    def assert_silent(self, *command, **given):
        done = self.session.run(*command, **given)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)

    def assert_warned(self, unit, *command, **given):
        """Without a terminal there is nobody to ask."""
        done = self.session.run(*command, **given)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stderr, rf"not run by {UNIT}, but is process \d+ \(.*yadisk-tokend\) in {unit};.*"
                         rf'"systemctl --user restart {UNIT}"')

    def run_neighbour(self):
        """The name is taken by what is no unit of ours."""
        done = self.session.run("systemd-run", "--user", "--unit=neighbour.service", installed(DAEMON))
        self.assertEqual(done.returncode, 0, done)
        await_until(lambda: self.session.client.owner_of(TOKENS), "the neighbour to have the name")

    def test_the_unit(self):
        self.assert_silent(*self.add())
        self.session.systemctl("restart", UNIT)
        self.assert_silent(*self.add())

    def test_another_unit(self):
        self.run_neighbour()
        self.assert_warned("neighbour.service", *self.add())
        self.assert_silent("yadiskctl", "apps")

    def test_whatever_is_handed_over(self):
        """A client secret, or tokens."""
        self.run_neighbour()
        pair = ("--client-id", self.sim.client_id, "--client-secret-file", self.secret_file())
        self.assert_warned("neighbour.service", "yadiskctl", "setup", *pair)
        application = {"client_id": self.sim.client_id, "client_secret": self.sim.client_secret}
        token = self.sim.sign_in_elsewhere(application)["refresh_token"]
        self.assert_warned("neighbour.service", "yadiskctl", "import", "json", *pair,
                           stdin=f'{{"refresh_token": "{token}"}}')
        login = Terminal(["yadiskctl", "login", *pair], self.session.environment, self.session.home)
        self.addCleanup(login.close)
        login.answer(QUESTION, "n")
        self.assertEqual(login.await_end(), 7, login.shown)

    def test_a_daemon_that_was_started_by_hand(self):
        daemon = Process([installed(DAEMON)], env=self.session.environment, cwd=self.session.home,
                         stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.end)
        await_until(lambda: self.session.client.owner_of(TOKENS), "the daemon to have the name")
        self.assert_warned(".*", *self.add())

    def test_a_person_decides(self):
        self.run_neighbour()
        command = ["yadiskctl", "apps", "add", self.sim.client_id, "--no-check"]
        for answer, status in ("", 7), ("n", 7), ("y", 0):
            terminal = Terminal(command, self.session.environment, self.session.home)
            self.addCleanup(terminal.close)
            terminal.answer(QUESTION, answer)
            if status == 0:
                terminal.answer("Client secret:", self.sim.client_secret)
            self.assertEqual(terminal.await_end(), status, terminal.shown)
            self.assertIn("neighbour.service", terminal.shown)
            kept = self.session.run("yadiskctl", "apps").stdout
            self.assertEqual(self.sim.client_id in kept, status == 0)

    @unittest.skipUnless(os.environ.get(BUS) == DBUS_BROKER, "dbus-daemon starts it as a child of its own")
    def test_the_unit_that_the_bus_makes(self):
        self.session.write(f".local/share/dbus-1/services/{TOKENS}.service",
                           f"[D-BUS Service]\nName={TOKENS}\nExec={installed(DAEMON)}\n")
        self.session.run("busctl", "--user", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
                         "org.freedesktop.DBus", "ReloadConfig")
        self.assert_silent(*self.add())
        self.assertEqual(self.session.show("ActiveState"), "inactive")


if __name__ == "__main__":
    main_inside(__file__)
