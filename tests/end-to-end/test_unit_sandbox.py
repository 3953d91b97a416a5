#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each line of our units that is to forbid something does so in a real systemd of a user, alone, and without it the
thing goes otherwise. There is no line beside these, since a line that the manager passes over would only look well."""

import ctypes
import errno
import json
import os
import re
import signal
import sys
import unittest

from rig.inside import file_inside, main_inside
from rig.namespaces import can_unshare
from rig.user_session import UserSession
from rig.waiting import eventually
from rig.world import build_directory

PROGRAM = "forbidden"
LIBC = ctypes.CDLL(None, use_errno=True)

# Of the section [Service], what forbids nothing.
ORDINARY = {
    "Type", "ExecStart", "BusName", "Restart", "RestartSec", "RestartPreventExitStatus", "WatchdogSec", "WatchdogSignal",
    "TimeoutStartSec", "TimeoutStopSec", "RuntimeMaxSec", "Slice", "FileDescriptorStoreMax",
    "FileDescriptorStorePreserve", "Environment", "StandardOutput", "StandardError", "SyslogLevel", "LogLevelMax",
    "SystemCallErrorNumber"}

SYSTEM_CALLS = ("ptrace", "keyctl", "setresuid", "setpriority", "process_vm_readv", "pidfd_getfd", "io_uring_setup",
                "io_setup", "shmget", "mq_open", "userfaultfd", "kcmp", "fchown", "mount")

DAEMON, FEED, FEED_FAILED, READER = UNITS = (
    "yadisk-tokend.service", "yadisk-token-feed.service", "yadisk-token-feed-failed.service",
    "yadisk-token@.service")

# What must go on all the same.
NEEDS = {DAEMON: ("look_at_caller", "look_into_root_of_caller", "hold_caller"),
         FEED: ("look_at_caller", "hold_caller", "ask_whose_socket"),
         FEED_FAILED: ("look_at_caller", "ask_whose_socket"),
         READER: ()}

EXITED, KILLED, DUMPED = 1, 2, 3
FAILED_BEFORE = 200  # what the manager says from here on, or the program that knows no such thing
REFUSALS = {(EXITED, errno.EPERM), (EXITED, errno.EACCES), (EXITED, errno.EAFNOSUPPORT),
            (EXITED, errno.ENOKEY), (KILLED, signal.SIGSYS), (DUMPED, signal.SIGSYS)}

SYS_ADD_KEY, SYS_KEYCTL = (248, 250) if os.uname().machine == "x86_64" else (217, 219)
JOIN_SESSION_KEYRING, SESSION_KEYRING = 1, -3


def make_session_keyring():
    """What is started from now on finds a key of ours in it, if the machine has such keyrings. A user may have 200 keys,
    and other tests may use them."""
    eventually(lambda: LIBC.syscall(SYS_KEYCTL, JOIN_SESSION_KEYRING, None) >= 0 and LIBC.syscall(
        SYS_ADD_KEY, b"user", b"yadisk-canary", b"canary", ctypes.c_size_t(6), SESSION_KEYRING) >= 0
        or ctypes.get_errno() == errno.ENOSYS, "room for a key")


def things_of(key):
    return SYSTEM_CALLS if key == "SystemCallFilter" else (key,)


class UnitSandbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        make_session_keyring()
        cls.session = UserSession()
        cls.addClassCleanup(cls.session.close)
        cls.session.systemctl("set-environment", "SSLKEYLOGFILE=/dev/null")
        cls.lines = {unit: cls.read(unit) for unit in UNITS}
        attempts = [("none", thing) for thing in sorted(
            {thing for lines in cls.lines.values() for key in lines for thing in things_of(key)})]
        cls.write_probe("none", [])
        for unit, lines in cls.lines.items():
            cls.write_probe(cls.probe(unit), [line for key in lines for line in lines[key]])
            attempts += [(cls.probe(unit), need) for need in NEEDS[unit]]
            for key in lines:
                cls.write_probe(cls.probe(unit, key), lines[key])
                attempts += [(probe, thing) for thing in things_of(key)
                             for probe in (cls.probe(unit), cls.probe(unit, key))]
        cls.ends = cls.try_all(attempts)
        with open(cls.session.show("FragmentPath", DAEMON), encoding="utf-8") as file:
            cls.reasons = file.read()

    @classmethod
    def read(cls, unit):
        """What of it is to forbid something: lists of lines, by the key."""
        path = cls.session.show("FragmentPath", unit.replace("@", "@1"))
        with open(path, encoding="utf-8") as file:
            section = file.read().partition("[Service]\n")[2].partition("\n[")[0].splitlines()
        lines = {}
        for line in section:
            key = line.partition("=")[0]
            if line and not line.startswith("#") and key not in ORDINARY:
                lines.setdefault(key, []).append(line)
        if "SystemCallFilter" in lines:
            lines["SystemCallFilter"].append("SystemCallErrorNumber=EPERM")
        return lines

    @staticmethod
    def probe(unit, key="all"):
        return f"probe-{unit.partition('.')[0].replace('@', '')}-{key}"

    @classmethod
    def write_probe(cls, name, lines):
        cls.session.write(f".config/systemd/user/{name}@.service", "\n".join(
            ["[Service]", "Type=oneshot", "RemainAfterExit=yes", "WorkingDirectory=%h",
             f"ExecStart={file_inside(PROGRAM)} %i", *lines, ""]))

    @classmethod
    def try_all(cls, attempts):
        """How the program ended that tried the thing in the unit, by both."""
        units = [f"{probe}@{thing}.service" for probe, thing in attempts]
        cls.session.systemctl("daemon-reload")
        cls.session.run("systemctl", "--user", "start", *units)
        shown = cls.session.systemctl("show", "--property", "ExecMainCode,ExecMainStatus", *units)
        ends = [dict(line.split("=") for line in block.splitlines()) for block in shown.split("\n\n")]
        return {attempt: (int(end["ExecMainCode"]), int(end["ExecMainStatus"]))
                for attempt, end in zip(attempts, ends, strict=True)}

    def assert_tried(self, probe, thing):
        code, status = self.ends[probe, thing]
        self.assertGreater(code, 0, "the manager has not started it")
        self.assertLess(status, FAILED_BEFORE, "it does not come to try it")
        return code, status

    def assert_forbidden(self, probe, thing):
        """What the machine has not cannot be forbidden."""
        free = self.assert_tried("none", thing)
        if free == (EXITED, errno.ENOSYS) or (thing == "SystemCallArchitectures" and free != (EXITED, 0)):
            return
        end = self.assert_tried(probe, thing)
        self.assertIn(end, REFUSALS)
        self.assertNotEqual(end, free)

    def assert_each_line_forbids(self, unit):
        for key in self.lines[unit]:
            for thing in things_of(key):
                with self.subTest(key, thing=thing):
                    if thing == "RestrictNamespaces" and not can_unshare("--user"):
                        self.skipTest("needs a user namespace")
                    self.assert_forbidden(self.probe(unit, key), thing)
                    self.assert_forbidden(self.probe(unit), thing)

    def assert_can_do_its_work(self, unit):
        for need in NEEDS[unit]:
            with self.subTest(need):
                self.assertEqual(self.assert_tried(self.probe(unit), need), (EXITED, 0))

    def assert_open_for_a_reason(self, unit):
        """Each line that would close more is named in the unit of the daemon."""
        unit = unit.replace("@", "@1")
        found = json.loads(self.session.run(
            "systemd-analyze", "--user", "security", "--json=short", unit).stdout)
        still_open = {key for line in found if line["exposure"] and float(line["exposure"]) > 0
                      for key in re.findall(r"(\w+)=", line["name"])}
        self.assertGreater(len(still_open), 10)
        self.assertEqual({key for key in still_open if f"{key}=" not in self.reasons}, set())

    def test_what_stays_open(self):
        for unit in UNITS:
            with self.subTest(unit):
                self.assert_open_for_a_reason(unit)

    def test_the_daemon(self):
        self.assertGreater(len(self.lines[DAEMON]), 10)
        self.assert_each_line_forbids(DAEMON)
        self.assert_can_do_its_work(DAEMON)

    def test_the_endpoint(self):
        self.assertEqual(set(self.lines[FEED]) - set(self.lines[DAEMON]), {"RestrictSUIDSGID"})
        self.assertEqual(set(self.lines[DAEMON]) - set(self.lines[FEED]), {"UnsetEnvironment"})
        self.assert_each_line_forbids(FEED)
        self.assert_can_do_its_work(FEED)

    def test_what_explains_the_endpoint(self):
        self.assert_each_line_forbids(FEED_FAILED)
        self.assert_can_do_its_work(FEED_FAILED)

    def test_the_reader(self):
        self.assertEqual(set(self.lines[FEED]) - set(self.lines[READER]), {"KeyringMode", "SystemCallFilter"})
        self.assert_each_line_forbids(READER)

    def test_what_the_manager_passes_over_is_seen(self):
        """In version 252 this line has no effect, and in no version this one."""
        self.write_probe("void", ["IPAddressDeny=any"])
        self.ends |= self.try_all([("void", "RestrictNamespaces")])
        with self.assertRaises(AssertionError):
            self.assert_forbidden("void", "RestrictNamespaces")


if __name__ == "__main__":
    main_inside(__file__, files=[os.path.join(build_directory(), "tests/end-to-end", PROGRAM)])
