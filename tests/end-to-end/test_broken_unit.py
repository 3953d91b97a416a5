#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A unit that cannot start: every verb says so at once, as doctor does, and following the advice cures it."""

import json
import os
import re
import subprocess
import sys
import unittest

from rig import Monitor
from rig.bus import TOKENS
from rig.inside import BUS, main_inside
from rig.process import Process
from rig.user_session import DBUS_DAEMON, UNIT, UserSession
from rig.waiting import await_until

VERBS = ("watch", "token", "status", "list", "refresh", "apps", "logout a", "login --client-id a "
         "--client-secret-file /dev/null")
CONFIGURATION = ".config/yadisk-tokend/yadisk-tokend.conf"


class BrokenUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = UserSession(bus=os.environ.get(BUS, DBUS_DAEMON))
        cls.addClassCleanup(cls.session.close)
        cls.client = cls.session.client

    def setUp(self):
        self.configure("")
        self.change_unit()
        self.addCleanup(self.clean_up)

    def clean_up(self):
        """So that the bus no longer waits for the daemon, either."""
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)
        self.configure("")
        self.change_unit()
        self.session.run("systemctl", "--user", "unmask", UNIT)
        self.session.run("systemctl", "--user", "reset-failed", UNIT)
        self.session.systemctl("start", UNIT)
        self.session.systemctl("stop", UNIT)
        self.client.await_no_owner(TOKENS)

    def configure(self, text):
        return self.session.write(CONFIGURATION, "[Yandex]\n" + text)

    def change_unit(self, *service, unit=()):
        self.session.drop_in(*service, "[Unit]", *unit)

    def ctl(self, *arguments):
        return self.session.run("yadiskctl", *arguments)

    def doctor(self):
        done = self.ctl("--json", "doctor")
        return {check["name"]: check for check in json.loads(done.stdout)["checks"]}

    def assert_told(self, pattern, *verbs):
        """By every verb, in the words of doctor. Returns what is to be done, a list of commands."""
        for verb in verbs or VERBS:
            with self.subTest(verb):
                done = self.ctl(*verb.split())
                self.assertEqual((done.returncode, done.stdout), (8, ""), done)
                self.assertRegex(done.stderr, rf"\Ayadiskctl: [^\n]*{pattern}[^\n]*\.\n\Z")
        checks = self.doctor()
        self.assertEqual([name for name, check in checks.items() if check["verdict"] == "trouble"],
                         ["unit"])
        self.assertEqual(done.stderr, "yadiskctl: {message} {advice}\n".format(**checks["unit"]))
        return re.findall('"([^"]*)"', checks["unit"]["advice"])

    def follow(self, commands):
        for command in commands:
            done = self.session.run(*command.split())
            self.assertIn(done.returncode, (0, 3), done)  # 3: the status of what does not run

    def assert_works(self):
        done = self.ctl("list")
        self.assertEqual(done.returncode, 0, done)

    def test_the_configuration_is_wrong(self):
        self.configure("OAuthURL=http://plain\n")
        path = os.path.join(self.session.home, CONFIGURATION)
        self.assert_told(f"has failed, as its configuration is wrong. Correct {path}; ")
        self.configure("")
        self.assert_works()

    def test_it_had_failed_before(self):
        self.configure("OAuthURL=http://plain\n")
        with self.assertRaises(AssertionError):
            self.session.systemctl("start", UNIT)
        self.assert_told("has failed, as its configuration is wrong", "token")
        self.configure("")
        self.assert_works()

    def test_it_is_masked(self):
        self.session.systemctl("mask", UNIT)
        commands = self.assert_told("is masked, so that it cannot be started")
        self.follow(commands)
        self.assert_works()

    def test_there_is_no_such_program(self):
        self.change_unit("ExecStart=", "ExecStart=/nonexistent")
        self.follow(self.assert_told("ends as soon as it is started|has failed", "token", "apps"))
        self.change_unit()
        self.assert_works()

    def test_it_does_not_restart(self):
        self.change_unit("ExecStart=", "ExecStart=/bin/false", "Restart=no")
        self.follow(self.assert_told("has failed", "token", "apps"))
        self.change_unit()
        self.assert_works()

    def test_it_cannot_be_read(self):
        self.change_unit("ExecStart=", "Type=notify")
        self.follow(self.assert_told("cannot be read as it is", "token", "apps"))
        self.change_unit()
        self.assert_works()

    def use_up(self, *limit):
        """Until it has failed as often as it may; then the cause has gone."""
        cause = self.session.write("cause", "")
        self.change_unit("RestartSec=1ms", f"ExecStartPre=/bin/sh -c 'test ! -e {cause}'", unit=limit)
        self.assertEqual(self.ctl("list").returncode, 8)
        await_until(lambda: self.session.show("ActiveState") == "failed", "the last attempt")
        os.unlink(cause)

    def test_it_was_started_too_often(self):
        self.use_up("StartLimitBurst=4")
        commands = self.assert_told("has failed too often to be started again", "token", "apps")
        self.follow(commands)
        self.assert_works()

    def test_time_helps_one_that_was_started_too_often(self):
        self.use_up("StartLimitIntervalSec=20s", "StartLimitBurst=4")
        self.assert_told("has failed too often to be started again", "token")
        await_until(lambda: self.ctl("list").returncode == 0, "the end of the interval")

    REFUSED = "systemd does not start yadisk-tokend.service: one of its conditions"

    def test_a_condition_is_not_met(self):
        self.change_unit(unit=("ConditionPathExists=/nonexistent",))
        commands = self.assert_told(self.REFUSED, "token", "apps")
        self.assertEqual([command.split()[0] for command in commands], ["systemctl", "journalctl"])
        self.change_unit()
        self.assert_works()

    def test_a_unit_that_it_needs(self):
        """Is missing, or fails."""
        self.session.write(".config/systemd/user/broken.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
        for needed in "nonexistent.service", "broken.service":
            with self.subTest(needed):
                self.change_unit(unit=(f"Requires={needed}", f"After={needed}"))
                command, _ = self.assert_told(self.REFUSED, "token", "apps")
                self.assertRegex(self.session.run(*command.split()).stderr, f"Unit {needed} not found|[Dd]ependency")
        self.change_unit()
        self.assert_works()

    # What takes its time is waited for

    def test_a_second_attempt(self):
        flag = os.path.join(self.session.home, "flag")
        self.change_unit(f"ExecStartPre=/bin/sh -c 'test -e {flag} || {{ touch {flag}; exit 1; }}'")
        self.addCleanup(os.unlink, flag)
        self.assert_works()
        self.assertEqual(self.session.show("NRestarts"), "1")

    def hold(self):
        """Starting it takes until the fifo is written to, of which this is the path."""
        fifo = os.path.join(self.session.home, "fifo")
        os.mkfifo(fifo)
        self.addCleanup(os.unlink, fifo)
        self.change_unit(f"ExecStartPre=/bin/sh -c 'read line <{fifo}'")
        return fifo

    def assert_waits(self, fifo):
        """Although it looks again and again."""
        monitor = Monitor(self.session.address)
        self.addCleanup(monitor.close)
        waiting = Process(["yadiskctl", "list"], env=self.session.environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(waiting.end)
        with open(fifo, "w", encoding="ascii") as file:  # opened by both: it is being started
            await_until(lambda: len(monitor.calls(member="LoadUnit")) >= 3, "looks at the unit")
            self.assertIsNone(waiting.poll())
            file.write("\n")
        self.assertEqual(waiting.await_end(), 0, waiting.stderr.read())

    def test_a_slow_start(self):
        self.assert_waits(self.hold())

    def test_a_slow_start_of_one_that_had_failed(self):
        self.configure("OAuthURL=http://plain\n")
        self.assert_told("has failed", "token")
        self.configure("")
        self.assert_waits(self.hold())


if __name__ == "__main__":
    main_inside(__file__)
