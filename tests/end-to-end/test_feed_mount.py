#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A Disk that rclone has mounted for days: tokens are renewed, the daemon dies, the endpoint is restarted, the
keyring is locked. What is written comes to the Disk, byte for byte."""

import os
import signal
import subprocess

from rig.bus import TOKENS
from rig.fed import FEED_SERVICE, REMOTE, FedTest, main_fed
from rig.user_session import UNIT
from rig.waiting import eventually

RENEWALS = 5
MOUNT = "rclone-disk.service"
MOUNT_UNIT = f"""[Unit]
Description=Yandex Disk at ~/Disk

[Service]
Type=notify
ExecStartPre=mkdir -p %h/Disk
ExecStart=rclone mount {REMOTE}: %h/Disk --vfs-cache-mode writes
Restart=on-failure

[Install]
WantedBy=default.target
"""


class Mount(FedTest):
    def setUp(self):
        super().setUp()
        self.session.write(f".config/systemd/user/{MOUNT}", MOUNT_UNIT)
        self.session.write(f".config/systemd/user/{MOUNT}.d/test.conf", "\n".join(
            ["[Service]", "ExecStart=", f"ExecStart={self.rclone()} mount {REMOTE}: %h/Disk "
             "--vfs-cache-mode writes --vfs-write-back 1s -v",
             f"StandardError=append:{self.session.home}/mount.log"]
            + [f"Environment={name}={value}" for name, value in self.world().items()]) + "\n")
        self.session.systemctl("daemon-reload")
        self.session.systemctl("start", MOUNT)
        self.addCleanup(self.session.systemctl, "stop", MOUNT)
        self.written = []

    def rclone(self):
        return self.session.run("sh", "-c", "command -v rclone").stdout.strip()

    def show_log(self):
        super().show_log()

    def at(self, name):
        return os.path.join(self.session.home, "Disk", name)

    def write(self, name):
        source = self.make_file("source/" + name)
        self.type("cp", source, self.at(name))
        self.written.append((name, source))

    def put(self, name):
        """By somebody else."""
        source = self.make_file("elsewhere/" + name)
        self.type("rclone", "copyto", source, f"{REMOTE}:{name}")
        return source

    def assert_reads(self, name, source):
        self.assertEqual(self.type("cmp", self.at(name), source), "")

    def can_read(self, name, source):
        return self.session.run("cmp", self.at(name), source).returncode == 0

    def assert_all_on_disk(self):
        for name, source in self.written:
            self.assert_on_disk(name, source, seconds=120)

    def test_through_renewals(self):
        """No read and no write fails, and each token has served."""
        files = [self.put(f"there-{count}") for count in range(RENEWALS)]
        for count, source in enumerate(files):
            self.await_renewal()
            self.assert_reads(f"there-{count}", source)
            self.write(f"new-{count}")
        self.assert_all_on_disk()
        self.assertEqual(self.rejected(), [])
        self.assertGreaterEqual(len(self.tokens_used()), RENEWALS)

    def test_renewed_out_of_turn(self):
        """What rclone holds is dead before it expects it: it heals by itself, and what it was to write waits."""
        source = self.put("there")
        for count in range(RENEWALS):
            self.write(f"out-of-turn-{count}")
            self.renew()
            eventually(lambda: self.can_read("there", source), "the mount to heal")
        self.assert_all_on_disk()

    def test_the_daemon_killed(self):
        source = self.put("before-the-kill")
        self.write("a")
        before = self.session.client.owner_of(TOKENS)
        os.kill(self.session.pid, signal.SIGKILL)
        self.write("b")
        self.session.await_another_daemon(before)
        eventually(lambda: self.can_read("before-the-kill", source), "the mount to heal")
        self.assert_all_on_disk()

    def test_the_endpoint_restarted(self):
        source = self.put("before-the-restart")
        for count in range(3):
            self.write(f"at-restart-{count}")
            self.session.systemctl("restart", FEED_SERVICE)
            self.assert_reads("before-the-restart", source)
        self.assert_all_on_disk()

    def test_the_keyring_locked(self):
        """No token is to be had, until the user unlocks it."""
        source = self.put("before-the-lock")
        self.session.keyring.lock()
        self.session.systemctl("restart", UNIT)
        self.await_renewal_due()
        self.write("while-locked")
        self.assertFalse(self.can_read("before-the-lock", source))
        self.session.keyring.unlock()
        eventually(lambda: self.can_read("before-the-lock", source), "the mount to heal")
        self.assert_all_on_disk()

    def test_stopped_with_work_to_do(self):
        """What was not sent when the mount ended is sent when it is there again."""
        self.write("unsent")
        self.session.systemctl("stop", MOUNT)
        self.session.systemctl("start", MOUNT)
        self.assert_all_on_disk()


if __name__ == "__main__":
    main_fed(__file__, programs=("fusermount3",))
