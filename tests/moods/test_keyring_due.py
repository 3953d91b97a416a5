#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A token's day of renewal comes while the keyring is locked. What Yandex gives must be kept, so nothing is
asked of it until there is somewhere to keep it, or until so little of the life is left that a renewal which
may get lost is better than a death."""

import json

from mood import DAY, HOUR, MoodTest, await_until, main, write

AGE = 74 * DAY
BEFORE_THE_END = 30 * DAY


class Due(MoodTest):
    """A token of a year that was obtained some time ago, and Yandex ends the old refresh token when it gives a
    new one."""
    CLOCK = True
    KNOBS = {"refresh_mode": "B", "old_refresh_token": "dies"}

    def setUp(self):
        super().setUp()
        self.prompter = self.world.new_prompter()
        self.account = self.sign_in()
        self.restart_without(self.make_old)
        self.token = self.account.get_token()
        self.due = self.account.get("NextRefreshAt")
        self.end = self.account.get("ExpiresAt")
        self.sim.forget_requests()
        self.lock()

    def make_old(self):
        """So that what is left of the year ends before the certificates of the simulator."""
        item, = self.keyring.ours("account")
        document = item.document()
        document["grant"]["obtained_at"] -= AGE
        document["grant"]["expires_at"] -= AGE
        write(self.keyring, item, json.dumps(document))

    def lock(self):
        self.keyring.lock()
        self.await_keyring("locked")

    def unlock(self):
        self.keyring.unlock()
        self.await_keyring("unlocked")

    def await_keyring(self, state):
        await_until(lambda: self.client.property("KeyringState") == state, f"the keyring to be {state}")

    def settle(self):
        """Until a round trip to Yandex is over that began after all of this, and needs no keyring."""
        self.client.manager("Diagnose", "(a{sv})", {})

    def assert_asked(self, times):
        self.settle()
        self.assertEqual(len(self.refreshes()), times)

    def assert_renewed_once(self):
        self.account.await_told("Generation", self.token.generation + 1)
        self.account.await_is("State", "active")
        self.assert_asked(1)

    def test_nothing_is_asked_before_it_is_unlocked(self):
        self.clock.pass_until(self.due)
        self.assert_asked(0)
        self.assert_served(self.account, "active", self.account.last_error, self.token)
        for days in range(1, 200, 20):
            self.clock.pass_until(self.due + days * DAY)
        self.assert_asked(0)
        self.assertTrue(self.account.get("Saved"))

        self.unlock()
        self.assert_renewed_once()
        self.await_saved(self.account)
        self.assertEqual(self.prompter.prompts, 0)

    def test_unlocked_without_a_word(self):
        """The next call finds that it is."""
        self.clock.pass_until(self.due)
        self.assert_asked(0)
        self.keyring.stop()
        self.keyring = self.world.start_keyring()
        self.account.get_token()
        self.assert_renewed_once()
        self.await_saved(self.account)

    def test_by_hand(self):
        self.clock.pass_until(self.due)
        for _ in range(2):
            self.assert_refresh_fails(self.account, "KeyringLocked", 5)
            self.assert_refused("KeyringLocked", self.account.get_token, force=True)
            self.assert_ctl_fails(5, "keyring", "token", "--force")
        self.assert_asked(0)
        self.assertEqual(self.account.get_token(), self.token)
        self.assertTrue(self.account.get("Saved"))
        self.unlock()
        self.assert_renewed_once()

    def test_started_locked(self):
        self.restart_without(lambda: self.clock.turn(20 * DAY))
        self.await_keyring("locked")
        self.assert_asked(0)
        self.unlock()
        self.account.await_is("Generation", self.token.generation + 1)
        self.assert_asked(1)
        self.await_saved(self.account)

    def test_by_hand_before_its_day(self):
        self.assert_refresh_fails(self.account, "KeyringLocked", 5)
        self.assert_asked(0)
        self.unlock()
        self.assert_renewed_once()

    def test_the_last_tenth(self):
        self.clock.pass_until(self.end - BEFORE_THE_END - HOUR)
        self.assert_asked(0)
        self.clock.pass_until(self.end - BEFORE_THE_END + DAY)
        self.assert_renewed_once()
        self.assertFalse(self.account.get("Saved"))
        fresh = self.account.get_token()
        self.assertEqual(fresh.value, self.live_grant()["access_token"])

        self.unlock()
        self.await_saved(self.account)
        self.assert_asked(1)
        self.assertEqual(self.account.get_token(), fresh)

    def test_by_hand_in_the_last_tenth(self):
        """Its renewal fails until somebody asks: Yandex may be away, too."""
        self.sim.trouble("502@/token")
        self.clock.pass_until(self.end - BEFORE_THE_END + DAY)
        self.await_error(self.account, "ServerTrouble")
        self.sim.trouble()
        self.clock.pass_by(11)
        self.account.refresh()
        self.assertFalse(self.account.get("Saved"))
        self.unlock()
        self.await_saved(self.account)


if __name__ == "__main__":
    main()
