#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl logout where no account is named: with several nobody is signed out unasked."""

from rig import EndToEndTest, main
from rig.bus import ACCOUNT

QUESTION = "Number of the account to sign out (Enter: none):"


class One(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_needs_no_name(self):
        result = self.ctl("logout")
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertIn('"ivan" is signed out, and its access is revoked at Yandex.', result.out)

    def test_nor_at_a_terminal(self):
        terminal = self.world.ctl_at_terminal("logout")
        self.assertEqual(terminal.await_end(), 0)
        self.assertNotIn("?", terminal.shown)
        self.assertEqual(self.client.accounts(), [])


class Meanwhile(EndToEndTest):
    """While Yandex ends the access."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.sim.trouble("held@/revoke_token*1")
        self.pending = self.begin()
        self.sim.wait("/revoke_token", trouble="held")

    def begin(self):
        return self.client.begin(self.account.path, ACCOUNT, "SignOut", "(a{sv})", {})

    def test_the_keyring_is_locked(self):
        """The token is dead, and the entry is still there."""
        self.lock_keyring()
        self.sim.let_go()
        self.assert_refused("KeyringLocked", self.pending.result)
        self.assertEqual(self.account.state, "sign-in-needed")
        self.assert_refused("SignInNeeded", self.client.get_token)
        self.keyring.unlock()
        self.account.await_is("Saved", True)
        self.world.restart_daemon()
        self.assertEqual(self.account.state, "sign-in-needed")
        self.assert_refused("SignInNeeded", self.client.get_token)
        self.assertTrue(self.account.sign_out()["revoked"])
        self.assertEqual(self.client.accounts(), [])

    def test_it_is_signed_out_by_somebody_else(self):
        self.assert_refused("Cancelled", self.begin().result)
        self.sim.let_go()
        self.assertTrue(self.pending.result()[0]["revoked"])
        self.assertEqual(len(self.sim.requests(path="/revoke_token")), 1)


class Several(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.sim.add_user("olga")
        self.home = self.sign_in()
        self.work = self.sign_in(login="olga", app=self.sim.application(), label="my work")

    def labels(self):
        return {account.get("Label") for account in self.client.accounts()}

    def ask(self, *options, answers=(), **keywords):
        screen = self.world.ctl_on_screen("logout", *options, **keywords)
        for answer in answers:
            screen.answer(QUESTION, answer)
        return screen

    def test_scripts_name_it(self):
        for arguments in ("logout",), ("logout", "--keep-grant"), ("--json", "logout"):
            with self.subTest(arguments):
                self.assert_ctl_fails(2, r'several accounts; name the one .*"yadiskctl logout ivan"',
                                      *arguments)
        self.assertEqual(self.labels(), {"ivan", "my work"})
        self.assertEqual(self.ctl("logout", "my work").status, 0)
        self.assertEqual(self.labels(), {"ivan"})

    def test_a_variable_that_is_not_set_names_nothing(self):
        for arguments in (("logout", ""), ("logout", "--keep-grant", ""), ("refresh", ""), ("rename", "", "x"),
                          ("rename", "ivan", ""), ("default", ""), ("allow", "org.example.App", ""),
                          ("deny", "org.example.App", ""), ("feed", "add", "rclone", ""), ("feed", "remove", ""),
                          ("apps", "remove", ""), ("import", "json", "")):
            with self.subTest(arguments):
                self.assert_ctl_fails(2, r"^yadiskctl: An argument is empty: ", *arguments)
        for arguments in (("login", "--account", ""), ("api", "--account", "", "DELETE", "v1/disk/trash/resources"),
                          ("exec", "--account", "", "--env", "T", "true")):
            with self.subTest(arguments):
                self.assert_ctl_fails(2, r'A value is missing after "--account"', *arguments)
        self.assertEqual(self.labels(), {"ivan", "my work"})
        self.assertEqual(self.ctl("token", "").out, self.ctl("token").out)

    def test_the_example_can_be_copied(self):
        self.client.manager("SetDefaultAccount", "(o)", self.work.path)
        self.assert_ctl_fails(2, r"""as in "yadiskctl logout 'my work'"\.""", "logout")

    def test_a_person_is_asked(self):
        screen = self.ask(answers=["2"])
        self.assertEqual(screen.await_end(), 0)
        self.assert_screen("logout", screen.text())
        self.assertEqual(self.labels(), {"ivan"})

    def test_what_will_not_be_done_is_said_as_well(self):
        screen = self.ask("--keep-grant", answers=["1"])
        self.assertEqual(screen.await_end(), 0)
        self.assertIn("the access at Yandex is kept.", screen.text())
        self.assertEqual(self.labels(), {"my work"})
        self.assertNotEqual(self.sim.grants(client_id=self.client_id, alive=True), [])

    def test_enter_signs_out_nobody(self):
        for answers, typed in (([""], ""), ([], "\x03"), ([], "\x04")):
            with self.subTest(answers=answers, typed=typed):
                screen = self.ask(answers=answers)
                if typed:
                    screen.await_text(r"none\):")
                    screen.type(typed)
                self.assertEqual(screen.await_end(), 1)
                self.assertIn("No account was signed out.", screen.text())
                self.assertEqual(self.labels(), {"ivan", "my work"})

    def test_what_is_no_number_is_asked_again(self):
        screen = self.ask(answers=["ivan", "3", "0", "-1", "1x", "2"])
        self.assertEqual(screen.await_end(), 0)
        self.assertEqual(screen.text().count("Answer with a number from 1 to 2"), 5)
        self.assertEqual(self.labels(), {"ivan"})

    def test_for_programs_at_a_terminal(self):
        screen = self.ask("--json")
        self.assertEqual(screen.await_end(), 2)
        self.assertEqual(self.labels(), {"ivan", "my work"})

    def test_more_than_nine(self):
        for number in range(9):
            self.sim.add_user(f"user{number}")
            self.sign_in(login=f"user{number}", app=self.sim.application(), label=f"z{number}")
        screen = self.ask(answers=["11"])
        self.assertEqual(screen.await_end(), 0)
        self.assertNotIn("z8", self.labels())
        self.assertEqual(len(self.labels()), 10)


if __name__ == "__main__":
    main()
