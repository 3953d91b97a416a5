#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl login with several accounts: again into one, as somebody else, with other permissions."""

from rig import EndToEndTest, main

READ, WRITE, INFO = "cloud_api:disk.read", "cloud_api:disk.write", "cloud_api:disk.info"


class AccountsTest(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.sim.add_user("maria")
        self.account = self.sign_in(label="home")

    def begin(self, *options, app=None):
        return self.world.ctl_on_screen(*self.login_arguments(app), "--no-qr", *options)

    def allow(self, screen, login, scopes=None):
        screen.await_text(r"enter this code:\s+(\w+)")
        code = screen.await_text(r"enter this code:\s+(\w+)")[1]
        self.sim.allow(code, login, scopes)

    def labels(self):
        return sorted(account.get("Label") for account in self.client.accounts())

    @staticmethod
    def words(screen):
        return " ".join(screen.text().split())


class Again(AccountsTest):
    def test_keeps_id_and_label(self):
        before = self.account.id
        screen = self.begin("--account", "home")
        self.allow(screen, "ivan")
        self.assertEqual(screen.await_end(), 0)
        self.assertEqual(self.labels(), ["home"])
        self.assertEqual(self.client.find_account("home").id, before)
        self.assertEqual(self.account.generation, 2)

    def test_keeps_its_permissions(self):
        other = self.sim.application()
        self.sign_in(app=other, label="reader", scopes=[READ])
        screen = self.world.ctl_on_screen("login", "--no-browser", "--account", "reader")
        self.allow(screen, "ivan")
        self.assertEqual(screen.await_end(), 0)
        asked = self.sim.requests(path="/device/code")[-1]["form"]
        self.assertEqual((asked["client_id"], asked["scope"]), (other["client_id"], READ))
        self.assertNotIn("other permissions", screen.text())

    def test_an_account_that_is_not_there(self):
        self.assert_ctl_fails(3, "no such account", "login", "--account", "nobody")


class OtherUser(AccountsTest):
    """Maria signs in although the account is Ivan's: hers is made or renewed, and his still needs a sign-in."""

    def begin_as_maria(self, name="home"):
        screen = self.begin("--account", name)
        self.allow(screen, "maria")
        return screen

    def assert_refused(self, screen):
        self.assertEqual(screen.await_end(), 7)
        self.assertIn('You signed in as maria, whose own account is here now; "home" still needs a sign-in, '
                      'by its own user.', self.words(screen))
        self.assertEqual(self.labels(), ["home", "maria"])
        self.assertEqual(self.account.generation, 1)

    def test_gets_an_account(self):
        self.assert_refused(self.begin_as_maria())

    def test_has_an_account_here(self):
        maria = self.sign_in("maria")
        self.assert_refused(self.begin_as_maria())
        self.assertEqual(maria.generation, 2)

    def test_a_label_cannot_act_on_the_terminal(self):
        self.account.call("SetLabel", "(s)", "\u202eemoh\u2066")
        screen = self.begin_as_maria("ivan")
        self.assertEqual(screen.await_end(), 7)
        self.assertNotRegex(screen.shown, "[\u202e\u2066]")
        self.assertIn("\ufffdemoh\ufffd", screen.text())

    def test_without_a_terminal(self):
        login = self.world.launch_ctl(*self.login_arguments(), "--account", "home")
        self.sim.allow(self.sim.wait_pending()["user_code"], "maria")
        self.assertEqual(login.await_end(), 7)
        self.assertIn("You signed in as maria", login.stderr.read())
        self.assertEqual(self.labels(), ["home", "maria"])


class Permissions(AccountsTest):
    def test_two_sets_are_warned_of(self):
        for reply, status in (("n", 1), ("", 1), ("y", 0)):
            screen = self.begin("--scope", READ)
            screen.answer("Go on? [y/N]", reply)
            self.assertIn('"home" was signed in through this application with all its permissions',
                          self.words(screen))
            if reply == "y":
                self.allow(screen, "maria")
            self.assertEqual(screen.await_end(), status)

    def test_a_script_is_warned_and_goes_on(self):
        login = self.world.launch_ctl(*self.login_arguments(), "--scope", READ)
        self.sim.allow(self.sim.wait_pending()["user_code"], "maria")
        self.assertEqual(login.await_end(), 0)
        self.assertRegex(login.stderr.read(), r'\A"home" was signed in .*that token stops working\.\n\Z')

    def test_the_same_set_in_another_order_is_no_clash(self):
        app = self.sim.application()
        self.sign_in(app=app, label="writer", scopes=[WRITE, READ])
        screen = self.begin("--scope", READ, "--scope", WRITE, app=app)
        self.allow(screen, "ivan")
        self.assertEqual(screen.await_end(), 0)
        self.assertNotIn("Go on?", screen.text())

    def test_another_application_is_no_clash(self):
        screen = self.begin("--scope", READ, app=self.sim.application())
        self.allow(screen, "ivan")
        self.assertEqual(screen.await_end(), 0)
        self.assertNotIn("Go on?", screen.text())

    def test_what_was_not_granted_is_told(self):
        app = self.sim.application()
        screen = self.begin("--scope", READ, "--scope", WRITE, "--scope", INFO, app=app)
        self.allow(screen, "ivan", [READ, INFO])
        self.assertEqual(screen.await_end(), 0)
        self.assertIn(f"Asked for, but not granted: {WRITE}", self.words(screen))

    def test_a_permission_the_application_lacks(self):
        self.sim.application(client_id=self.client_id, scopes=[READ])
        screen = self.begin("--account", "home", "--scope", WRITE)
        self.assertEqual(screen.await_end(), 2)
        self.assertIn("does not have all the permissions that were asked for", self.words(screen))


if __name__ == "__main__":
    main()
