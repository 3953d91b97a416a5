#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The keyring service is there and does not answer: SIGSTOP, and later SIGCONT."""

import os
import signal

from mood import MINUTE, MoodTest, await_until, main


class SilenceTest(MoodTest):
    CLOCK = True

    def silence(self):
        os.kill(self.keyring.process.pid, signal.SIGSTOP)
        self.addCleanup(self.speak)

    def speak(self):
        if self.keyring.process.poll() is None:
            os.kill(self.keyring.process.pid, signal.SIGCONT)


class Silence(SilenceTest):
    def test_silent_for_a_while(self):
        """Shorter than the deadline of a call: what was asked is answered late."""
        account = self.sign_in()
        token = account.get_token()
        self.silence()
        self.assert_served(account, "active", "", token)
        self.in_time(account.refresh)
        fresh = account.get_token()
        self.assertEqual(fresh.generation, token.generation + 1)
        self.assertFalse(account.get("Saved"))
        self.assert_served(account, "active", "KeyringFailed", fresh)
        self.speak()
        self.await_saved(account)

    def test_silent_for_ever(self):
        """Until the calls have been given up, and been made again in vain."""
        account = self.sign_in()
        self.silence()
        self.in_time(account.refresh)
        for _ in range(2):
            attempts = self.daemon.log().count("has not taken")
            self.eventually(lambda n=attempts: self.daemon.log().count("has not taken") > n,
                            "the write to be given up")
            self.assertFalse(account.get("Saved"))
            self.assert_served(account, "active", "KeyringFailed", account.get_token())
            self.clock.pass_by(MINUTE)
        self.clock.pass_by(MINUTE)
        self.in_time(account.refresh)
        self.speak()
        self.clock.pass_by(MINUTE)
        self.await_saved(account)

    def test_a_refresh_token_refused_meanwhile(self):
        """A death is not believed before the keyring has been asked."""
        account = self.sign_in()
        token = account.get_token()
        self.silence()
        self.sim.kill_tokens(client_id=self.client_id)
        self.in_time(self.assert_refused, "KeyringFailed", account.refresh)
        self.assert_served(account, "active", "KeyringFailed", token)
        self.speak()
        self.clock.pass_by(MINUTE)
        account.await_told("State", "sign-in-needed")
        self.assert_denied(account, "sign-in-needed", "SignInNeeded", "SignInNeeded", 4)


class SilentAtStart(SilenceTest):
    def test_silent_at_start(self):
        account = self.sign_in()
        token = account.get_token()
        self.restart_without(self.silence)
        self.assertEqual(self.client.property("KeyringState"), "absent")
        self.in_time(self.assert_refused, "KeyringFailed", self.client.get_token)
        self.in_time(self.assert_ctl_fails, 5, "keyring", "token")
        self.in_time(self.assert_refused, "KeyringFailed", self.client.sign_in,
                     client_id=self.client_id, client_secret=self.client_secret)
        self.assertEqual(self.sim.requests(path="/device/code")[1:], [])

        self.speak()
        await_until(self.client.accounts, "the account")
        self.assert_served(account, "active", "", token)
        await_until(lambda: self.client.property("KeyringState") == "unlocked", "an open keyring")


if __name__ == "__main__":
    main()
