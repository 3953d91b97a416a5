#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""When other programs of the same user may look into yadiskctl: not while it has a secret, but while a daemon that does
not know it has yet to see that it is in no sandbox."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import unittest

from rig import Simulator
from rig.bus import TOKENS
from rig.inside import main_inside
from rig.process import Process
from rig.terminal import Terminal
from rig.user_session import UNIT, UserSession
from rig.waiting import eventually

# Says that it runs, and is not moved by the end of a token.
STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", flush=True)
sys.stdin.read()
"""


def is_hidden(pid):
    try:
        os.readlink(f"/proc/{pid}/root")
    except PermissionError:
        return True
    return False


def is_readable(pid):
    """As whoever wants to know what is in there would try."""
    try:
        with open(f"/proc/{pid}/mem", "rb"):
            return True
    except PermissionError:
        return False


class HiddenMemory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.session = UserSession()
        cls.addClassCleanup(cls.session.close)
        cls.session.configure_for(cls.sim)
        request = cls.session.client.sign_in(client_id=cls.sim.client_id, client_secret=cls.sim.client_secret)
        cls.sim.allow(request.prompt()["user_code"])
        cls.account = request.await_account()

    def setUp(self):
        self.addCleanup(self.show_log)
        self.sim.trouble()

    def show_log(self):
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)

    def launch(self, *arguments, **streams):
        process = Process(["yadiskctl", *arguments], env=self.session.environment, cwd=self.session.home, **streams)
        self.addCleanup(process.end)
        return process

    def stop_daemon(self):
        """It answers nobody until it is told to go on."""
        daemon = self.session.pid
        os.kill(daemon, signal.SIGSTOP)
        self.addCleanup(os.kill, daemon, signal.SIGCONT)
        return daemon

    def await_hidden(self, pid):
        eventually(lambda: is_hidden(pid), "the memory is hidden")
        self.assertFalse(is_readable(pid))

    def await_shown(self, pid):
        eventually(lambda: is_readable(pid), "the memory is shown")

    def test_a_token_on_its_way_to_whoever_asked(self):
        reading, writing = os.pipe()
        size = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ)
        os.write(writing, b" " * size)
        process = self.launch("token", stdout=writing)
        os.close(writing)
        self.await_hidden(process.pid)
        with open(reading, encoding="ascii") as told:
            self.assertEqual(told.read().strip(), self.account.get_token().value)
        self.assertEqual(process.await_end(), 0)

    def test_a_daemon_that_has_not_answered_yet_can_look(self):
        daemon = self.stop_daemon()
        process = self.launch("token", stdout=subprocess.DEVNULL)
        eventually(lambda: self.session.client.names_of(process.pid), "it is on the bus")
        self.assertFalse(is_hidden(process.pid))
        os.kill(daemon, signal.SIGCONT)
        self.assertEqual(process.await_end(), 0)

    def test_a_secret_that_is_typed(self):
        """The daemon is another one when it gets it."""
        terminal = Terminal(["yadiskctl", "apps", "add", self.sim.client_id], self.session.environment,
                            self.session.home)
        self.addCleanup(terminal.close)
        terminal.await_text("Client secret:")
        terminal.await_hidden()
        self.await_hidden(terminal.process.pid)
        self.session.systemctl("restart", UNIT)
        daemon = self.stop_daemon()
        terminal.answer("Client secret:", self.sim.client_secret)
        self.await_shown(terminal.process.pid)
        os.kill(daemon, signal.SIGCONT)
        self.assertEqual(terminal.await_end(), 0, terminal.shown)

    def test_tokens_that_are_piped_in(self):
        """There is no daemon yet that knows the program."""
        app = self.sim.application()
        pair = self.sim.sign_in_elsewhere(app)
        secret = self.session.write("secret", app["client_secret"])
        process = self.launch("import", "json", "-", "--client-id", app["client_id"], "--client-secret-file", secret,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.await_hidden(process.pid)
        daemon = self.stop_daemon()
        with process.stdin as pipe:
            pipe.write(json.dumps({"refresh_token": pair["refresh_token"]}))
        self.await_shown(process.pid)
        os.kill(daemon, signal.SIGCONT)
        self.assertEqual(process.await_end(), 0)

    def test_while_the_disk_is_asked(self):
        self.sim.trouble("held@/v1/disk*1")
        process = self.launch("api", "GET", "/v1/disk", stdout=subprocess.DEVNULL)
        self.sim.wait("/v1/disk", trouble="held")
        self.await_hidden(process.pid)
        self.assertEqual(self.sim.let_go(), 1)
        self.assertEqual(process.await_end(), 0)

    def test_a_program_that_is_started_again(self):
        """Between two programs there is a token, and otherwise none."""
        process = self.launch("exec", "--restart", "--env", "TOKEN", "--", "/usr/bin/python3", "-c", STUBBORN,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "here\n")
        self.await_shown(process.pid)
        before = self.session.client.owner_of(TOKENS)
        self.session.systemctl("restart", UNIT)
        self.assertNotEqual(self.session.client.owner_of(TOKENS), before)
        self.account.refresh()
        self.await_hidden(process.pid)
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        self.assertEqual(process.stdout.readline(), "here\n")
        self.await_shown(process.pid)


if __name__ == "__main__":
    main_inside(__file__)
