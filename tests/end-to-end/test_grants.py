#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a person allows to sandboxed apps: yadiskctl grants, allow and deny, and what they do over the bus."""

import json

from rig import EndToEndTest, main

APP, SNAP = "org.example.App", "snap.foo"


class GrantsTest(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in(label="home")

    def sign_in_more(self):
        self.sim.add_user("olga")
        return self.sign_in(login="olga", label="work")

    def assert_says(self, said, *arguments):
        result = self.ctl(*arguments)
        self.assertEqual((result.status, result.err), (0, ""), result)
        self.assertEqual(result.out, said)

    def kept(self):
        """What the keyring has of each account, by its label."""
        documents = [json.loads(item.secret()) for item in self.keyring.ours("account")]
        return {document["label"]: document.get("allowed") for document in documents}

    def granted(self):
        return [(grant["app"], grant["label"]) for grant in self.ctl("--json", "grants").json["grants"]]


class Granted(GrantsTest):
    def test_nothing_at_first(self):
        result = self.ctl("grants")
        self.assertEqual((result.status, result.out), (0, ""))
        self.assertIn("yadiskctl allow APP", result.err)
        self.assertEqual(self.kept(), {"home": None})

    def test_allowed_listed_and_denied(self):
        self.assert_says(f'"{APP}" may have the tokens of "home".\n', "allow", APP)
        self.account.await_told("Allowed", [APP])
        self.assertEqual(self.kept(), {"home": [APP]})
        self.assertEqual(self.ctl("grants").out.split(), [APP, self.account.id, "home", "ivan"])
        result = self.ctl("deny", APP)
        self.assertEqual(result.status, 0, result)
        said, advice = result.out.splitlines()
        self.assertEqual(said, f'"{APP}" may no longer have the tokens of "home".')
        self.assertIn("yadiskctl logout", advice)
        self.assertEqual(self.account.get("Allowed"), [])
        self.assertEqual(self.kept(), {"home": None})

    def test_the_account_is_the_default_one_or_the_one_that_is_named(self):
        work = self.sign_in_more()
        self.ctl("allow", APP)
        self.ctl("allow", SNAP, "work")
        self.assertEqual(self.granted(), [(APP, "home"), (SNAP, "work")])
        self.assertEqual((self.account.get("Allowed"), work.get("Allowed")), ([APP], [SNAP]))

    def test_denied_for_one_account_or_for_all(self):
        self.sign_in_more()
        for account in "home", "work":
            self.ctl("allow", APP, account)
            self.ctl("allow", SNAP, account)
        self.assertEqual(self.ctl("deny", APP, "work").status, 0)
        self.assertEqual(self.granted(), [(APP, "home"), (SNAP, "home"), (SNAP, "work")])
        told = self.ctl("--json", "deny", SNAP).json["denied"]
        self.assertEqual([denied["label"] for denied in told], ["home", "work"])
        self.assertEqual(self.granted(), [(APP, "home")])
        self.assertEqual(self.kept(), {"home": [APP], "work": None})

    def test_a_mistake_does_not_pass_for_a_denial(self):
        self.ctl("allow", APP)
        self.assert_ctl_fails(2, "yadiskctl grants", "deny", "org.example.Ap")
        self.sign_in_more()
        self.assert_ctl_fails(2, 'tokens of "work"; "yadiskctl grants"', "deny", APP, "work")
        self.assertEqual(self.granted(), [(APP, "home")])

    def test_the_name_of_an_app(self):
        for name in "", "a b", "a/b", "-a", "x" * 256, "Приложение":
            with self.subTest(name):
                self.assert_ctl_fails(2, "not the name of an app|argument is empty", "allow", "--", name)
                self.assert_refused("InvalidArgs", self.account.call, "Deny", "(s)", name)

    def test_one_that_no_sandbox_can_have(self):
        for name in "foo", "App", "org":
            self.assert_ctl_fails(2, "not the name of an app", "allow", name)
        for name in "xdg-dbus-proxy", SNAP, "backup.service":
            self.assertEqual(self.ctl("allow", name).status, 0)

    def test_no_more_than_64(self):
        for number in range(64):
            self.account.call("Allow", "(s)", f"app{number}")
        self.assert_ctl_fails(1, "yadiskctl deny", "allow", "org.example.Another")
        self.assertEqual(len(self.account.get("Allowed")), 64)

    def test_a_table_for_people(self):
        self.ctl("allow", APP)
        screen = self.world.ctl_on_screen("grants", columns=100)
        self.assertEqual(screen.await_end(), 0, screen.shown)
        head, row = screen.text().splitlines()
        self.assertEqual(head.split(), ["App", "Label", "Login", "Id"])
        self.assertEqual(row.split(), [APP, "home", "ivan", self.account.id])


class Kept(GrantsTest):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.ctl("allow", APP).status, 0)

    def test_over_a_restart(self):
        self.world.restart_daemon()
        self.assertEqual(self.granted(), [(APP, "home")])

    def test_over_a_renewal(self):
        self.account.refresh()
        self.account.await_is("Saved", True)
        self.world.restart_daemon()
        self.assertEqual(self.granted(), [(APP, "home")])

    def test_over_another_sign_in(self):
        self.sign_in()
        self.assertEqual(self.granted(), [(APP, "home")])

    def test_it_ends_with_the_account(self):
        self.assertEqual(self.ctl("logout").status, 0)
        self.assertEqual(self.granted(), [])
        self.sign_in(label="home")
        self.assertEqual(self.granted(), [])

    def test_in_a_locked_keyring(self):
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        for command in ["grants"], ["allow", SNAP], ["deny", APP]:
            with self.subTest(command):
                self.assert_ctl_fails(5, "keyring", *command)
        self.keyring.unlock()
        self.client.await_property("KeyringState", "unlocked")
        self.assertEqual(self.granted(), [(APP, "home")])


if __name__ == "__main__":
    main()
