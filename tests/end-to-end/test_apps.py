#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Applications without a person at a terminal: yadiskctl apps, and setup in a script."""

import json
import os

import jsonschema

from rig import EndToEndTest, main
from rig.world import SOURCE

WRONG = "0123456789abcdef0123456789abcdef"


class AppsTest(EndToEndTest):
    def pair(self, app=None):
        app = app or self.app
        return ("--client-id", app["client_id"], "--client-secret-file", self.secret_file(app))

    def add(self, app, *options):
        return self.ctl("apps", "add", app["client_id"], "--client-secret-file",
                        self.secret_file(app), *options)

    def assert_valid(self, schema, result):
        self.assertEqual(result.status, 0, result)
        with open(os.path.join(SOURCE, "docs", "schemas", schema + ".schema.json"),
                  encoding="utf-8") as file:
            jsonschema.validate(result.json, json.load(file))
        return result.json

    def kept(self):
        return sorted(item.attributes["client_id"] for item in self.keyring.ours("application"))


class Setup(AppsTest):
    def test_keeps_what_yandex_takes(self):
        result = self.ctl("setup", *self.pair())
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(result.out, f"Application {self.client_id} is saved.\n")
        self.assertEqual(self.kept(), [self.client_id])

    def test_the_secret_may_come_from_a_pipe(self):
        result = self.ctl("setup", "--client-id", self.client_id, "--client-secret-file", "-",
                          stdin=self.client_secret + "\n")
        self.assertEqual(result.status, 0, result)
        self.assertEqual(self.kept(), [self.client_id])

    def test_json(self):
        self.assertEqual(self.assert_valid("setup", self.ctl("--json", "setup", *self.pair())), {
            "version": 1, "client_id": self.client_id, "checked": True, "missing_scopes": []})

    def test_missing_permissions_are_told_and_no_failure(self):
        self.sim.application(client_id=self.client_id, scopes=["cloud_api:disk.app_folder"])
        result = self.ctl("setup", *self.pair())
        self.assertEqual(result.out, f"Application {self.client_id} is saved; these permissions were "
                         "not ticked: cloud_api:disk.info cloud_api:disk.read cloud_api:disk.write\n")
        self.assertEqual(result.status, 0)
        told = self.assert_valid("setup", self.ctl("--json", "setup", *self.pair()))
        self.assertEqual(told["missing_scopes"], ["cloud_api:disk.info", "cloud_api:disk.read",
                                                  "cloud_api:disk.write"])
        told = self.ctl("--json", "setup", "--access", "app-folder", *self.pair()).json
        self.assertEqual(told["missing_scopes"], [])
        told = self.ctl("--json", "setup", "--access", "webdav", *self.pair()).json
        self.assertIn("yadisk:disk", told["missing_scopes"])

    def test_what_yandex_does_not_take_is_not_kept(self):
        self.assert_ctl_fails(7, "does not know this ClientID", "setup", "--client-id", WRONG,
                              "--client-secret-file", self.secret_file())
        path = self.world.write("wrong", WRONG + "\n")
        self.assert_ctl_fails(7, "not its client secret", "setup", "--client-id", self.client_id,
                              "--client-secret-file", path)
        path = self.world.write("wrong", self.client_id + "\n")
        self.assert_ctl_fails(2, "are swapped", "setup", "--client-id", self.client_secret,
                              "--client-secret-file", path)
        self.assertEqual(self.kept(), [])

    def test_nothing_is_asked(self):
        for arguments in ([], ["--client-id", self.client_id],
                          ["--client-secret-file", self.secret_file()]):
            self.assert_ctl_fails(2, "no terminal", "setup", *arguments)
        terminal = self.world.ctl_at_terminal("--json", "setup")
        self.assertEqual(terminal.await_end(), 2)
        self.assert_ctl_fails(2, "no access called", "setup", "--access", "all", *self.pair())
        self.assert_ctl_fails(2, "client-secret", "setup", "--client-secret", "x")
        self.assertEqual(self.sim.requests(), [])

    def test_no_daemon(self):
        self.daemon.stop()
        self.assert_ctl_fails(8, "not running", "setup", *self.pair())


class Apps(AppsTest):
    def setUp(self):
        super().setUp()
        self.other = self.sim.application()

    def test_none(self):
        result = self.ctl("apps")
        self.assertEqual((result.status, result.out), (0, ""))
        self.assertIn("yadiskctl setup", result.err)
        self.assertEqual(self.assert_valid("apps", self.ctl("apps", "--json"))["applications"], [])

    def test_listed(self):
        self.sign_in("ivan", label="my home")
        self.sim.add_user("maria")
        self.sign_in("maria", label="work")
        self.assertEqual(self.add(self.other).status, 0)
        rows = {self.client_id: f'{self.client_id}  secret kept  "my home", "work"',
                self.other["client_id"]: f'{self.other["client_id"]}  secret kept  -'}
        self.assertEqual(self.ctl("apps").lines, [rows[key] for key in sorted(rows)])

        told = self.assert_valid("apps", self.ctl("--json", "apps"))["applications"]
        self.assertEqual(told, [
            {"client_id": key, "secret_kept": True,
             "accounts": ["my home", "work"] if key == self.client_id else []}
            for key in sorted(rows)])

    def test_at_a_terminal(self):
        """A table, as that of list is."""
        self.sign_in(label="my home")
        for name, columns in ("apps", 80), ("apps-narrow", 40):
            screen = self.world.ctl_on_screen("apps", columns=columns)
            self.assertEqual(screen.await_end(), 0)
            self.assert_screen(name, screen.text().replace(self.client_id, "ID" + 30 * "-"))

    def test_one_whose_secret_somebody_deleted(self):
        self.sign_in()
        self.daemon.stop()
        item, = self.keyring.ours("application")
        self.keyring.delete(item)
        self.world.start_daemon()
        self.assertEqual(self.ctl("apps").out, f'{self.client_id}  no secret  "ivan"\n')

    def test_added(self):
        result = self.add(self.app)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(result.out, f"Application {self.client_id} is saved.\n")
        told = self.assert_valid("apps", self.add(self.other, "--json"))
        self.assertEqual(told, {"version": 1, "client_id": self.other["client_id"],
                                "checked": True, "missing_scopes": []})
        self.assertEqual(self.kept(), sorted([self.client_id, self.other["client_id"]]))

    def test_added_at_a_terminal(self):
        terminal = self.world.ctl_at_terminal("apps", "add", self.client_id)
        terminal.answer("Client secret:", WRONG)
        terminal.answer("Client secret:", self.client_secret)
        self.assertEqual(terminal.await_end(), 0, terminal.shown)
        self.assertIn("this is not its client secret", terminal.shown)
        self.assertNotIn(self.client_secret, terminal.shown)
        self.assertEqual(self.kept(), [self.client_id])

    def test_added_without_a_check(self):
        told = self.assert_valid("apps", self.ctl(
            "--json", "apps", "add", WRONG, "--no-check", "--client-secret-file", self.secret_file()))
        self.assertFalse(told["checked"])
        self.assertEqual(self.kept(), [WRONG])
        self.assertEqual(self.sim.requests(), [])

    def test_not_added(self):
        self.assert_ctl_fails(7, "does not know", "apps", "add", WRONG, "--client-secret-file",
                              self.secret_file())
        self.assert_ctl_fails(2, "--client-secret-file", "apps", "add", self.client_id)
        self.assertEqual(self.kept(), [])

    def test_removed(self):
        self.add(self.app)
        self.add(self.other)
        result = self.ctl("apps", "remove", self.client_id)
        self.assertEqual(result.out, f"Application {self.client_id} is forgotten.\n")
        self.assertEqual(self.kept(), [self.other["client_id"]])
        self.assertEqual(self.assert_valid("apps", self.ctl(
            "--json", "apps", "remove", self.other["client_id"])),
            {"version": 1, "client_id": self.other["client_id"]})
        self.assertEqual(self.kept(), [])

    def test_one_in_use_is_not_removed(self):
        self.sign_in("ivan", label="home")
        self.assert_ctl_fails(2, r'"home" is signed in .*"yadiskctl logout"', "apps",
                              "remove", self.client_id)
        self.sim.add_user("maria")
        self.sign_in("maria", label="my work")
        self.assert_ctl_fails(2, r'for each first: "home", "my work"', "apps", "remove", self.client_id)
        self.assertEqual(self.kept(), [self.client_id])
        self.assertEqual(self.ctl("logout", "home").status, 0)
        self.assertEqual(self.ctl("logout", "my work").status, 0)

    def test_usage(self):
        for arguments in (["frobnicate"], ["add"], ["remove"], ["remove", "nobody"], ["add", ""],
                          ["add", "a", "b"], ["--no-check"], ["remove", "a", "--no-check"],
                          ["remove", "a", "--replace"],
                          ["remove", "a", "--client-secret-file", self.secret_file()]):
            with self.subTest(arguments):
                self.assert_ctl_fails(2, r"\.$", "apps", *arguments)


class InUse(AppsTest):
    """The secret of an application through which an account is signed in."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in("ivan", label="home")
        self.wrong = self.world.write("wrong", WRONG + "\n")

    def add_wrong(self, *options):
        return ("apps", "add", self.client_id, "--no-check", "--client-secret-file", self.wrong, *options)

    def record(self):
        item, = self.keyring.ours("application")
        return item.document()

    def assert_renewed(self):
        before = self.account.get("Generation")
        self.account.refresh()
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.account.get("Generation"), before + 1)

    def test_any_program_may_not_replace_it(self):
        for method, signature, more in ("AddApplication", "(ss)", []), ("SetApplication", "(ssa{sv})", [{}]):
            self.assert_refused("InvalidArgs", self.client.manager, method, signature, self.client_id, WRONG, *more)
        self.assert_refused("InvalidArgs", self.client.sign_in, client_id=self.client_id, client_secret=WRONG)
        self.assert_renewed()

    def test_replaced_on_request_only(self):
        self.assert_ctl_fails(2, "with the option --replace", *self.add_wrong())
        self.assertEqual(self.ctl(*self.add_wrong("--replace")).status, 0)
        self.assertEqual((self.record()["client_secret"], self.record()["previous_secret"]),
                         (WRONG, self.client_secret))

    def test_a_wrong_one_gives_way_to_the_one_before(self):
        self.ctl(*self.add_wrong("--replace"))
        self.world.restart_daemon()
        self.assert_renewed()
        self.assertIn("still takes the one before", self.daemon.log())
        self.assertEqual(self.record()["client_secret"], self.client_secret)
        self.assertNotIn("previous_secret", self.record())

    def test_a_right_one_takes_its_place(self):
        self.sim.application(client_id=self.client_id, client_secret=WRONG)
        self.assertEqual(self.ctl(*self.add_wrong("--replace")).status, 0)
        self.assert_renewed()
        self.assertEqual(self.record()["client_secret"], WRONG)
        self.assertNotIn("previous_secret", self.record())

    def test_one_that_yandex_takes_needs_no_option(self):
        self.sim.application(client_id=self.client_id, client_secret=WRONG)
        self.assertEqual(self.ctl("apps", "add", self.client_id, "--client-secret-file", self.wrong).status, 0)
        self.assert_renewed()

    def test_the_same_one_needs_no_option(self):
        self.assertEqual(self.add(self.app, "--no-check").status, 0)
        self.assertNotIn("previous_secret", self.record())

    def test_a_person_is_asked(self):
        for answer, status, secret in ("", 1, self.client_secret), ("y", 0, WRONG):
            terminal = self.world.ctl_at_terminal("apps", "add", self.client_id, "--no-check")
            terminal.answer("Client secret:", WRONG)
            terminal.answer("Replace it? [y/N]", answer)
            self.assertEqual(terminal.await_end(), status, terminal.shown)
            self.assertIn('with another client secret: "home"', terminal.shown)
            self.assertEqual(self.record()["client_secret"], secret)


class WithoutKeyring(AppsTest):
    KEYRING = False

    def test_nothing_works(self):
        self.assert_ctl_fails(5, "gnome-keyring", "apps")
        self.assert_ctl_fails(5, "gnome-keyring", "apps", "remove", self.client_id)
        self.assert_ctl_fails(5, "gnome-keyring", "apps", "add", self.client_id,
                              "--client-secret-file", self.secret_file())
        self.assertEqual(self.sim.requests(), [])


if __name__ == "__main__":
    main()
