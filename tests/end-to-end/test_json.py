#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Everything that yadiskctl --json writes is what the schemas say, and they say nothing else."""

import json
import os
import re
import signal
import subprocess
import tempfile

from jsonschema import Draft7Validator

import schemas
from rig import EndToEndTest, main
from rig.world import build_directory

WITHOUT_JSON = {"api", "exec", "help"}  # what api prints is the Disk's, what exec prints the program's


def told(error):
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message}"


class JsonTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}
    CLOCK = True

    def assert_document(self, name, line):
        """One line, which is what the schema says, and in English."""
        self.assertRegex(line, r"\A\{[^\n]*\}\n\Z")
        document = json.loads(line)
        self.assertEqual([told(e) for e in schemas.validator(name).iter_errors(document)], [], line)
        return document

    def assert_json(self, *arguments, status=0):
        """What the verb writes in another language is the same."""
        result = self.ctl("--json", *arguments, LANG="ru_RU.UTF-8", LANGUAGE="ru")
        self.assertEqual(result.status, status, result)
        self.assertTrue(result.out.isascii(), result.out)
        return self.assert_document(arguments[0], result.out)

    def assert_shown(self, *labels, status=0):
        """status, list and doctor, which take no offence at any state."""
        shown = self.assert_json("status", status=status)
        self.assertEqual([account["label"] for account in shown["accounts"]], list(labels))
        self.assertEqual(self.assert_json("list"), shown)
        result = self.ctl("--json", "doctor")
        self.assert_document("doctor", result.out)
        return shown


class Schemas(EndToEndTest):
    """Themselves."""

    KEYRING = DAEMON = False

    def verbs(self):
        block = re.search(r"^Verbs:\n((?:  .*\n)+)", self.ctl("--help").out, re.MULTILINE)[1]
        return set(re.findall(r"^  (\w+)", block, re.MULTILINE))

    def test_each_verb_has_one(self):
        self.assertEqual(self.verbs() - WITHOUT_JSON, schemas.names() - {"common"})

    def test_they_are_schemas(self):
        for name in schemas.names():
            with self.subTest(name):
                schema = schemas.load(name)
                self.assertEqual(schema["$schema"], "http://json-schema.org/draft-07/schema#")
                self.assertEqual(schema["$id"], name + schemas.SUFFIX)
                Draft7Validator.check_schema(schema)
                Draft7Validator.check_schema(schemas.closed(schema, name))

    def test_all_of_them_tell_the_version(self):
        for name in schemas.names() - {"common"}:
            with self.subTest(name):
                self.assertTrue([e for e in schemas.validator(name).iter_errors({"version": 2})
                                 if list(e.absolute_path) == ["version"]])

    def test_readers_pass_over_what_they_do_not_know(self):
        document = {"version": 1, "account": "a", "label": "b", "saved": True,
                    "later": True}
        strict = schemas.validator("rename")
        self.assertEqual([e.validator for e in strict.iter_errors(document)],
                         ["additionalProperties"])
        self.assertNotIn("additionalProperties", json.dumps(schemas.load("rename")))

    def test_they_are_installed(self):
        with tempfile.TemporaryDirectory(prefix="yadisk-") as directory:
            subprocess.run(["cmake", "--install", build_directory()], check=True,
                           env=os.environ | {"DESTDIR": directory}, stdout=subprocess.DEVNULL)
            found = [os.path.relpath(os.path.join(folder, file), directory)
                     for folder, _, files in os.walk(directory) for file in files]
        self.assertEqual({os.path.basename(path).removesuffix(schemas.SUFFIX) for path in found
                          if "/share/yadisk-tokend/schemas/" in path}, schemas.names())

    def test_without_a_bus_doctor_still_writes_one(self):
        result = self.ctl("--json", "doctor", outside=True)
        self.assertEqual(result.status, 8)
        self.assertEqual([e.message for e in
                          schemas.validator("doctor").iter_errors(result.json)], [])


class States(JsonTest):
    def test_nobody_signed_in(self):
        self.assertEqual(self.assert_shown(status=3)["keyring"], "unlocked")

    def test_active(self):
        self.sign_in()
        self.assert_shown("ivan")

    def test_several_accounts(self):
        self.sim.add_user("olga")
        self.sign_in()
        self.sign_in(login="olga", app=self.sim.application(), label="work",
                     scopes=["cloud_api:disk.read", "cloud_api:disk.info"])
        self.assert_shown("ivan", "work")
        shown, = self.assert_json("status", "work")["accounts"]
        self.assertEqual(shown["scopes"], ["cloud_api:disk.read", "cloud_api:disk.info"])

    def test_sign_in_needed(self):
        account = self.sign_in()
        self.sim.kill_tokens()
        self.assert_refused("SignInNeeded", account.refresh)
        account.await_is("Saved", True)
        shown, = self.assert_shown("ivan")["accounts"]
        self.assertEqual(shown["state"], "sign-in-needed")

    def test_app_refused(self):
        account = self.sign_in()
        self.sim.block_application(self.client_id)
        self.assert_refused("AppRefused", account.refresh)
        account.await_is("Saved", True)
        shown, = self.assert_shown("ivan")["accounts"]
        self.assertEqual(shown["state"], "app-refused")

    def test_not_saved(self):
        account = self.sign_in()
        self.renew_unsaved(account)
        shown, = self.assert_shown("ivan")["accounts"]
        self.assertIs(shown["saved"], False)
        self.assertEqual(set(shown["last_error"]), {"name", "message"})

    def test_locked(self):
        self.sign_in()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        shown = self.assert_shown("")
        self.assertEqual((shown["keyring"], shown["accounts"][0]["state"]), ("locked", "locked"))

    def test_offline(self):
        account = self.sign_in()
        self.sim.trouble("reset-before@/token")
        self.assert_refused("Offline", account.refresh)
        shown = self.assert_json("status")
        self.assertIs(shown["online"], False)

    def test_expires_nobody_knows_when(self):
        self.sim.knobs(expires_in="missing")
        self.sign_in()
        self.assert_shown("ivan")
        self.assertIsNone(self.assert_json("token")["expires_at"])


class NoKeyring(JsonTest):
    KEYRING = False

    def test_absent(self):
        self.assertEqual(self.assert_shown(status=5)["keyring"], "absent")


class Verbs(JsonTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_token(self):
        document = self.assert_json("token")
        self.assertEqual(document["access_token"], self.account.get_token().value)
        self.assertEqual(document["token_type"], "OAuth")
        self.assertEqual(document["account"], self.account.id)
        self.sim.add_user("olga")
        other = self.sign_in("olga", label="work")
        named = self.assert_json("token", "work")
        self.assertEqual([named[key] for key in ("account", "label", "login")], [other.id, "work", "olga"])
        self.sim.knobs(long_tokens=True)
        self.assertGreater(len(self.assert_json("token", "--force")["access_token"]), 4000)

    def test_refresh(self):
        document = self.assert_json("refresh")
        self.assertEqual(document, {"version": 1, "account": self.account.id,
                                    "expires_at": self.account.get("ExpiresAt"), "saved": True})

    def test_rename_and_default(self):
        self.assertEqual(self.assert_json("rename", "ivan", "home")["label"], "home")
        self.assertIs(self.assert_json("rename", "home", "home")["saved"], True)
        self.assertEqual(self.assert_json("default", "home")["account"], self.account.id)

    def test_grants(self):
        self.assertEqual(self.assert_json("grants")["grants"], [])
        named = {"account": self.account.id, "label": "ivan", "app": "org.example.App"}
        self.assertEqual(self.assert_json("allow", "org.example.App"),
                         {"version": 1, "saved": True} | named)
        self.assertEqual(self.assert_json("grants")["grants"], [named])
        self.assertEqual(self.assert_json("deny", "org.example.App")["denied"], [{"saved": True} | named])

    def test_logout(self):
        self.assertIs(self.assert_json("logout")["revoked"], True)

    def test_logout_that_does_not_revoke(self):
        self.sim.trouble("reset-before@/revoke_token")
        document = self.assert_json("logout")
        self.assertIs(document["revoked"], False)
        self.assertIn("https://id.yandex.ru", document["reason"])

    def test_login(self):
        login = self.world.launch_ctl("--json", *self.login_arguments())
        prompt = self.assert_document("login", login.stdout.readline())
        self.sim.allow(prompt["user_code"])
        for line in login.stdout:
            self.assert_document("login", line)
        self.assertEqual(login.await_end(), 0)

    def test_watch(self):
        watching = self.world.launch_ctl("--json", "watch", LANG="ru_RU.UTF-8")
        self.events_until(watching, "present")
        self.renew_unsaved(self.account)
        self.assertLessEqual({"keyring", "renewed", "saved"}, self.events_until(watching, "trouble"))
        self.keyring.unlock()
        self.events_until(watching, "saved")
        self.account.call("SetLabel", "(s)", "home")
        self.events_until(watching, "label")
        self.daemon.stop()
        self.events_until(watching, "daemon-gone")
        self.world.start_daemon()
        self.events_until(watching, "daemon-back")
        watching.send_signal(signal.SIGINT)
        for line in watching.stdout:
            self.assert_document("watch", line)
        self.assertEqual(watching.await_end(), 0)

    def events_until(self, watching, last):
        """Reads them up to that one; returns what they are called."""
        seen = set()
        while last not in seen:
            seen.add(self.assert_document("watch", watching.stdout.readline())["event"])
        return seen

    def test_errors_are_not_json(self):
        for arguments in (["token", "nobody"], ["refresh", "nobody"], ["logout", "nobody"],
                          ["status", "nobody"], ["rename", "nobody", "x"], ["default", "nobody"]):
            with self.subTest(arguments):
                self.assert_ctl_fails(3, "There is no such account", "--json", *arguments)


if __name__ == "__main__":
    main()
