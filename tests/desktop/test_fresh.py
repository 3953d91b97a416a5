#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A gnome-keyring that has no keyring yet, and no display on which to make one: a server, a container, somebody
who has just been given an account. Nothing hangs, and the command that is named helps."""

import os
import re
import signal

from rig.keyring import PASSWORD
from rig.process import children, command_line
from rig.terminal import Terminal
from session_case import KEYRING_LOCKED, KEYRING_SERVICES, SIGNED_OUT, SessionTest, run

CLIENT_SECRET = "client-secret"
COMMAND = r'"([^"]*gnome-keyring-daemon --[^"]*)"'


class Fresh(SessionTest):
    # gnome-keyring may ask for a password where it can, which is nowhere.
    SERVICES = (*KEYRING_SERVICES, "org.gnome.keyring.SystemPrompter", "org.gnome.keyring.PrivatePrompter")

    def setUp(self):
        super().setUp()
        self.session.write(CLIENT_SECRET, self.app["client_secret"] + "\n")
        self.login = ("login", "--no-browser", "--client-id", self.app["client_id"],
                      "--client-secret-file", CLIENT_SECRET)
        self.begin()

    def begin(self):
        self.session.log_in()
        self.session.await_started()

    def advice(self, sentence):
        """The command that it names, or that doctor names where it sends us there."""
        found = re.search(COMMAND, sentence)
        if not found:
            self.assertIn('"yadiskctl doctor"', sentence)
        return found[1] if found else self.doctor()

    def doctor(self):
        done = self.ctl("doctor")
        self.assertEqual(done.returncode, KEYRING_LOCKED, done)
        self.assertRegex(done.stdout, COMMAND)
        self.assertNotIn("Seahorse", done.stdout)
        return re.search(COMMAND, done.stdout)[1]

    def follow(self, command):
        """In a shell at a terminal, where it takes the password from."""
        before = children()
        shell = Terminal(["bash", "--norc", "-i"], self.session.environment | {"PS1": "$ "},
                         self.session.home)
        self.addCleanup(shell.close)
        shell.type(f"{command}; echo status=$?\n")
        if "ask-password" in command:
            shell.await_text(r"\nKeyring:")
        shell.type(PASSWORD + "\n")
        shell.await_text(r"\nstatus=0")
        shell.type("exit\n")
        self.assertEqual(shell.await_end(), 0, shell.shown)
        for pid in children() - before:
            if "gnome-keyring-daemon" in command_line(pid):
                self.addCleanup(os.waitpid, pid, 0)  # nobody's child but ours
                self.addCleanup(os.kill, pid, signal.SIGTERM)

    def assert_says_so(self, *arguments):
        return self.advice(self.assert_fails(KEYRING_LOCKED, "no keyring", *arguments))

    def sign_in_with_yadiskctl(self):
        login = Terminal(["yadiskctl", *self.login], self.session.environment, self.session.home)
        self.addCleanup(login.close)
        self.sim.allow(login.await_text(r"enter this code:\s+(\w+)")[1])
        self.assertEqual(login.await_end(), 0, login.shown)

    def test_every_verb_says_so(self):
        for arguments in (("token",), ("refresh",), ("status",), self.login):
            with self.subTest(arguments):
                self.assert_says_so(*arguments)

    def test_doctor_says_so(self):
        self.doctor()

    def test_at_a_terminal(self):
        """Where it may ask, gnome-keyring finds no way to do so."""
        login = Terminal(["yadiskctl", *self.login], self.session.environment, self.session.home)
        self.addCleanup(login.close)
        self.assertEqual(login.await_end(), KEYRING_LOCKED, login.shown)
        self.advice(login.shown)

    def test_the_command_that_it_names_helps(self):
        self.follow(self.assert_says_so(*self.login))
        self.sign_in_with_yadiskctl()
        self.assert_token(self.live_grant()["access_token"])

    def test_another_command_says_that_it_has_helped(self):
        self.follow(self.assert_says_so("token"))
        self.assert_fails(SIGNED_OUT, "yadiskctl (setup|login)", "token")


if __name__ == "__main__":
    run(__file__)
