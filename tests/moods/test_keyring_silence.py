#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The keyring service is there and does not answer: SIGSTOP, and later SIGCONT."""

import os
import signal

from rig.unsaved import renew_unsaved
from mood import HOUR, MINUTE, MoodTest, await_until, main


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
        renewal = account.begin_refresh()
        self.assert_served(account, "active", "", token)
        self.assertEqual(self.refreshes(), [])
        self.speak()
        renewal.result()
        self.assertEqual(account.generation, token.generation + 1)
        self.await_saved(account)

    def test_silent_while_yandex_is_asked(self):
        account = self.sign_in()
        fresh = self.in_time(self.renew_unsaved, account, self.silence)
        self.assert_served(account, "active", "KeyringFailed", fresh)
        self.speak()
        self.await_saved(account)
        self.assertEqual(account.get_token(), fresh)

    def test_silent_for_ever(self):
        """Until the calls have been given up, and been made again in vain."""
        account = self.sign_in()
        fresh = self.in_time(self.renew_unsaved, account, self.silence)
        for _ in range(2):
            attempts = self.daemon.log().count("has not taken")
            self.eventually(lambda n=attempts: self.has_given_up(n), "the write to be given up")
            self.assertFalse(account.get("Saved"))
            self.assert_served(account, "active", "KeyringFailed", fresh)
            self.clock.pass_by(MINUTE)
        self.assert_waits_for_the_keyring(account, fresh)
        self.speak()
        self.clock.pass_by(HOUR)
        self.await_saved(account)
        self.client.await_property("KeyringState", "unlocked")

    def has_given_up(self, attempts):
        """Looked at ten times a second, each of which is one of the daemon's."""
        self.clock.wait(1)
        return self.daemon.log().count("has not taken") > attempts

    def assert_waits_for_the_keyring(self, account, token):
        """Whoever wants a new token does, and in vain; Yandex is not asked, and nobody else is held up."""
        asked = len(self.refreshes())
        renewal, forced = account.begin_refresh(), self.client.begin_get_token(force=True)
        account.await_is("Refreshing", True)
        self.assert_served(account, "active", "KeyringFailed", token)
        self.in_time(self.assert_refused, "KeyringFailed", renewal.result)
        self.assert_refused("KeyringFailed", forced.result)
        # By when whatever was begun before it is over, too.
        self.assertEqual(self.client.manager("Diagnose", "(a{sv})", {})[0]["keyring"], "silent")
        self.assertEqual(len(self.refreshes()), asked)

    def test_a_refresh_token_refused_meanwhile(self):
        """A death is not believed before the keyring has been asked."""
        account = self.sign_in()
        token = account.get_token()
        self.sim.kill_tokens(client_id=self.client_id)
        self.in_time(self.assert_refused, "KeyringFailed", renew_unsaved, self.sim, account,
                     self.silence)
        self.assertEqual([request["status"] for request in self.refreshes()], [400])
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
        self.in_time(self.assert_both_refused)
        self.in_time(self.assert_ctl_fails, 5, "keyring", "token")
        self.in_time(self.assert_refused, "KeyringFailed", self.client.sign_in,
                     client_id=self.client_id, client_secret=self.client_secret)
        self.assertEqual(self.sim.requests(path="/device/code"), [])
        self.assertEqual(self.client.manager("Diagnose", "(a{sv})", {})[0]["keyring"], "silent")

        self.speak()
        await_until(self.client.accounts, "the account")
        self.assert_served(account, "active", "", token)
        await_until(lambda: self.client.property("KeyringState") == "unlocked", "an open keyring")

    def assert_both_refused(self):
        """The second, who comes while the daemon looks for the first, hears the same."""
        first = self.client.begin_get_token()
        self.client.ping()
        second = self.client.begin_get_token()
        for call in (first, second):
            self.assert_refused("KeyringFailed", call.result)


if __name__ == "__main__":
    main()
