#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A keyring that is absent, locked, or goes away: never taken for being signed out, and never a prompt
that nobody asked for."""

from rig import EndToEndTest, main


class Absent(EndToEndTest):
    KEYRING = False

    def test_no_code_is_asked_for(self):
        self.assertEqual(self.client.property("KeyringState"), "absent")
        self.assert_refused("KeyringUnavailable", self.client.sign_in, client_id=self.client_id,
                            client_secret=self.client_secret)
        self.assert_refused("KeyringUnavailable", self.client.get_token)
        self.assert_refused("KeyringUnavailable", self.client.manager, "AddApplication", "(ss)",
                            self.client_id, self.client_secret)
        self.assert_ctl_fails(5, "gnome-keyring", *self.login_arguments())
        self.assert_ctl_fails(5, "gnome-keyring", "token")
        self.assertEqual(self.sim.requests(), [])

    def test_it_comes_later(self):
        self.keyring = self.world.start_keyring()
        self.client.await_property("KeyringState", "unlocked")
        self.assertEqual(self.sign_in().state, "active")
        self.assertEqual(len(self.keyring.ours()), 2)


class Locked(EndToEndTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.path = self.account.path
        self.daemon.stop()
        self.keyring.lock()
        self.prompter = self.world.new_prompter()
        self.sim.forget_requests()
        self.world.start_daemon()

    def test_counted_but_not_served_and_nobody_is_prompted(self):
        account, = self.client.accounts()
        self.assertEqual(account.path, self.path)
        self.assertEqual(account.state, "locked")
        self.assertEqual(account.last_error, "KeyringLocked")
        self.assertEqual(self.client.property("KeyringState"), "locked")
        with self.flying():
            self.assert_all_refused(account)
        self.assertIn("locked", self.ctl("status").out)
        self.assertEqual(self.prompter.prompts, 0)
        self.assertTrue(self.keyring.is_locked())
        self.assertEqual(self.sim.requests(), [])

    def assert_all_refused(self, account):
        self.assert_refused("KeyringLocked", account.get_token)
        self.assert_refused("KeyringLocked", self.client.get_token)
        self.assert_refused("KeyringLocked", account.refresh)
        self.assert_refused("KeyringLocked", self.client.sign_in, client_id=self.client_id,
                            client_secret=self.client_secret)
        self.assert_refused("KeyringLocked", account.sign_out)
        self.assert_ctl_fails(5, "keyring is locked", "token")
        self.assert_ctl_fails(5, "keyring is locked", "refresh")
        self.assert_ctl_fails(5, "keyring is locked", "logout")
        self.assert_ctl_fails(5, "keyring is locked", *self.login_arguments())

    def test_healed_by_unlocking(self):
        account, = self.client.accounts()
        self.keyring.unlock()
        account.await_told("State", "active")
        self.assertEqual(account.last_error, "")
        self.assertEqual(account.get_token(), self.token)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")
        self.assertEqual(self.sim.requests(), [])
        self.assertEqual(self.prompter.prompts, 0)

    def test_an_interactive_caller_is_prompted(self):
        terminal = self.world.ctl_at_terminal("token")
        self.prompter.await_prompt()
        with self.flying(longest=20):
            self.assertEqual(terminal.await_end(), 5)
        self.assertIn("keyring is locked", terminal.shown)
        self.assertEqual(self.prompter.prompts, 1)


class Troubles(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def test_locked_under_way(self):
        account = self.sign_in()
        prompter = self.world.new_prompter()
        self.renew_unsaved(account)
        self.assertEqual(account.last_error, "KeyringLocked")
        self.keyring.unlock()
        account.await_told("Saved", True)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        self.assertEqual(account.last_error, "")
        self.assertEqual(prompter.prompts, 0)

    def test_gone_while_renewing(self):
        account = self.sign_in()
        self.renew_unsaved(account, self.keyring.stop)
        self.assertEqual(account.last_error, "KeyringUnavailable")
        self.keyring = self.world.start_keyring()
        account.await_told("Saved", True)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])

    def test_restarted(self):
        account = self.sign_in()
        token = account.get_token()
        self.keyring.stop()
        self.assertEqual(account.get_token(), token)
        self.keyring = self.world.start_keyring()
        account.refresh()
        account.await_is("Saved", True)
        self.assertEqual(self.keyring.account()["grant"]["access_token"],
                         account.get_token().value)
        self.assertEqual(len(self.keyring.ours("account")), 1)

    def test_the_item_is_deleted_by_somebody(self):
        account = self.sign_in()
        token = account.get_token()
        item, = self.keyring.ours("account")
        self.keyring.delete(item)
        self.assertEqual(account.get_token(), token)
        account.refresh()
        self.assertEqual(self.keyring.account()["grant"]["access_token"],
                         account.get_token().value)

    def test_what_is_stored(self):
        self.sign_in(label="home")
        account, = self.keyring.ours("account")
        application, = self.keyring.ours("application")
        self.assertEqual(set(account.attributes), {"xdg:schema", "kind", "id", "client_id"})
        secrets = self.sim.secrets("access_token", "refresh_token", "client_secret")
        for item in (account, application):
            shown = str(item.attributes) + item.label
            self.assertFalse([secret for secret in secrets if secret in shown])
        self.assertEqual(application.document()["client_secret"], self.client_secret)
        self.account_is_renamed_in_place(account)

    def account_is_renamed_in_place(self, item):
        self.assertEqual(self.ctl("rename", "home", "work").status, 0)
        self.client.find_account("work").await_is("Saved", True)
        renamed, = self.keyring.ours("account")
        self.assertEqual(renamed.path, item.path)
        self.assertEqual(renamed.document()["label"], "work")


if __name__ == "__main__":
    main()
