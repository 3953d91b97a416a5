#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl status --check: says nothing, and exits as the worst of the accounts does."""

from rig import EndToEndTest, main
from rig.keyring import Prompter
from rig.waiting import await_until

DAY = 86400


class CheckTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def assert_check(self, status, *arguments, **environment):
        for command in ("status", "--check"), ("--json", "status", "--check"):
            result = self.ctl(*command, *arguments, **environment)
            self.assertEqual((result.status, result.out, result.err), (status, "", ""))

    def sign_in_as(self, login, **given):
        self.sim.add_user(login)
        return self.sign_in(login, app=self.sim.application(), label=login, **given)

    def end_sign_in(self, account):
        self.sim.kill_tokens(account.get("Login"))
        self.assert_refused("SignInNeeded", account.refresh)
        account.await_is("Saved", True)

    def refuse_application(self, account):
        self.sim.block_application(account.get("ClientId"))
        self.assert_refused("AppRefused", account.refresh)
        account.await_is("Saved", True)


class Check(CheckTest):
    def test_all_is_well(self):
        self.sign_in_as("anna")
        self.assert_check(0)
        self.assert_check(0, "anna")

    def test_the_worst_counts(self):
        anna, boris, clara = (self.sign_in_as(login) for login in ("anna", "boris", "clara"))
        self.renew_unsaved(anna)
        self.assert_check(5)
        self.keyring.unlock()
        anna.await_is("Saved", True)
        self.assert_check(0)
        self.end_sign_in(boris)
        self.assert_check(4)
        self.refuse_application(clara)
        self.assert_check(7)
        self.assert_check(4, "boris")
        self.assert_check(0, "anna")

    def test_what_passes_by_itself_does_not_count(self):
        account = self.sign_in()
        self.sim.trouble("reset-before@/token")
        self.assert_refused("Offline", account.refresh)
        self.assert_check(0)

    def test_no_account(self):
        self.assert_check(3)
        self.sign_in()
        self.assert_check(3, "nobody")

    def test_a_locked_keyring(self):
        self.sign_in()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assert_check(5)
        self.assert_check(5, "ivan")

    def test_nobody_is_asked_at_a_terminal(self):
        self.sign_in()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        prompter = Prompter(self.world.address)
        self.addCleanup(prompter.close)
        for name in [], ["ivan"]:
            terminal = self.world.ctl_at_terminal("status", "--check", *name)
            self.assertEqual((terminal.await_end(), terminal.shown), (5, ""))
        self.assertEqual(prompter.prompts, 0)

    def test_no_daemon(self):
        self.daemon.stop()
        self.assert_check(8)
        self.assert_check(8, outside=True)

    def test_a_mistake_is_told(self):
        self.assert_ctl_fails(2, "--help", "status", "--check", "one", "two")


class InTime(CheckTest):
    CLOCK = True

    def test_the_token_has_expired(self):
        anna, boris = self.sign_in_as("anna"), self.sign_in_as("boris")
        self.end_sign_in(boris)
        self.sim.trouble("503@/token")
        self.clock.set(366 * DAY)
        anna.await_is("State", "expired")
        self.assert_check(6, "anna")
        self.assert_check(4)

    def test_a_renewal_waits_for_the_keyring(self):
        """The token lives, and will not for ever."""
        account = self.sign_in()
        account.await_is("Saved", True)
        self.lock_keyring()
        self.assert_check(0)
        self.clock.set(91 * DAY)
        await_until(lambda: account.last_error == "KeyringLocked", "a renewal that waits")
        self.assertEqual(account.state, "active")
        self.assert_check(5)


class NoKeyring(CheckTest):
    KEYRING = False

    def test_no_service(self):
        self.assert_check(5)


if __name__ == "__main__":
    main()
