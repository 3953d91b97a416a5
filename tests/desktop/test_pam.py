#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""PAM itself opens the keyring at login, as display managers have it do: it starts the user's manager, which
starts our unit, and only then has gnome-keyring unlocked."""

import os
import select
import subprocess

from rig.keyring import PASSWORD
from rig.process import Process
from rig.user_session import KEYRING_UNIT, OURS
from rig.waiting import eventually
from session_case import KEYRING_LOCKED, SessionTest, run

LOGIN = "/run/pam/pamtester"  # as root, as user-session has made it
SERVICE = USER = "yadisk-test"


class PamTest(SessionTest):
    def log_in_by_pam(self, password=PASSWORD, before_unlocking=lambda: None):
        """What is to be done before the keyring is unlocked finds the manager started."""
        wanted, started = (os.path.join(self.session.home, name)
                           for name in ("manager-wanted", "manager-started"))
        for path in (wanted, started):
            os.mkfifo(path)
        login = Process([LOGIN, SERVICE, USER, "authenticate", "open_session"], text=True,
                        env={"PATH": os.environ["PATH"]}, stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(login.end)
        login.stdin.write(password + "\n")
        login.stdin.flush()

        self.await_line(wanted, login)
        self.log_in(await_started=False)
        before_unlocking()
        with open(started, "w", encoding="ascii") as file:
            file.write("\n")
        self.assertEqual(login.await_end(), 0, login.stdout.read())
        for path in (wanted, started):
            os.unlink(path)

    def await_line(self, fifo, login):
        """Where the login fails before that, so does the test."""
        with open(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), encoding="ascii") as file:
            readable, _, _ = select.select([file, login.pidfd], [], [])
            self.assertIn(file, readable, login.stdout)


class Login(PamTest):
    def setUp(self):
        super().setUp()
        self.token = self.have_signed_in()

    def test_a_token_is_there_right_afterwards(self):
        self.log_in_by_pam(before_unlocking=self.await_locked)
        daemon = self.session.pid
        self.assert_token(self.token)
        self.assertEqual(self.session.pid, daemon)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")
        self.assert_nobody_was_asked()

    def test_asked_between_the_start_and_the_unlocking(self):
        def ask():
            self.await_locked()
            self.assert_fails(KEYRING_LOCKED, "keyring is locked", "token")

        self.log_in_by_pam(before_unlocking=ask)
        self.assert_token(self.token)
        self.assert_nobody_was_asked()

    def test_every_login(self):
        for _ in range(3):
            self.log_in_by_pam()
            self.assert_token(self.token)
            self.assertEqual(self.ctl("refresh").returncode, 0)
            self.token = self.live_grant()["access_token"]
            self.assert_nobody_was_asked()
            self.log_out()


class FirstLogin(PamTest):
    """Of all. PAM makes the keyring, but gnome-keyring 42 does not show on the bus one that it is told of in this
    way, before it is started again: there is a default collection, and nothing behind its name."""

    def test_the_next_login_has_it(self):
        self.log_in_by_pam(before_unlocking=self.session_started)
        self.assert_fails(KEYRING_LOCKED, "no keyring", "token")
        self.assert_nobody_was_asked()
        self.log_out()
        self.log_in_by_pam()
        self.sign_in()
        self.assert_token(self.live_grant()["access_token"])
        self.assert_nobody_was_asked()

    def test_a_restart_of_it_is_enough(self):
        self.log_in_by_pam(before_unlocking=self.session_started)
        self.session.systemctl("restart", KEYRING_UNIT)
        self.unlock_through_control()
        self.sign_in()
        self.assert_token(self.live_grant()["access_token"])

    def session_started(self):
        self.session.await_started()


class OtherPassword(PamTest):
    """The keyring has kept a password that the user has changed elsewhere: it stays locked, as PAM says."""

    def test_it_stays_locked(self):
        self.have_signed_in(password="a former one")
        self.log_in_by_pam()
        eventually(lambda: "only just now" not in self.ctl("token").stderr, "the keyring to have started")
        self.assert_fails(KEYRING_LOCKED, "keyring is locked", "token")
        self.assert_nobody_was_asked()


class WithoutUnits(PamTest):
    """Where nothing but the bus starts gnome-keyring, at the call of our daemon, before PAM finds it."""
    ENABLED = (OURS,)

    def test_a_token_is_there_right_afterwards(self):
        token = self.have_signed_in()
        self.log_in_by_pam(before_unlocking=self.await_locked)
        self.assert_token(token)
        self.assert_nobody_was_asked()


if __name__ == "__main__":
    run(__file__, "pamtester")
