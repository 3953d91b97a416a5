#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of yadisk-tokend-server, typed from top to bottom as it stands there: from nothing to a backup that is
made while nobody is logged in, on a machine that was powered off and started since."""

import os
import re
import time

from machine_case import MachineTest
from rig.case import shared_simulator
from rig.machine import USER, main_on_machine
from rig.setup import ACCESS, CLIENT_ID, CLIENT_SECRET, SIGN_IN
from rig.tree import SOURCE
from rig.tunnel import Tunnel
from rig.waiting import eventually

PAGE = os.path.join(SOURCE, "man", "yadisk-tokend-server.8")
BLOCK = re.compile(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$", re.MULTILINE)
STAMP = f"/home/{USER}/.local/share/systemd/timers/stamp-backup.timer"
RCLONE = f"/home/{USER}/.config/rclone/rclone.conf"
DAY = 24 * 3600
LETTER = "Dear diary"


def blocks():
    """The commands of each; the first that fails ends it."""
    with open(PAGE, encoding="utf-8") as file:
        return ["set -e\n" + block for block in BLOCK.findall(file.read())]


class Nightly(MachineTest):
    def setUp(self):
        super().setUp()
        self.sim = shared_simulator()
        self.sim.knobs(refresh_mode="B")
        self.tunnel = Tunnel(self.sim.addresses["disk"])
        self.addCleanup(self.tunnel.end)
        self.lead_to_simulator()

    def lead_to_simulator(self):
        """Also the programs that have addresses of their own."""
        self.machine.copy(self.sim.addresses["ca"], "/etc/simulator.pem")
        names = {"OAuthURL": "oauth", "LoginURL": "login", "DiskURL": "disk"}
        lines = [f"{key}={self.sim.addresses[name]}" for key, name in names.items()]
        self.machine.write("/etc/xdg/yadisk-tokend/yadisk-tokend.conf",
                           "\n".join(["[Yandex]", *lines, "CAFile=/etc/simulator.pem", ""]))
        variables = self.tunnel.environment | {
            "NO_PROXY": "localhost,127.0.0.1", "RCLONE_NO_CHECK_CERTIFICATE": "true"}
        self.machine.write("/etc/environment",
                           "".join(f"{name}={value}\n" for name, value in variables.items()))

    def sign_in(self, terminal):
        """Answers yadiskctl setup."""
        terminal.answer(ACCESS, "")
        terminal.answer(CLIENT_ID, self.sim.client_id)
        terminal.answer(CLIENT_SECRET, self.sim.client_secret)
        terminal.answer(SIGN_IN, "")
        self.sim.allow(terminal.await_text(r"enter this code:\s+(\w+)")[1])

    def pass_night(self):
        """The machine is off at three in the morning, and the token that rclone has is dead. No clock is moved:
        what keeps a time is as it would be a day later."""
        self.user("yadiskctl refresh")
        self.machine.power_off()
        os.utime(self.machine.path(STAMP), (time.time() - DAY,) * 2)
        kept = self.machine.read(RCLONE)
        self.machine.write(RCLONE, re.sub(r'"expiry":"[^"]*"', '"expiry":"2000-01-01T00:00:00Z"', kept))
        self.machine.boot()

    def await_backup(self):
        def has_ended():
            return self.manager("show", "--property=ExecMainExitTimestamp", "--value", "backup.service")
        eventually(has_ended, "the backup")
        self.assertEqual(self.manager("show", "--property=Result", "--value", "backup.service"), "success")

    def test_from_nothing_to_a_backup(self):
        by_root, by_user, backup, next_day = blocks()
        self.user(f"echo {LETTER} >letter")
        self.root(by_root)
        terminal = self.machine.at_terminal(by_user, USER)
        self.addCleanup(terminal.close)
        self.sign_in(terminal)
        self.assertEqual(terminal.await_end(), 0, terminal.shown)
        self.user(backup)

        self.pass_night()
        self.await_backup()
        self.assert_nobody_is_there()
        shown = self.user(next_day + "restic restore latest --target restored; "
                          f"cat restored/home/{USER}/letter")
        self.assertRegex(shown, r"(?m)^1 snapshots$")
        self.assertRegex(shown, rf"(?m)^{LETTER}$")


if __name__ == "__main__":
    main_on_machine(__file__, ("restic", "rclone"))
