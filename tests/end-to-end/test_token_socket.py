#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadisk-token.socket as it is installed and enabled: each connection gets one token, whatever reads it."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import unittest

from rig import Simulator
from rig.bus import TOKENS
from rig.inside import BUS, installed, main_inside
from rig.namespaces import needs_user_namespace
from rig.process import Process
from rig.user_session import DBUS_DAEMON, UNIT, UserSession
from rig.waiting import DEADLINE, eventually

SOCKET, TEMPLATE = "yadisk-token.socket", "yadisk-token@.service"
CROWD = 300

# What there is of a program in a container, and it reads again each time it is told to.
CONTAINED = """
import socket, sys
for _ in sys.stdin:
    with socket.socket(socket.AF_UNIX) as token:
        token.connect("/run/yadisk-tokend/token")
        print(token.makefile().read().strip(), flush=True)
"""


def example(name):
    """The lines of the example in yadisk-tokend(8) that this is in, as it is installed."""
    with open(installed("share/man/man8/yadisk-tokend.8"), encoding="utf-8") as file:
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", file.read(), re.MULTILINE | re.DOTALL)
    block, = (block for block in blocks if name in block)
    return block.splitlines()


class TokenSocketTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.session = UserSession(bus=os.environ.get(BUS, DBUS_DAEMON), services=())  # no keyring but ours
        cls.addClassCleanup(cls.session.empty_home)
        cls.addClassCleanup(cls.session.close)
        cls.session.configure_for(cls.sim)
        cls.path = os.path.join(cls.session.runtime, "yadisk-tokend", "token")
        cls.session.systemctl("enable", "--now", SOCKET)
        cls.sign_in()

    @classmethod
    def sign_in(cls, login=None, **given):
        request = cls.session.client.sign_in(client_id=cls.sim.client_id,
                                             client_secret=cls.sim.client_secret, **given)
        cls.sim.allow(request.prompt()["user_code"], login)
        account = request.await_account()
        account.await_is("Saved", True)
        return account

    def setUp(self):
        self.addCleanup(self.clean_up)

    def clean_up(self):
        log = self.session.log()
        if any(test is self for test, _ in self._outcome.result.errors +
               self._outcome.result.failures):
            print(log, file=sys.stderr)
        self.session.keyring.unlock()
        self.session.run("systemctl", "--user", "unmask", UNIT)
        self.session.run("systemctl", "--user", "reset-failed", UNIT)
        for grant in self.sim.grants():
            self.assertNotIn(grant["access_token"], log)

    def renew(self):
        """Restarted, the daemon does not return the result of an attempt of just now."""
        self.session.systemctl("restart", UNIT)
        self.assertEqual(self.session.run("yadiskctl", "refresh").returncode, 0)

    def was_loaded(self):
        return os.path.exists(os.path.join(self.session.home, "loaded"))

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.settimeout(DEADLINE)
        connection.connect(self.path)
        return connection

    @staticmethod
    def read(connection):
        with connection, connection.makefile(encoding="ascii") as lines:
            return lines.read()

    def token(self):
        return self.read(self.connect())

    def live(self):
        """What "yadiskctl token" prints."""
        return self.sim.grants(alive=True)[-1]["access_token"] + "\n"

    def unit_property(self, name):
        return self.session.show(name, SOCKET)

    def instances(self):
        return self.session.systemctl("list-units", "--all", "--plain", "--no-legend", "yadisk-token@*")

    def assert_still_serves(self):
        """And nothing is left of those who were served."""
        self.assertEqual(self.token(), self.live())
        eventually(lambda: not self.instances(), "the instances to be gone")
        self.assertEqual(self.unit_property("ActiveState"), "active")
        self.assertEqual(self.unit_property("NConnections"), "0")

    def assert_nothing(self, pattern):
        """The reader gets the end of the file, and the journal has the reason."""
        before = len(self.session.journal.entries)
        self.assertEqual(self.token(), "")
        entry = self.session.journal.await_entry(
            lambda entry: entry in self.session.journal.entries[before:]
            and entry.get("SYSLOG_IDENTIFIER") == "yadiskctl", "the reason")
        self.assertRegex(entry.message, pattern)
        self.assertEqual(entry.priority, 3)
        eventually(lambda: not self.instances(), "the instance to be gone")

    def change_service(self, *lines):
        self.session.write(f".config/systemd/user/{TEMPLATE}.d/test.conf",
                           "\n".join(["[Service]", *lines]) + "\n")
        self.session.systemctl("daemon-reload")

    def restore_service(self):
        os.unlink(os.path.join(self.session.home, f".config/systemd/user/{TEMPLATE}.d/test.conf"))
        self.session.systemctl("daemon-reload")


class Reading(TokenSocketTest):
    def test_the_units_are_well_made(self):
        """By systemd of Debian 12 and of later ones; what they say of other units is not ours."""
        done = self.session.run("systemd-analyze", "--user", "verify", SOCKET,
                                "yadisk-token@1.service")
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("yadisk-token.", done.stderr)
        self.assertNotIn("yadisk-token@", done.stderr)

    def test_it_is_what_yadiskctl_prints(self):
        self.assertEqual(self.token(), self.session.run("yadiskctl", "token").stdout)
        self.assertEqual(self.token(), self.live())

    def test_after_a_renewal_it_is_the_new_one(self):
        before = self.token()
        self.renew()
        self.assertEqual(self.token(), self.live())
        self.assertNotEqual(self.token(), before)

    def test_nobody_else_gets_there(self):
        """The folder holds nothing else, as it is what is mounted into a container."""
        directory = os.path.dirname(self.path)
        self.assertEqual(os.listdir(directory), ["token"])
        self.assertEqual(stat.S_IMODE(os.stat(directory).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.session.systemctl("stop", SOCKET)
        self.addCleanup(self.session.systemctl, "start", SOCKET)
        self.assertEqual(os.listdir(directory), [])

    def test_the_sandbox_is_there(self):
        self.change_service("ExecStart=", "ExecStart=cat /proc/self/status /proc/self/limits")
        self.addCleanup(self.restore_service)
        status = self.token()
        self.assertRegex(status, r"NoNewPrivs:\s*1")
        self.assertRegex(status, r"Seccomp:\s*2")
        self.assertRegex(status, r"Max core file size\s+0\s+0")

    def test_a_crowd(self):
        """All are connected before the first one reads. By default systemd takes so many for a loop."""
        waiting = [self.connect() for _ in range(CROWD)]
        tokens = [self.read(connection) for connection in waiting]
        self.assertEqual(tokens, CROWD * [self.live()])
        self.assert_still_serves()

    def test_bad_readers(self):
        """They leave at once, never read, never leave, or say something."""
        for _ in range(8):
            self.connect().close()
            self.connect()
            self.connect().sendall(b"GET / HTTP/1.1\r\n\r\n")
        self.assert_still_serves()

    def test_another_account(self):
        self.sim.add_user("maria")
        work = self.sign_in("maria", label="work")
        self.addCleanup(work.sign_out)
        self.assertNotEqual(self.token(), work.get_token().value + "\n")
        service, *lines = example("yadiskctl token work")
        self.assertEqual(service, "[Service]")
        self.change_service(*lines)
        self.addCleanup(self.restore_service)
        self.assertEqual(self.token(), work.get_token().value + "\n")

    @unittest.skipUnless(shutil.which("bwrap"), "needs bwrap")
    @needs_user_namespace
    def test_a_container(self):
        """Of the session it has the folder and nothing else. A restart makes another socket in the same folder."""
        sandbox = Process(
            ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr",
             "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
             "--ro-bind", os.path.dirname(self.path), "/run/yadisk-tokend",
             "/usr/bin/python3", "-c", CONTAINED],
            env=self.session.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(sandbox.end)

        def read():
            sandbox.stdin.write("\n")
            sandbox.stdin.flush()
            return sandbox.stdout.readline()

        self.assertEqual(read(), self.live())
        self.session.systemctl("restart", SOCKET)
        self.renew()
        self.assertEqual(read(), self.live())


class Trouble(TokenSocketTest):
    def test_the_keyring_is_locked(self):
        self.session.keyring.lock()
        self.session.systemctl("restart", UNIT)
        self.assert_nothing("The keyring is locked")
        self.session.keyring.unlock()
        self.assert_still_serves()

    def test_signed_out(self):
        self.addCleanup(self.sign_in)
        self.assertEqual(self.session.run("yadiskctl", "logout").returncode, 0)
        self.assert_nothing("Nobody is signed in")

    def test_the_daemon_is_masked(self):
        self.session.systemctl("mask", "--now", UNIT)
        self.assert_nothing("is masked")

    def test_the_program_is_not_there(self):
        self.change_service("ExecStart=", "ExecStart=/nonexistent token")
        self.assertEqual(self.token(), "")
        self.restore_service()
        self.assert_still_serves()

    def test_the_daemon_does_not_run(self):
        self.session.systemctl("stop", UNIT)
        self.assertEqual(self.token(), self.live())
        self.assertEqual(self.session.show("ActiveState"), "active")

    def test_the_daemon_is_killed(self):
        """Those who come while it is not there get theirs as well."""
        before = self.session.client.owner_of(TOKENS)
        os.kill(self.session.pid, signal.SIGKILL)
        waiting = [self.connect() for _ in range(20)]
        self.assertEqual([self.read(connection) for connection in waiting], 20 * [self.live()])
        self.session.await_another_daemon(before)


class Credential(TokenSocketTest):
    """A service of the user that has the token in a file, and nothing to do with D-Bus."""

    def setUp(self):
        super().setUp()
        text = "\n".join(["[Unit]", "StartLimitBurst=50", *example("LoadCredential"), ""])
        program = self.session.write("my-backup", "#!/bin/sh\ninstall $2 loaded\n")
        os.chmod(program, 0o755)
        self.session.write(".config/systemd/user/sync.service", text.replace("my-backup", program).replace(
            "RestartSec=1min", "RestartSec=1s").replace("[Service]", "[Service]\nType=oneshot"))
        self.session.systemctl("daemon-reload")
        self.addCleanup(self.session.run, "systemctl", "--user", "stop", "sync.service")
        self.addCleanup(self.forget_loaded)

    def forget_loaded(self):
        if self.was_loaded():
            os.unlink(os.path.join(self.session.home, "loaded"))

    def loaded(self):
        with open(os.path.join(self.session.home, "loaded"), encoding="ascii") as file:
            return file.read()

    def test_it_is_loaded(self):
        self.session.systemctl("start", "sync.service")
        self.assertEqual(self.loaded(), self.session.run("yadiskctl", "token").stdout)
        self.renew()
        self.session.systemctl("start", "sync.service")
        self.assertEqual(self.loaded(), self.live())

    def test_without_a_token_it_is_tried_again(self):
        self.session.keyring.lock()
        self.session.systemctl("restart", UNIT)
        with self.assertRaises(AssertionError):
            self.session.systemctl("start", "sync.service")
        eventually(lambda: int(self.session.show("NRestarts", "sync.service")) > 0, "another attempt")
        self.assertFalse(self.was_loaded())
        self.session.keyring.unlock()
        eventually(self.was_loaded, "the token")
        self.assertEqual(self.loaded(), self.live())


class Session(TokenSocketTest):
    def test_the_end_of_the_session(self):
        """Whoever still waits then gets nothing, or the last thing that the daemon says, and holds nothing up."""
        os.kill(self.session.pid, signal.SIGSTOP)
        waiting = self.connect()
        eventually(self.instances, "it to be served")
        self.session.begin_log_out()
        self.assertIn(self.read(waiting), ("", self.live()))
        self.assertTrue(self.session.end_log_out())
        self.session.log_in()

    def test_it_is_there_before_services(self):
        """What is enabled needs no order."""
        self.session.write(".config/systemd/user/sync.service", """[Service]
Type=oneshot
LoadCredential=yandex-token:%t/yadisk-tokend/token
ExecStart=touch %h/loaded
[Install]
WantedBy=default.target
""")
        self.session.systemctl("enable", "sync.service")
        self.addCleanup(self.session.systemctl, "disable", "sync.service")
        self.session.log_out()
        self.session.log_in()
        self.session.await_started()
        self.assertTrue(self.was_loaded())


if __name__ == "__main__":
    main_inside(__file__)
