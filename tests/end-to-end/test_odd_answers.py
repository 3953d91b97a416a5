#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Answers and records that are odd but good: what is in them is read, whatever json-c is there."""

import base64
import json
import re

from rig import EndToEndTest, main

NAMES = {"first_name": "Иван", "real_name": "Иван Петров 😀", "display_name": "ваня\t💾",
         "birthday": None, "sex": "male", "psuid": "1.AAceCw"}
LABELS = ["Мой диск 😀", "{REF:P@T:x}", "C:\\disk\\", "50 % \"off\" & <more>", "line\u2028separator"]


class OddAnswersTest(EndToEndTest):
    CLOCK = True

    def script(self, path, document, **selection):
        """As bytes, nothing escaped."""
        self.script_bytes(path, json.dumps(document, ensure_ascii=False).encode(), **selection)

    def script_bytes(self, path, body, **selection):
        self.sim.script_answer(path, status=200, body_base64=base64.b64encode(body).decode(), **selection)

    def script_token(self, **fields):
        pair = {"access_token": "y0_odd", "refresh_token": "1:odd", "expires_in": 3600}
        self.script("/token", pair | fields, grant_type="device_code")

    def sign_in_with(self, **fields):
        self.script_token(**fields)
        request = self.begin_sign_in()
        with self.flying():
            return request.await_account()


class Names(OddAnswersTest):
    def test_a_user_with_a_name_of_any_language_has_one_account(self):
        self.script("/info", {"id": "7", "login": "ivan"} | NAMES)
        account = self.sign_in()
        self.assertEqual(account.get("Login"), "ivan")
        self.script("/info", {"id": "7", "login": "ivan"} | NAMES)
        self.assertEqual(self.sign_in().path, account.path)
        self.assertEqual(len(self.keyring.ours("account")), 1)

    def test_the_id_alone_tells_whose_account_it_is(self):
        for info, login in (({"id": 7, "login": "ivan"}, "ivan"), ({"id": "8", "login": None}, ""), ({"id": "9"}, "")):
            with self.subTest(info):
                self.script("/info", info)
                account = self.sign_in()
                self.assertEqual(account.get("Login"), login)
                self.assertEqual(account.get("Label"), login or "Yandex Disk")
                self.script("/info", info)
                self.assertEqual(self.sign_in().path, account.path)
                account.sign_out()

    def test_a_login_that_is_missing_once_is_not_forgotten(self):
        self.script("/info", {"id": "7", "login": "ivan"})
        account = self.sign_in()
        self.script("/info", {"id": "7"})
        self.assertEqual(self.sign_in().path, account.path)
        self.assertEqual(account.get("Login"), "ivan")

    def test_a_label_outlives_a_restart_and_is_nothing_special_to_a_keyring(self):
        account = self.sign_in()
        token = account.get_token()
        for label in LABELS:
            with self.subTest(label):
                self.assertEqual(self.ctl("rename", account.get("Id"), label).status, 0)
                self.client.find_account(label).await_is("Saved", True)
                item, = self.keyring.ours("account")
                self.assertRegex(item.secret(), r'\A[A-Za-z0-9_.:~/%"{}\[\],-]+\Z')
                self.assertEqual(re.findall(r'\{(?!")', item.secret()), [])
                self.world.restart_daemon()
                account = self.client.find_account(label)
                self.assertEqual(account.get("Label"), label)
                self.assertEqual(account.get_token(), token)


class Tokens(OddAnswersTest):
    def test_a_refresh_token_that_is_null_ends_no_sign_in(self):
        account = self.sign_in_with(refresh_token=None)
        self.assertEqual(account.get_token().value, "y0_odd")
        self.assertEqual(account.state, "active")

    def test_a_life_is_a_number_however_it_is_written(self):
        for life in ("3600", "3600.0", 3600.0, 3600.5):
            with self.subTest(life):
                account = self.sign_in_with(expires_in=life)
                # From the answer on, which came before it was known whose it is.
                self.assertIn(account.get("ObtainedAt") + 3600 - account.get("ExpiresAt"), range(60))

    def test_a_life_that_is_none(self):
        for life in (None, "soon", [3600], True):
            with self.subTest(life):
                account = self.sign_in_with(expires_in=life)
                self.assertEqual(account.get("ExpiresAt"), 0)
                self.assertEqual(account.state, "active")

    def test_a_life_without_an_end(self):
        account = self.sign_in_with(expires_in=10 ** 25)
        self.assertEqual(account.get_token().value, "y0_odd")
        self.world.restart_daemon()
        self.assertEqual(self.client.find_account("").get_token().value, "y0_odd")


class Bytes(OddAnswersTest):
    """What stands before the JSON, or in a field that is not read, costs nothing."""
    KNOBS = {"refresh_mode": "B"}
    RENEWED = {"access_token": "y0_odd", "refresh_token": "1:odd", "expires_in": 3600}

    def renew_by(self, body):
        account = self.sign_in()
        self.script_bytes("/token", body, grant_type="refresh_token", after_effect=True)
        account.refresh()
        self.assertEqual(account.get_token().value, "y0_odd")
        self.world.restart_daemon()
        self.assertEqual(self.client.find_account("").get_token().value, "y0_odd")

    def test_a_byte_order_mark_before_a_renewal(self):
        self.renew_by(b"\xef\xbb\xbf" + json.dumps(self.RENEWED).encode())

    def test_a_name_in_windows_1251_beside_a_renewal(self):
        self.renew_by(json.dumps(self.RENEWED | {"user": "Иван"}, ensure_ascii=False).encode("cp1251"))

    def test_a_name_in_windows_1251_beside_a_login(self):
        self.script_bytes("/info", json.dumps({"id": "11", "login": "petr", "first_name": "Иван"},
                                              ensure_ascii=False).encode("cp1251"))
        self.assertEqual(self.sign_in().get("Login"), "petr")

    def test_a_byte_order_mark_before_each_step_of_a_sign_in(self):
        mark = b"\xef\xbb\xbf"
        self.script_bytes("/token", mark + json.dumps(self.RENEWED).encode(), grant_type="device_code")
        self.script_bytes("/info", mark + b'{"id": "12", "login": "anna"}')
        request = self.begin_sign_in()
        with self.flying():
            self.assertEqual(request.await_account().get("Login"), "anna")


class Twice(OddAnswersTest):
    """Of a name that comes twice, the last one counts."""

    def script_text(self, path, text, status=200, **selection):
        self.sim.script_answer(path, status=status, body=text, **selection)

    def test_device_code(self):
        self.script_text("/device/code", '{"user_code": "first", "user_code": "last", "device_code": "d", '
                         '"interval": 60, "interval": 99999999999999999999}')
        request = self.begin_sign_in()
        self.assertEqual(request.code, "last")
        request.cancel()

    def test_token_and_identity(self):
        self.script_text("/token", '{"access_token": "first", "expires_in": 5, "refresh_token": "first", '
                         '"access_token": "last", "expires_in": 36e2, "refresh_token": "last"}',
                         grant_type="device_code")
        self.script_text("/info", '{"id": "1", "login": "first", "id": "2", "login": "last"}')
        request = self.begin_sign_in()
        with self.flying():
            account = request.await_account()
        self.assertEqual(account.get("Login"), "last")
        self.assertEqual(account.get_token().value, "last")
        self.world.restart_daemon()
        self.assertEqual(self.client.find_account("last").get_token().value, "last")

    def test_error(self):
        account = self.sign_in()
        self.script_text("/token", '{"error": "invalid_grant", "error": "slow_down"}', status=400,
                         grant_type="refresh_token")
        self.assert_refused("ServerTrouble", account.refresh)
        self.assertEqual(account.state, "active")

    def test_stored_record(self):
        account = self.sign_in()
        item, = self.keyring.ours("account")
        label = json.loads(item.secret())["label"]
        doubled = item.secret().replace('"label":', '"label":"first","label":')
        self.assertNotEqual(doubled, item.secret())
        self.world.daemon.stop()
        self.keyring.write(item, doubled)
        self.world.start_daemon()
        self.assertEqual(self.client.find_account("").get("Label"), label)
        self.assertEqual(self.client.find_account("").get_token(), account.get_token())


if __name__ == "__main__":
    main()
