#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The token endpoint as it is installed: its socket is systemd's, which starts it when somebody asks."""

import os
import random
import re
import signal
import socket
import sys
import unittest

from rig import Simulator
from rig.bus import TOKENS
from rig.endpoint import Feeds, connect, exchange, read_answer, request, token_form
from rig.inside import BUS, main_inside
from rig.user_session import DBUS_DAEMON, UserSession
from rig.user_session import UNIT as DAEMON
from rig.waiting import eventually

SOCKET = "yadisk-token-feed.socket"
SERVICE = "yadisk-token-feed.service"
FAILED = "yadisk-token-feed-failed.service"

PORT_FILE = f".config/systemd/user/{SOCKET}.d/port.conf"


def free_port():
    """One that nobody has now, below those that the kernel gives to whoever connects."""
    while True:
        port = random.randint(20000, 32767)
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class FeedUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.session = UserSession(bus=os.environ.get(BUS, DBUS_DAEMON))
        cls.addClassCleanup(cls.session.close)
        cls.session.configure_for(cls.sim)
        home = cls.session.home
        cls.feeds = Feeds({"XDG_DATA_HOME": f"{home}/.local/share", "XDG_STATE_HOME": f"{home}/.local/state"})
        cls.account = cls.sign_in()
        cls.handle = cls.feeds.add(cls.account.id)

    @classmethod
    def sign_in(cls):
        sign_in = cls.session.client.sign_in(client_id=cls.sim.client_id, client_secret=cls.sim.client_secret)
        cls.sim.allow(sign_in.prompt()["user_code"])
        return sign_in.await_account()

    def setUp(self):
        self.addCleanup(self.stop)
        self.port = free_port()
        self.session.write(PORT_FILE, f"[Socket]\nListenStream=127.0.0.1:{self.port}\n")
        self.session.systemctl("daemon-reload")

    def stop(self):
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)
        for unit in (SOCKET, SERVICE, FAILED):
            self.session.run("systemctl", "--user", "stop", unit)
            self.session.run("systemctl", "--user", "reset-failed", unit)

    def listen(self):
        self.session.systemctl("start", SOCKET)

    def request(self):
        return request(self.port, token_form(self.handle))

    def assert_token(self, answer=None):
        answer = answer or exchange(self.port, self.request())
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["access_token"], self.sim.grants(alive=True)[-1]["access_token"])

    def state(self, unit=SERVICE):
        return self.session.show("ActiveState", unit)

    def pid(self):
        return int(self.session.show("MainPID", SERVICE))

    # Starting

    def test_the_units_are_well_made(self):
        paths = [self.session.show("FragmentPath", unit) for unit in (SOCKET, SERVICE, FAILED)]
        done = self.session.run("systemd-analyze", "--user", "verify", *paths)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_without_a_port_there_is_no_socket(self):
        os.unlink(os.path.join(self.session.home, PORT_FILE))
        self.session.systemctl("daemon-reload")
        done = self.session.run("systemctl", "--user", "start", SOCKET)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.session.show("LoadState", SOCKET), "bad-setting")

    def test_the_first_program_starts_it(self):
        self.listen()
        self.assertEqual(self.state(), "inactive")
        self.assert_token()
        self.assertEqual(self.state(), "active")

    def test_the_daemon_is_started_as_well(self):
        self.listen()
        self.session.systemctl("stop", DAEMON)
        self.assertEqual(self.session.client.owner_of(TOKENS), "")
        self.assert_token()
        self.assertNotEqual(self.session.client.owner_of(TOKENS), "")

    # Living

    def test_the_sandbox_lets_it_work(self):
        self.listen()
        self.assert_token()
        with open(f"/proc/{self.pid()}/status", encoding="ascii") as file:
            status = file.read()
        self.assertRegex(status, r"NoNewPrivs:\s*1")
        self.assertRegex(status, r"Seccomp:\s*2")
        with open(f"/proc/{self.pid()}/limits", encoding="ascii") as file:
            self.assertRegex(file.read(), r"Max core file size\s+0\s+0")
        self.assertIn("glibc.malloc.tcache_count=0", self.session.show("Environment", SERVICE))
        use = self.feeds.last_use(self.handle)
        self.assertEqual((use["PID"], use["Executable"]), (str(os.getpid()), os.readlink("/proc/self/exe")))

    def test_nobody_reads_its_memory(self):
        self.listen()
        self.assert_token()
        self.assertFalse(self.is_readable())

    def is_readable(self):
        try:
            with open(f"/proc/{self.pid()}/mem", "rb"):
                return True
        except PermissionError:
            return False

    def test_a_daemon_that_does_not_know_it_can_look(self):
        """Whom it cannot look at, it takes for a program in a sandbox."""
        self.listen()
        for _ in range(3):
            self.assert_token()
            self.assertFalse(self.is_readable())
            self.session.systemctl("stop", DAEMON)
            eventually(self.is_readable, "it can be looked at")
        self.assert_token()

    # Ending

    def test_restarted_while_programs_wait(self):
        """Nobody is turned away: systemd keeps the socket."""
        self.listen()
        self.assert_token()
        for _ in range(3):
            connections = [connect(self.port) for _ in range(20)]
            self.session.systemctl("restart", "--no-block", SERVICE)
            for connection in connections:
                connection.sendall(self.request())
            for connection in connections:
                with connection:
                    self.assert_token(read_answer(connection))
        self.assertEqual(self.state(SOCKET), "active")

    def test_killed(self):
        self.listen()
        self.assert_token()
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        self.assert_token()
        self.assertNotEqual(self.pid(), pid)

    def test_one_that_hangs(self):
        """With the times that the unit names, for which we wait long enough."""
        self.listen()
        self.assert_token()
        os.kill(self.pid(), signal.SIGSTOP)
        eventually(lambda: self.state() == "failed", "its end")
        self.assert_token()

    def test_stopped_with_its_socket(self):
        self.listen()
        self.assert_token()
        self.session.systemctl("stop", SOCKET)
        eventually(lambda: self.state() == "inactive", "the service to end")
        self.assertEqual(self.session.show("Result", SERVICE), "success")
        with self.assertRaises(ConnectionRefusedError):
            connect(self.port)

    # A socket that fails

    def failure(self):
        """What the journal says of it at a start."""
        eventually(lambda: self.state(FAILED) == "inactive", "the last reason to be told")
        del self.session.journal.entries[:]
        self.assertNotEqual(self.session.run("systemctl", "--user", "start", SOCKET).returncode, 0)
        return self.session.journal.await_entry(
            lambda entry: entry.get("SYSLOG_IDENTIFIER") == "yadisk-token-feed", "the reason").message

    def test_the_port_is_taken(self):
        with socket.socket() as thief:
            thief.bind(("127.0.0.1", self.port))
            thief.listen()
            for _ in range(2):
                told = self.failure()
                self.assertIn(f"The port {self.port} of 127.0.0.1 is taken by the process {os.getpid()} "
                              f"({os.readlink('/proc/self/exe')})", told)
                self.assertIn(f'"systemctl --user restart {SOCKET}"', told)
        self.session.systemctl("restart", SOCKET)
        self.assert_token()

    def test_on_all_addresses(self):
        with socket.socket(socket.AF_INET6) as thief:
            thief.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            thief.bind(("::", self.port))
            thief.listen()
            self.assertIn(f"is taken by the process {os.getpid()}", self.failure())

    def change_service(self, *lines):
        path = f".config/systemd/user/{SERVICE}.d/test.conf"
        self.session.write(path, "\n".join(("[Service]", *lines)) + "\n")
        self.addCleanup(self.session.systemctl, "daemon-reload")
        self.addCleanup(os.unlink, os.path.join(self.session.home, path))
        self.session.systemctl("daemon-reload")

    def test_the_kernel_does_not_tell_who_connects(self):
        """As if the module were missing that it needs for that."""
        self.change_service("RestrictAddressFamilies=", "RestrictAddressFamilies=AF_UNIX AF_INET")
        self.listen()
        del self.session.journal.entries[:]
        with connect(self.port):
            told = self.session.journal.await_entry(
                lambda entry: entry.get("SYSLOG_IDENTIFIER") == "yadisk-token-feed", "the reason").message
            eventually(lambda: self.state(SOCKET) == "failed", "the socket to fail")
        self.assertIn("tcp_diag", told)

    def test_a_service_that_dies_again_and_again(self):
        """It is not started for ever."""
        self.change_service("ExecStart=", "ExecStart=/bin/false")
        self.listen()
        with connect(self.port) as connection:
            eventually(lambda: self.state(SOCKET) == "failed", "the socket to fail")
            connection.close()
        told = self.session.journal.await_entry(
            lambda entry: f"The port {self.port} of 127.0.0.1 is free" in entry.message, "the reason").message
        self.assertIn("journalctl --user -u yadisk-token-feed", told)


if __name__ == "__main__":
    main_inside(__file__)
