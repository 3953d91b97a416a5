#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Answers that are none: each is the server's trouble, and costs nobody a token."""

import base64
import json

from rig import EndToEndTest, main

GOOD = {"access_token": "y0_new", "refresh_token": "1:new", "expires_in": 3600,
        "token_type": "bearer"}
MEGABYTE = 10 ** 6
HTML = "<!DOCTYPE html><html><body>Log in to the network</body></html>"


def changed(**fields):
    """A good answer but for some fields; those of None are left out."""
    return json.dumps({name: value for name, value in (GOOD | fields).items() if value is not None})


TOKEN_ANSWERS = {
    "HTML": HTML,
    "HTML that is served as JSON": HTML,
    "nothing": "",
    "truncated JSON": json.dumps(GOOD)[:40],
    "more than JSON": json.dumps(GOOD) + json.dumps(GOOD),
    "a megabyte of JSON": json.dumps(GOOD)[:-1] + " " * MEGABYTE + "}",
    "a megabyte of blanks": " " * MEGABYTE,
    "a deep array": "[" * 20000,
    "a list": json.dumps([GOOD]),
    "a string": json.dumps("y0_new"),
    "null": "null",
    "a number": "12",
    "NUL bytes": json.dumps(GOOD).replace("y0_new", "y0\0new"),
    "nothing but NUL bytes": "\0" * 64,
    "an escaped NUL": json.dumps(GOOD).replace("y0_new", "y0\\u0000new"),
    "bytes that are no UTF-8": json.dumps(GOOD).replace("y0_new", "y0\udcff"),
    "no access token": changed(access_token=None),
    "an empty access token": changed(access_token=""),
    "an access token that is a number": changed(access_token=7),
    "an access token that is null": json.dumps(GOOD | {"access_token": None}),
    "an access token in a list": changed(access_token=["y0_new"]),
    "an access token with CR": changed(access_token="y0_new\rX-Evil: 1"),
    "an access token with LF": changed(access_token="y0_new\nX-Evil: 1"),
    "an access token with CR LF": changed(access_token="y0_new\r\nX-Evil: 1"),
    "an access token with a blank": changed(access_token="y0 new"),
    "an access token with an escape": changed(access_token="y0_\x1b[31m"),
    "an access token with an umlaut": changed(access_token="y0_\u00fc"),
    "a refresh token that is a number": changed(refresh_token=7),
    "a refresh token with LF": changed(refresh_token="1:new\n"),
    "a refresh token with CR": changed(refresh_token="1:\rnew"),
    "an error that is no string": json.dumps({"error": {"code": 5}}),
    "no error and no token": "{}",
}


# Ways to write a host that is no host of the world.
NEAR = ("127.0.0.1", "127.0.0.2", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost.", "ya.ru.localhost", "router.local", "192.168.1.1",
        "169.254.169.254")
BAD_PAGES = ("https://ya.ru:0/device", "https://ya.ru:65536/device", "https://ya.ru:port/device", "https://ya.ru:/device",
             "https://ya.ru:-1/device", "https://user@ya.ru/device", "https://user:password@ya.ru/device",
             "https://ya.ru@evil.example/device", "http://ya.ru/device", "file:///etc/passwd", "javascript:alert(1)")


class BadAnswersTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def script(self, path, body, content_type="application/json", status=200, **selection):
        """For this request and the one that a lost answer causes."""
        encoded = body.encode("utf-8", "surrogateescape")
        as_text = {"body": body} if body.isascii() else \
            {"body_base64": base64.b64encode(encoded).decode()}
        self.sim.script_answer(path, status=status, count=2,
                               headers={"Content-Type": content_type}, **as_text, **selection)


class AtRefresh(BadAnswersTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.before = self.account.all()
        self.token = self.account.get_token()
        self.document = self.keyring.account()

    def anew(self):
        """The daemon as if nothing had failed yet."""
        self.sim.trouble()
        self.sim.forget_answers()
        self.sim.forget_requests()
        self.world.restart_daemon()

    def assert_trouble(self, name="ServerTrouble"):
        self.assert_refused(name, self.account.refresh)
        self.assertGreaterEqual(len(self.refreshes()), 1)
        self.assertEqual(self.account.last_error, name)
        self.assertGreater(self.account.get("NextRefreshAt"), 0)
        self.assert_untouched(self.account, self.before)
        self.assertEqual(self.account.get_token(), self.token)
        self.assertEqual(self.ctl("token").out, self.token.value + "\n")
        self.assertEqual(self.keyring.account(), self.document)

    def assert_recovers(self):
        self.anew()
        self.account.refresh()
        self.assertEqual(self.account.generation, self.token.generation + 1)
        self.assertEqual(self.account.last_error, "")

    def test_what_is_no_token_answer(self):
        for what, body in TOKEN_ANSWERS.items():
            with self.subTest(what):
                self.anew()
                self.script("/token", body, "text/html" if what == "HTML" else "application/json",
                            grant_type="refresh_token")
                self.assert_trouble()
        self.assert_recovers()

    def test_redirect(self):
        for location in (None, self.sim.addresses["oauth"] + "/elsewhere", "http://127.0.0.1:1/"):
            self.anew()
            self.sim.trouble({"kind": "redirect", "path": "/token", "location": location}
                             if location else "redirect@/token")
            self.assert_trouble()
            self.assertEqual(self.sim.requests(host="plain"), [])
            self.assertEqual(self.sim.requests(path="/elsewhere"), [])
        self.assert_recovers()

    def test_captive_portal(self):
        self.anew()
        self.sim.trouble("captive")
        self.assert_trouble()
        self.assert_recovers()

    def test_an_answer_that_is_cut_off(self):
        self.anew()
        self.sim.script_answer("/token", status=200, count=2, body=json.dumps(GOOD), truncate_at=50)
        self.assert_trouble("Offline")
        self.assertEqual(len(self.refreshes()), 2)
        self.assert_recovers()

    def test_a_connection_that_is_reset(self):
        for kind in ("reset-accept", "reset-before"):
            with self.subTest(kind):
                self.anew()
                self.sim.trouble(kind)
                self.assert_refused("Offline", self.account.refresh)
                self.assert_untouched(self.account, self.before)
        self.assert_recovers()


class Lost(BadAnswersTest):
    """The answer is lost after Yandex has rotated."""
    KNOBS = {"refresh_mode": "B", "old_refresh_token": "survives"}

    def test_asked_again_with_the_old_refresh_token(self):
        account = self.sign_in()
        self.sim.trouble("lost@/token*1")
        account.refresh()
        self.assertEqual(len(self.refreshes()), 2)
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])
        self.assertEqual(account.state, "active")


class AtSignIn(BadAnswersTest):
    def test_device_code(self):
        good = {"device_code": "d" * 32, "user_code": "abcd1234", "interval": 1, "expires_in": 300,
                "verification_url": "https://ya.ru/device"}
        for what, fields in {"no device code": {"device_code": None},
                             "no user code": {"user_code": None},
                             "a user code that is a number": {"user_code": 5},
                             "a user code with an escape": {"user_code": "ab\x1b[2Jcd"},
                             "a device code with LF": {"device_code": "d\nd"}}.items():
            with self.subTest(what):
                self.sim.forget_answers()
                self.script("/device/code", json.dumps(
                    {name: value for name, value in (good | fields).items() if value is not None}))
                self.assert_no_code()
        for body in (HTML, "", "[]", json.dumps(good)[:30], " " * MEGABYTE):
            self.sim.forget_answers()
            self.script("/device/code", body)
            self.assert_no_code()

    def assert_no_code(self):
        request = self.client.sign_in(client_id=self.client_id, client_secret=self.client_secret)
        self.assertEqual(request.await_error(), "ServerTrouble")
        self.assert_refused("ServerTrouble", request.prompt)

    def page_for(self, url):
        """Where the user is sent if Yandex names that page."""
        self.sim.knobs(verification_url=url)
        request = self.begin_sign_in()
        page = request.prompt()["verification_url"]
        request.cancel()
        return page

    def test_a_page_on_the_own_machine_or_network_is_not_shown(self):
        """But that of the server that is in the place of Yandex here."""
        oauth = self.sim.addresses["oauth"]
        port = oauth.rpartition(":")[2]
        for url in [f"https://{host}:{port}/device" for host in NEAR] + \
                ["https://localhost/device", "https://localhost:1/device", self.sim.addresses["login"] + "/device"]:
            with self.subTest(url):
                self.assertEqual(self.page_for(url), "https://ya.ru/device")
        self.assertEqual(self.page_for(oauth + "/device"), oauth + "/device")

    def test_a_page_that_cannot_be_is_not_shown(self):
        for url in BAD_PAGES:
            with self.subTest(url):
                self.assertEqual(self.page_for(url), "https://ya.ru/device")
        self.assertEqual(self.page_for("https://oauth.yandex.ru:443/device"), "https://oauth.yandex.ru:443/device")

    def test_redirect_of_each_step(self):
        self.sim.trouble("redirect@/device/code")
        self.assert_no_code()
        self.sim.trouble("redirect@/token")
        self.assertEqual(self.begin_sign_in().await_error(), "ServerTrouble")
        self.sim.trouble("redirect@/info")
        account = self.sign_in()
        self.assertEqual(account.get("Login"), "")
        self.sim.trouble("redirect@/revoke_token")
        self.assertFalse(account.sign_out()["revoked"])
        self.assertEqual(self.sim.requests(host="plain"), [])

    def test_a_sign_in_survives_a_bad_answer_or_two(self):
        request = self.begin_sign_in()
        self.script("/token", HTML, grant_type="device_code")
        self.sim.wait("/token", count=2)
        self.sim.allow(request.code)
        self.assertEqual(request.await_account().get("Login"), "ivan")

    def test_whose_account_it_is_can_be_learnt_later(self):
        self.script("/info", json.dumps({"id": "\x1b[31m1", "login": "ivan"}))
        account = self.sign_in()
        self.assertEqual(account.get("Login"), "")
        account.refresh()
        account.await_is("Login", "ivan")
        self.assertEqual(account.get("Label"), "ivan")


class AtSignOut(BadAnswersTest):
    def test_revocation(self):
        for body in (HTML, "", "{}", json.dumps({"status": "maybe"}), " " * MEGABYTE):
            with self.subTest(body[:20]):
                account = self.sign_in()
                self.script("/revoke_token", body)
                outcome = account.sign_out()
                self.assertFalse(outcome["revoked"])
                self.assertIn("https://id.yandex.ru/personal/data-access", outcome["reason"])
                self.assertEqual(self.keyring.ours(), [])
                self.sim.forget_answers()


if __name__ == "__main__":
    main()
