#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The user is asked to unlock the keyring by callers who allow it, and by nobody and nothing else."""

from mood import HOUR, MINUTE, MoodTest, await_until, main


class Prompts(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.sim.knobs(token_life=HOUR)
        self.prompter = self.world.new_prompter()
        self.monitor = self.world.new_monitor()
        self.account = self.sign_in()
        self.draw_an_early_token()
        self.token = self.account.get_token()

    def draw_an_early_token(self):
        """One that falls due before it is so near to its end that the keyring is not waited for."""
        while self.account.get("NextRefreshAt") > self.account.get("ExpiresAt") - 8 * MINUTE:
            self.clock.pass_by(11)
            self.account.refresh()

    def lock_before_a_start(self):
        self.restart_without(self.keyring.lock)

    def assert_no_prompt(self):
        """Neither shown nor dismissed: gnome-keyring may abort when one is dismissed while the user has
        another one before him."""
        self.assertEqual(self.prompter.prompts, 0)
        self.monitor.catch_up(self.client, *self.daemon.names())
        self.assertEqual(self.monitor.calls(interface="org.freedesktop.Secret.Prompt"), [])

    def test_no_prompt_without_the_interactive_flag(self):
        self.lock_before_a_start()
        self.assert_denied(self.account, "locked", "KeyringLocked", "KeyringLocked", 5)
        for member, arguments in (("SetLabel", ("(s)", "Anna")), ("SignOut", ("(a{sv})", {})),
                                  ("Refresh", ())):
            self.in_time(self.assert_refused, "KeyringLocked", self.account.call, member, *arguments)
        self.in_time(self.assert_refused, "KeyringLocked", self.client.sign_in,
                     client_id=self.client_id, client_secret=self.client_secret)
        self.in_time(self.assert_refused, "KeyringLocked", self.client.get_token_fd)
        for verb in ("status", "list", "token", "refresh", "logout"):
            self.in_time(self.ctl, verb)
        self.assert_no_prompt()

    def test_no_prompt_from_the_background(self):
        """Neither for a refresh that falls due, nor for a write, however often."""
        self.keyring.lock()
        await_until(lambda: self.client.property("KeyringState") == "locked", "a locked keyring")
        self.clock.pass_until(self.account.get("ExpiresAt") - 7 * MINUTE)
        self.in_time(self.assert_refused, "KeyringLocked", self.account.call, "Refresh")
        self.await_error(self.account, "KeyringLocked")
        self.clock.pass_by(3 * MINUTE)
        self.account.await_told("Generation", self.token.generation + 1)
        self.account.await_told("Saved", False)
        self.assertEqual(self.account.last_error, "KeyringLocked")
        for _ in range(3):
            self.account.call("ReportRefused", "(u)", self.account.generation)
            self.clock.pass_by(10 * MINUTE)
        self.keyring.unlock()
        self.await_saved(self.account)
        self.assert_no_prompt()

    def test_a_prompt_with_the_interactive_flag(self):
        """And one only; the user dismisses it."""
        self.lock_before_a_start()
        asked = self.begin_interactively("GetToken", "(sa{sv})", "", {})
        self.prompter.await_prompt()
        self.assert_refused("KeyringLocked", asked.result)
        self.assertEqual(self.prompter.prompts, 1)
        self.keyring.unlock()
        self.account.await_is("State", "active")
        self.assert_served(self.account, "active", "", self.token)

    def test_a_prompt_at_a_terminal(self):
        self.lock_before_a_start()
        terminal = self.world.ctl_at_terminal("token")
        self.prompter.await_prompt()
        self.eventually(lambda: terminal.process.poll() is not None, "the end of yadiskctl")
        terminal.await_text("The keyring is locked")
        self.assertEqual(terminal.await_end(), 5)

    def test_no_prompt_for_a_token_that_is_known(self):
        self.keyring.lock()
        asked = self.begin_interactively("GetToken", "(sa{sv})", "", {})
        self.assertEqual(asked.result()[0], self.token.value)
        self.assertEqual(self.prompter.prompts, 0)


if __name__ == "__main__":
    main()
