#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The keyring locks, dies, changes hands, and takes nothing. The token is served all the while."""

from unittest.mock import ANY

from rig import TOKENS
from mood import HOUR, MINUTE, LockedKeyring, MoodTest, OtherKeyring, await_until, main


class Locked(MoodTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.prompter = self.world.new_prompter()

    def test_locked_at_start_and_unlocked_later(self):
        account = self.sign_in()
        token = account.get_token()
        self.restart_without(self.keyring.lock)
        self.assertEqual(self.client.property("KeyringState"), "locked")
        self.assert_denied(account, "locked", "KeyringLocked", "KeyringLocked", 5)
        self.assert_refresh_fails(account, "KeyringLocked", 5)

        self.keyring.unlock()
        account.await_is("State", "active")
        self.assert_served(account, "active", "", token)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")
        self.assertEqual(self.prompter.prompts, 0)

    def test_never_unlocked_since_the_machine_came_up(self):
        """gnome-keyring hides the attributes of items until the collection was unlocked once."""
        account = self.sign_in()
        token = account.get_token()

        def come_up_locked():
            self.keyring.stop()
            self.keyring = LockedKeyring(self.world)
            self.addCleanup(self.keyring.close)

        self.restart_without(come_up_locked)
        self.assert_refused("KeyringLocked", self.client.get_token)
        self.assert_ctl_fails(5, "locked", "token")
        self.keyring.unlock()
        await_until(lambda: any(a.state == "active" for a in self.client.accounts()), "the account")
        self.assert_served(account, "active", "", token)
        self.assertEqual(self.prompter.prompts, 0)

    def test_why_it_is_locked(self):
        """The error of a locked account follows the keyring."""
        account = self.sign_in()
        token = account.get_token()
        self.restart_without(self.keyring.lock)
        self.assert_denied(account, "locked", "KeyringLocked", "KeyringLocked", 5)
        self.keyring.stop()
        account.await_is("LastError", (TOKENS + ".Error.KeyringUnavailable", ANY))
        self.assert_denied(account, "locked", "KeyringUnavailable", "KeyringUnavailable", 5)
        self.keyring = self.world.start_keyring()
        account.await_is("State", "active")
        self.assert_served(account, "active", "", token)

    def test_locked_while_the_user_signs_in(self):
        """When he allowed it, the keyring was open."""
        request = self.begin_sign_in()
        self.lock_keyring()
        self.sim.allow(request.code)
        account = request.await_account()
        self.assertFalse(account.get("Saved"))
        self.assert_served(account, "active", "KeyringLocked", account.get_token())
        self.keyring.unlock()
        self.await_saved(account)
        self.eventually(lambda: self.keyring.ours("application"), "the application in the keyring")
        self.restart_daemon()
        self.account_is_renewed(account)

    def account_is_renewed(self, account):
        before = account.generation
        account.refresh()
        self.assertEqual(account.generation, before + 1)

    def test_locked_in_the_middle(self):
        desktop = self.world.new_desktop()
        account = self.sign_in()
        token = account.get_token()
        self.lock_keyring()
        self.assert_served(account, "active", "", token)
        self.assertTrue(account.get("Saved"))
        self.assert_nothing_renewed(account, "KeyringLocked", token)
        self.assertTrue(account.get("Saved"))

        self.keyring.unlock()
        self.await_generation(account, token.generation + 1)
        self.await_saved(account)
        self.assertEqual(desktop.said, [])
        self.assertEqual(self.prompter.prompts, 0)

    def test_locked_before_the_answer(self):
        desktop = self.world.new_desktop()
        account = self.sign_in()
        fresh = self.in_time(self.renew_unsaved, account)
        self.assert_served(account, "active", "KeyringLocked", fresh)
        desktop.await_shown("cannot be saved")

        self.keyring.unlock()
        self.await_saved(account)
        self.assertEqual(account.get_token(), fresh)
        desktop.await_closed("cannot be saved")
        self.assertEqual(len(desktop.said), 1)
        self.assertEqual(self.prompter.prompts, 0)

    def test_many_refreshes_while_locked(self):
        """What is about to die is renewed all the same, however often."""
        self.sim.knobs(token_life=HOUR)
        account = self.sign_in()
        self.lock_keyring()
        first = account.generation
        for generation in (first + 1, first + 2):
            self.clock.pass_by(52 * MINUTE)
            self.assert_nothing_renewed(account, "KeyringLocked", account.get_token())
            self.assertAlmostEqual(account.get("NextRefreshAt"),
                                   account.get("ExpiresAt") - HOUR // 10, delta=1)
            self.clock.pass_by(3 * MINUTE)
            account.await_told("Generation", generation)
            self.assertEqual(account.last_error, "KeyringLocked")
        self.assertFalse(account.get("Saved"))
        self.assertNotIn("expired", account.told("State"))
        self.keyring.unlock()
        self.await_saved(account)


class Unannounced(MoodTest):
    """gnome-keyring is unlocked by PAM, of which no signal tells. Nobody is told that it is locked before it
    has been looked at."""

    def setUp(self):
        super().setUp()
        self.prompter = self.world.new_prompter()
        self.account = self.sign_in()
        self.token = self.account.get_token()

    def tearDown(self):
        self.assertEqual(self.prompter.prompts, 0)
        super().tearDown()

    def test_the_token_of_a_locked_account(self):
        self.restart_without(self.keyring.lock)
        self.assert_denied(self.account, "locked", "KeyringLocked", "KeyringLocked", 5)
        self.keyring.unlock_unannounced()
        self.assertEqual(self.in_time(self.client.get_token), self.token)
        self.assert_served(self.account, "active", "", self.token)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")

    def test_other_calls(self):
        """Each of them finds it locked, and then open."""
        app = self.sim.application()
        for what, call in (("yadiskctl", lambda: self.assertEqual(self.ctl("token").status, 0)),
                           ("FD", self.client.get_token_fd),
                           ("FindAccount", lambda: self.client.find_account("ivan")),
                           ("SetLabel", lambda: self.account.call("SetLabel", "(s)", "ivan")),
                           ("SignIn", lambda: self.begin_sign_in(app).cancel())):
            with self.subTest(what):
                self.restart_without(self.keyring.lock)
                self.assertEqual(self.account.state, "locked")
                self.keyring.unlock_unannounced()
                self.in_time(call)
                self.account.await_is("State", "active")

    def test_a_refresh(self):
        self.lock_keyring()
        self.assert_refused("KeyringLocked", self.account.refresh)
        self.keyring.unlock_unannounced()
        self.in_time(self.account.refresh)
        self.assertEqual(self.account.generation, self.token.generation + 1)
        self.await_saved(self.account)

    def test_a_crowd(self):
        self.restart_without(self.keyring.lock)
        clients = [self.world.new_client() for _ in range(20)]
        for call in [client.begin_get_token() for client in clients]:
            self.assert_refused("KeyringLocked", call.result)
        self.keyring.unlock_unannounced()
        answers = {call.result().value for call in [client.begin_get_token() for client in clients]}
        self.assertEqual(answers, {self.token.value})


class Missing(MoodTest):
    """A service, and no keyring in it yet: a new user who has no password, or logs in without one."""
    KEYRING = False
    DAEMON = False

    def setUp(self):
        super().setUp()
        self.prompter = self.world.new_prompter()
        self.keyring = LockedKeyring(self.world)
        self.addCleanup(self.keyring.close)
        self.start_daemon()

    def assert_missing(self, call, *arguments, **keywords):
        error = self.in_time(self.assert_refused, "KeyringUnavailable", call, *arguments, **keywords)
        self.assertIn("no keyring yet", error.message)

    def test_missing_and_made(self):
        self.assertEqual(self.client.property("KeyringState"), "absent")
        self.assertEqual(self.client.manager("Diagnose", "(a{sv})", {})[0]["keyring"], "missing")
        self.sim.forget_requests()
        self.assert_missing(self.client.get_token)
        self.assert_missing(self.client.sign_in, client_id=self.client_id,
                            client_secret=self.client_secret)
        self.assert_missing(self.client.manager, "AddApplication", "(ss)", self.client_id,
                            self.client_secret)
        self.assert_ctl_fails(5, "no keyring yet", "token")
        self.assert_ctl_fails(5, "no keyring yet", *self.login_arguments())
        self.assert_no_requests()
        self.assertEqual(self.prompter.prompts, 0)

        self.keyring.make()
        self.assert_refused("NotSignedIn", self.client.get_token)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")
        account = self.sign_in()
        self.assert_served(account, "active", "", account.get_token())
        account.await_is("Saved", True)

    def test_who_may_be_asked_is_asked_to_make_one(self):
        terminal = self.world.ctl_at_terminal(*self.login_arguments())
        self.prompter.await_prompt()  # which is dismissed
        self.eventually(lambda: terminal.process.poll() is not None, "the end of yadiskctl")
        terminal.await_text("no keyring yet")
        self.assertEqual(terminal.await_end(), 5)
        self.assertEqual(self.prompter.prompts, 1)


class Gone(MoodTest):
    def kill(self):
        self.keyring.process.kill()
        self.keyring.process.await_end()
        await_until(lambda: self.client.property("KeyringState") == "absent", "no keyring")

    def test_killed_and_restarted(self):
        account = self.sign_in()
        token = account.get_token()
        self.kill()
        self.assert_served(account, "active", "", token)
        self.assert_nothing_renewed(account, "KeyringUnavailable", token)

        self.keyring = self.world.start_keyring()
        self.await_generation(account, token.generation + 1)
        self.await_saved(account)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")

    def test_killed_before_the_answer_and_restarted(self):
        account = self.sign_in()
        fresh = self.in_time(self.renew_unsaved, account, self.kill)
        self.assert_served(account, "active", "KeyringUnavailable", fresh)

        self.keyring = self.world.start_keyring()
        self.await_saved(account)
        self.assertEqual(account.get_token(), fresh)
        self.assertEqual(self.client.property("KeyringState"), "unlocked")

    def test_absent_at_start(self):
        account = self.sign_in()
        token = account.get_token()
        self.restart_without(self.keyring.stop)
        self.assertEqual(self.client.property("KeyringState"), "absent")
        self.assert_refused("KeyringUnavailable", self.client.get_token)
        self.assert_ctl_fails(5, "gnome-keyring", "token")

        self.keyring = self.world.start_keyring()
        await_until(self.client.accounts, "the account")
        self.assert_served(account, "active", "", token)

    def test_restarted_between_two_refreshes(self):
        account = self.sign_in()
        self.keyring.stop()
        self.keyring = self.world.start_keyring()
        account.refresh()
        self.await_saved(account)

    def test_replaced_by_another_implementation(self):
        account = self.sign_in()
        token = account.get_token()
        self.keyring.stop()
        self.keyring = OtherKeyring(self.world)
        self.addCleanup(self.keyring.close)
        self.eventually(lambda: self.keyring.ours("account"), "the account to be written again")
        self.assert_keyring_holds(token)
        account.refresh()
        self.await_saved(account)
        self.restart_daemon()
        self.assert_served(account, "active", "", account.get_token())

    def test_replaced_and_back_again(self):
        """What comes back holds a grant that is dead by now; it must not be the one that stays."""
        account = self.sign_in()
        self.keyring.stop()
        other = OtherKeyring(self.world)
        account.refresh()
        account.await_is("Saved", True)
        other.close()
        self.keyring = self.world.start_keyring()
        self.eventually(
            lambda: self.keyring.account()["grant"]["generation"] == account.generation,
            "the newest grant in the keyring")
        self.restart_daemon()
        account.refresh()
        self.assert_served(account, "active", "", account.get_token())


class Refusing(MoodTest):
    """Real keyrings do so when the disk is full or their file cannot be written."""
    KEYRING = False
    DAEMON = False
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.keyring = OtherKeyring(self.world)
        self.addCleanup(self.keyring.close)
        self.start_daemon()

    def test_refusing_writes(self):
        desktop = self.world.new_desktop()
        account = self.sign_in()
        held = self.keyring.account()
        for error in ("org.freedesktop.DBus.Error.Failed", "org.freedesktop.DBus.Error.LimitsExceeded"):
            self.keyring.refuse(error)
            self.in_time(account.refresh)
            self.assertFalse(account.get("Saved"))
            self.assert_served(account, "active", "KeyringFailed", account.get_token())
            self.clock.pass_by(11)
        self.assertEqual(account.generation, held["grant"]["generation"] + 2)
        self.assertEqual(self.keyring.account(), held)
        desktop.await_shown("cannot be saved")

        self.keyring.refuse("")
        self.clock.pass_by(3601)
        self.await_saved(account)
        desktop.await_closed("cannot be saved")
        self.assertEqual(len(desktop.said), 1)

    def test_refusing_a_new_account(self):
        self.keyring.refuse("org.freedesktop.DBus.Error.AccessDenied")
        account = self.sign_in()
        self.assertFalse(account.get("Saved"))
        self.assert_served(account, "active", "KeyringFailed", account.get_token())
        self.keyring.refuse("")
        self.clock.pass_by(MINUTE)
        self.await_saved(account)


if __name__ == "__main__":
    main()
