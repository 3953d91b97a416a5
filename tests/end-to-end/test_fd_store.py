#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the service manager keeps for the daemon can be read by every program of the user, also while the keyring is
locked. So there is nothing, but for as long as an answer of Yandex is awaited or a write waits."""

import os
import signal
import sys
import unittest
from contextlib import suppress

from rig import Simulator
from rig.bus import TOKENS, BusError
from rig.inside import BUS, main_inside
from rig.unsaved import renew_unsaved
from rig.user_session import DBUS_DAEMON, UNIT, UserSession
from rig.waiting import eventually

MEMORY_FILE = "/memfd:yadisk-"
KINDS = ("access_token", "refresh_token", "client_secret", "device_code")


class FdStore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.session = UserSession(bus=os.environ.get(BUS, DBUS_DAEMON))
        cls.addClassCleanup(cls.session.close)
        cls.client, cls.keyring = cls.session.client, cls.session.keyring
        cls.session.configure_for(cls.sim)

    def setUp(self):
        self.session.drop_in()
        self.sim.trouble()
        self.addCleanup(self.stop)
        self.session.systemctl("start", UNIT)
        self.assert_empty()

    def stop(self):
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)
        self.sim.let_go()
        self.keyring.unlock()
        self.session.run("systemctl", "--user", "stop", UNIT)
        for item in self.keyring.ours():
            self.keyring.delete(item)

    def exposed(self):
        """What any program reads, by no other means than the files of /proc."""
        directory = f"/proc/{self.session.manager_pid}/fd"
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            with suppress(FileNotFoundError):  # which the manager has closed meanwhile
                if os.readlink(path).startswith(MEMORY_FILE):
                    with open(path, "rb") as file:
                        yield file.read()

    def found(self):
        """The kinds of secrets that are among that."""
        whole = b"".join(self.exposed())
        return {kind for kind in KINDS for secret in self.sim.secrets(kind) if secret.encode() in whole}

    def stored(self):
        return int(self.session.show("NFileDescriptorStore"))

    def assert_empty(self):
        """As soon as the manager has read that."""
        eventually(lambda: self.stored() == 0, "an empty store")
        self.assertEqual(list(self.exposed()), [])

    def begin_sign_in(self):
        request = self.client.sign_in(client_id=self.sim.client_id, client_secret=self.sim.client_secret)
        request.code = request.prompt()["user_code"]
        return request

    def sign_in(self):
        request = self.begin_sign_in()
        self.sim.allow(request.code)
        account = request.await_account()
        account.await_is("Saved", True)
        return account

    # At rest

    def test_at_rest(self):
        account = self.sign_in()
        self.assert_empty()
        account.get_token()
        self.client.get_token_fd()
        self.assert_empty()
        self.keyring.lock()
        account.get_token()
        self.assert_empty()
        self.session.systemctl("restart", UNIT)
        self.assert_empty()

    def test_after_a_renewal(self):
        account = self.sign_in()
        account.refresh()
        account.await_is("Saved", True)
        self.assert_empty()

    def test_after_a_renewal_that_failed(self):
        account = self.sign_in()
        self.sim.kill_tokens()
        with self.assertRaises(BusError):
            account.refresh()
        self.assert_empty()

    def test_after_a_sign_out(self):
        self.sign_in().sign_out()
        self.assert_empty()

    def test_after_a_sign_in_that_was_given_up(self):
        request = self.begin_sign_in()
        eventually(self.stored, "an answer to be awaited")
        request.cancel()
        self.assert_empty()

    # While there is something to lose

    def test_while_a_renewal_is_answered(self):
        """The memory for the answer, in which there is nothing yet."""
        account = self.sign_in()
        self.sim.trouble({"kind": "held", "path": "/token", "grant_type": "refresh_token", "count": 1})
        renewal = account.begin_refresh()
        self.sim.wait("/token", grant_type="refresh_token", trouble="held")
        eventually(lambda: self.stored() == 1, "the memory for the answer")
        self.assertEqual(self.found(), set())
        self.sim.let_go()
        renewal.result()
        account.await_is("Saved", True)
        self.assert_empty()

    def test_while_the_user_is_awaited(self):
        """Which begins only with an unlocked keyring, where the secret of the application is as well."""
        request = self.begin_sign_in()
        eventually(lambda: self.stored() == 2, "the sign-in, and the memory for the answer")
        self.assertEqual(self.found(), {"client_secret"})
        self.sim.allow(request.code)
        request.await_account().await_is("Saved", True)
        self.assert_empty()

    def test_while_a_write_waits(self):
        account = self.sign_in()
        renew_unsaved(self.sim, account, self.keyring.lock)
        eventually(lambda: self.stored() == 1, "the grant")
        self.assertLessEqual({"access_token", "refresh_token"}, self.found())
        self.keyring.unlock()
        account.await_is("Saved", True)
        self.assert_empty()

    def test_after_a_crash(self):
        account = self.sign_in()
        renew_unsaved(self.sim, account, self.keyring.lock)
        before = self.client.owner_of(TOKENS)
        os.kill(self.session.pid, signal.SIGKILL)
        self.session.await_another_daemon(before)
        self.assertEqual(self.stored(), 1)
        self.keyring.unlock()
        account.await_is("Saved", True)
        self.assert_empty()


if __name__ == "__main__":
    main_inside(__file__)
