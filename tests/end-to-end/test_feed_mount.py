#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A Disk that rclone has mounted for days: tokens are renewed, the daemon dies, the endpoint is restarted, the
keyring is locked. What is written comes to the Disk, byte for byte."""

import os
import signal

from recipes import recipe
from rig.bus import TOKENS
from rig.fed import FEED_SERVICE, REMOTE, FedTest, main_fed
from rig.user_session import UNIT
from rig.waiting import eventually

UPLOAD = "/v1/disk/resources/upload"
RENEWALS = 5
PATIENCE = 20  # seconds; rclone itself may try for more than a minute before it lets a read fail
MOUNT = "rclone-disk.service"


class Mount(FedTest):
    def setUp(self):
        super().setUp()
        self.session.write(f".config/systemd/user/{MOUNT}", recipe("rclone", "[Unit]"))
        environment = self.world() | {"RCLONE_VFS_WRITE_BACK": "1s"}
        self.session.write(f".config/systemd/user/{MOUNT}.d/test.conf", "\n".join(
            # Each test starts it, some of them twice.
            ["[Unit]", "StartLimitIntervalSec=0",
             "[Service]", "ExecSearchPath=" + self.session.environment["PATH"], "RestartSec=1"]
            + [f"Environment={name}={value}" for name, value in environment.items()]) + "\n")
        self.session.systemctl("daemon-reload")
        self.type(*recipe("rclone", MOUNT).split())
        self.addCleanup(self.session.run, "systemctl", "--user", "disable", "--now", MOUNT)
        self.written = []

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
        return self.session.run("timeout", str(PATIENCE), "cmp", self.at(name), source).returncode == 0

    def assert_heals(self, name, source):
        eventually(lambda: self.can_read(name, source), "the mount to heal", seconds=120)

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
            self.assert_heals("there", source)
        self.assert_all_on_disk()

    def test_the_daemon_killed(self):
        source = self.put("before-the-kill")
        self.write("a")
        before = self.session.client.owner_of(TOKENS)
        os.kill(self.session.pid, signal.SIGKILL)
        self.write("b")
        self.session.await_another_daemon(before)
        self.assert_heals("before-the-kill", source)
        self.assert_all_on_disk()

    def test_the_endpoint_restarted(self):
        source = self.put("before-the-restart")
        for count in range(3):
            self.write(f"at-restart-{count}")
            self.session.systemctl("restart", FEED_SERVICE)
            self.assert_reads("before-the-restart", source)
        self.assert_all_on_disk()

    def test_the_keyring_locked(self):
        """No token is to be had until the user unlocks it; what was to be sent waits."""
        self.addCleanup(self.session.keyring.unlock)
        self.sim.knobs(refresh_after_expiry=True)
        source = self.put("before-the-lock")
        self.sim.trouble("503@" + UPLOAD)
        self.write("unsent-before-the-lock")
        self.session.keyring.lock()
        self.session.systemctl("restart", UNIT)
        eventually(lambda: not self.can_read("before-the-lock", source), "rclone's token to be over")
        self.assertNotIn("disk:/unsent-before-the-lock", self.sim.disk())
        self.sim.trouble()
        self.session.keyring.unlock()
        self.assert_heals("before-the-lock", source)
        self.assert_all_on_disk()

    def test_started_before_the_keyring_is_open(self):
        """As at a login by itself."""
        source = self.put("before-the-login")
        self.session.systemctl("stop", MOUNT)
        self.addCleanup(self.session.keyring.unlock)
        self.sim.knobs(refresh_after_expiry=True)
        self.session.keyring.lock()
        self.session.systemctl("restart", UNIT)
        eventually(lambda: self.session.run("rclone", "--retries", "1", "lsf", f"{REMOTE}:",
                                            **self.world()).returncode != 0, "rclone's token to be over")
        self.session.systemctl("start", "--no-block", MOUNT)
        self.assertFalse(self.can_read("before-the-login", source))
        self.session.keyring.unlock()
        self.assert_heals("before-the-login", source)

    def test_rclone_killed(self):
        """What it was to send is sent by the next one."""
        self.sim.trouble("503@" + UPLOAD)
        self.write("unsent-when-killed")
        os.kill(int(self.session.show("MainPID", MOUNT)), signal.SIGKILL)
        self.sim.trouble()
        self.assert_all_on_disk()
        self.assert_heals(*self.written[0])

    def test_stopped_with_work_to_do(self):
        """What was not sent when the mount ended is sent when it is there again."""
        self.write("unsent")
        self.session.systemctl("stop", MOUNT)
        self.session.systemctl("start", MOUNT)
        self.assert_all_on_disk()


if __name__ == "__main__":
    main_fed(__file__, programs=("fusermount3",), files=("/dev/fuse",))
