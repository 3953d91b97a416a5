#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Yandex refuses the application, not the user: tokens are kept, used while they live, and tried again
every day, since bans have been lifted."""

from mood import DAY, HOUR, MINUTE, MoodTest, main

REFUSED = "application refused"


class RefusedApplication(MoodTest):
    CLOCK = True
    KNOBS = {"refresh_mode": "B", "token_life": 10 * DAY}

    def setUp(self):
        super().setUp()
        self.desktop = self.world.new_desktop()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.held = self.keyring.account()["grant"]

    def assert_app_refused(self):
        start = self.now()
        self.assert_refresh_fails(self.account, "AppRefused", 7)
        self.assert_served(self.account, "app-refused", "AppRefused", self.token)
        self.assert_next_within(self.account, start, 20 * HOUR, DAY)
        self.assertEqual(self.keyring.account()["grant"], self.held)
        self.desktop.await_shown(REFUSED)

    def assert_healed(self):
        self.await_generation(self.account, self.token.generation + 1)
        self.await_saved(self.account)
        self.desktop.await_closed(REFUSED)
        self.assertEqual(len(self.desktop.said), 1)

    def block(self):
        self.sim.block_application(self.client_id)

    def change_secret(self):
        self.sim.application(client_id=self.client_id, client_secret="n" * 32)
        self.app = self.app | {"client_secret": "n" * 32}

    def test_blocked_and_tried_again_every_day(self):
        self.block()
        self.assert_app_refused()
        for _ in range(2):
            due = self.account.get("NextRefreshAt")
            self.sim.forget_requests()
            self.clock.pass_by(19 * HOUR)
            self.assert_nothing_asked()
            self.clock.pass_until(due)
            self.sim.wait("/token", grant_type="refresh_token")
            self.eventually(lambda n=due: self.account.get("NextRefreshAt") not in (0, n),
                            "the next attempt to be planned")
            self.assert_next_within(self.account, due, 20 * HOUR, DAY)
            self.assert_served(self.account, "app-refused", "AppRefused", self.token)
        self.sim.unblock_application(self.client_id)
        self.clock.pass_by(DAY)
        self.assert_healed()

    def test_blocked_across_a_restart(self):
        self.block()
        self.assert_app_refused()
        self.eventually(lambda: self.keyring.account().get("verdict") == "app-refused", "the verdict")
        self.restart_daemon()
        self.sim.forget_requests()
        self.assert_served(self.account, "app-refused", "AppRefused", self.token)
        self.assert_nothing_asked()

    def test_awaiting_moderation(self):
        self.sim.application(client_id=self.client_id, status="moderation")
        self.assert_app_refused()
        self.sim.unblock_application(self.client_id)
        self.clock.pass_by(DAY)
        self.assert_healed()

    def test_unblocked_and_asked_for_by_hand(self):
        self.block()
        self.assert_app_refused()
        self.sim.unblock_application(self.client_id)
        self.clock.pass_by(MINUTE)
        self.account.refresh()
        self.assert_healed()

    def test_healed_by_add_application(self):
        self.change_secret()
        self.assert_app_refused()
        self.client.manager("AddApplication", "(ss)", self.client_id, self.client_secret)
        self.assert_healed()

    def test_healed_by_signing_in_with_the_right_secret(self):
        self.change_secret()
        self.assert_app_refused()
        self.assertEqual(self.sign_in().path, self.account.path)
        self.account.await_is("State", "active")
        self.assert_served(self.account, "active", "", self.account.get_token())
        self.desktop.await_closed(REFUSED)

    def test_not_healed_by_another_wrong_secret(self):
        self.change_secret()
        self.assert_app_refused()
        self.sim.forget_requests()
        self.client.manager("AddApplication", "(ss)", self.client_id, "w" * 32)
        self.sim.wait("/token", grant_type="refresh_token")
        self.eventually(lambda: not self.account.get("Refreshing"), "the end of the attempt")
        self.assert_served(self.account, "app-refused", "AppRefused", self.token)

    def test_refused_until_the_token_is_over(self):
        self.block()
        self.assert_app_refused()
        self.clock.pass_until(self.token.expires_at)
        self.assert_denied(self.account, "app-refused", "AppRefused", "AppRefused", 7)


if __name__ == "__main__":
    main()
