#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs of the same user that watch the installed daemon learn nothing, not even those that are there when it
starts; and a crash leaves no core file. A daemon that everybody may read shows that they would."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

from rig.inside import file_inside, installed, main_inside
from rig.process import Process
from rig.user_session import UNIT, UserSession
from rig.waiting import eventually
from rig.world import build_directory

WAYS = ("mem", "maps", "environ", "root", "fd", "attach", "seize", "readv", "getfd")
NOTHING = [0] * len(WAYS)
STARTS = 100
ENOUGH = 10  # starts of the one that can be watched

WATCHER, READABLE = "watcher", "yadisk-tokend"

KILLED, DUMPED = "2", "3"
NO_CORES = "this machine makes no core files"


def numbers(text):
    return [int(word) for word in text.split()]


class SameUid(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = UserSession()
        cls.addClassCleanup(cls.session.close)
        cls.session.configure(OAuthURL="https://localhost:1", LoginURL="https://localhost:1",
                              DiskURL="https://localhost:1")
        cls.program = installed("libexec/yadisk-tokend")

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.session.drop_in()
        self.addCleanup(self.stop)

    def stop(self):
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)
        self.session.run("systemctl", "--user", "stop", UNIT)
        self.session.run("systemctl", "--user", "reset-failed", UNIT)

    def watch(self, *arguments):
        """What the watcher prints. The programs that it starts find no bus, and end."""
        done = self.session.run("env", "-C", self.directory, file_inside(WATCHER), *arguments,
                                DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return numbers(done.stdout)

    @staticmethod
    def sooner_or_later(fn):
        """On a busy machine the watcher may come too late for many."""
        return any(fn() for _ in range(STARTS // ENOUGH))

    def test_it_is_installed_so(self):
        status = os.stat(self.program)
        self.assertEqual((status.st_uid, status.st_mode & 0o7777), (0, 0o711))
        with self.assertRaises(PermissionError), open(self.program, "rb"):
            pass

    def test_nothing_is_seen_of_one_that_starts(self):
        readable = file_inside(READABLE)
        self.assertTrue(self.sooner_or_later(lambda: all(self.watch("start", readable, str(ENOUGH), *WAYS))))
        self.assertEqual(self.watch("start", self.program, str(STARTS), *WAYS), [STARTS] + NOTHING)

    def test_nothing_is_seen_of_one_that_serves(self):
        self.session.systemctl("start", UNIT)
        other = Process(["sleep", "infinity"])
        self.addCleanup(other.end)
        open_ways = [way for way in WAYS if self.watch("now", str(other.pid), way) == [1, 1]]
        self.assertIn("mem", open_ways)
        self.assertEqual(self.watch("now", str(self.session.pid), *WAYS), [1] + NOTHING)

    def test_a_readable_one_that_serves_is_safe_as_well(self):
        """As after an installation by somebody else than root: it makes itself so."""
        self.session.drop_in("ExecStart=", f"ExecStart={file_inside(READABLE)}")
        self.session.systemctl("start", UNIT)
        self.assertEqual(self.watch("now", str(self.session.pid), *WAYS), [1] + NOTHING)

    def watch_starts(self, count):
        """Of the unit; the watcher is there all the time."""
        watcher = Process([file_inside(WATCHER), "wait", READABLE, "mem", "maps", "environ"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(watcher.end)
        for _ in range(count):
            self.session.systemctl("restart", UNIT)
        return numbers(watcher.communicate()[0])

    def test_nothing_is_seen_of_one_that_the_manager_starts(self):
        limit = ["[Unit]", "StartLimitIntervalSec=0"]
        self.session.drop_in("ExecStart=", f"ExecStart={file_inside(READABLE)}", *limit)
        self.assertTrue(self.sooner_or_later(lambda: all(self.watch_starts(ENOUGH))))
        self.session.drop_in(*limit)
        seen, *opened = self.watch_starts(STARTS)
        self.assertGreaterEqual(seen, STARTS)
        self.assertEqual(opened, [0, 0, 0])

    # No core file, whatever core_pattern says

    def forget_cores(self):
        for name in os.listdir(self.directory):
            os.unlink(os.path.join(self.directory, name))

    def test_one_that_starts_leaves_no_core(self):
        if not self.watch("crash", file_inside(READABLE), str(ENOUGH))[1]:
            self.skipTest(NO_CORES)
        self.forget_cores()
        self.assertEqual(self.watch("crash", self.program, str(STARTS)), [STARTS, 0])
        self.assertEqual(os.listdir(self.directory), [])

    def end_by(self, number, *lines):
        """As the manager says that it ended. The unit no longer forbids the file."""
        self.session.drop_in("Restart=no", "LimitCORE=infinity", f"WorkingDirectory={self.directory}", *lines)
        self.session.systemctl("start", UNIT)
        os.kill(self.session.pid, number)
        eventually(lambda: self.session.show("ActiveState") == "failed", "its end")
        return self.session.show("ExecMainCode")

    def test_one_that_serves_leaves_no_core(self):
        for number in (signal.SIGSEGV, signal.SIGABRT):
            with self.subTest(number):
                if self.end_by(number, "Type=exec", "BusName=", "ExecStart=", "ExecStart=sleep infinity") != DUMPED:
                    self.skipTest(NO_CORES)
                self.forget_cores()
                self.assertEqual(self.end_by(number), KILLED)
                self.assertEqual(os.listdir(self.directory), [])


if __name__ == "__main__":
    main_inside(__file__, files=[os.path.join(build_directory(), path)
                                 for path in ("tests/end-to-end/" + WATCHER, "daemon/" + READABLE)])
