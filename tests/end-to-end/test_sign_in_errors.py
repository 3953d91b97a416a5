#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What each error of POST /token and POST /device/code becomes when somebody signs in."""

import json

from rig import EndToEndTest, main

WAITS = None
SPACED = ("Basic auth required", "Malformed Authorization header")
TROUBLES = 3  # in a row, before a sign-in gives up

# status, error: the D-Bus error, or that it goes on waiting.
ROWS = [
    (400, "authorization_pending", WAITS),
    (400, "bad_verification_code", "Expired"),
    (400, "invalid_client", "AppRefused"),
    (401, "invalid_client", "AppRefused"),
    (400, "invalid_grant", "Expired"),
    (400, "invalid_request", "ServerTrouble"),
    (400, "invalid_scope", "InvalidArgs"),
    (400, "unauthorized_client", "AppRefused"),
    (400, "unsupported_grant_type", "ServerTrouble"),
    (401, SPACED[0], "ServerTrouble"),
    (400, SPACED[1], "ServerTrouble"),
    (400, "access_denied", "AccessDenied"),
    (400, "expired_token", "Expired"),
    (429, None, WAITS),
    (503, None, WAITS),
]

DEVICE_CODE_ROWS = [
    (400, "invalid_client", "AppRefused"),
    (401, "invalid_client", "AppRefused"),
    (400, "invalid_request", "ServerTrouble"),
    (400, "invalid_scope", "InvalidArgs"),
    (400, "unauthorized_client", "AppRefused"),
    (403, "something new", "Refused"),
    (429, None, "RateLimited"),
    (500, None, "ServerTrouble"),
]


class SignInErrors(EndToEndTest):
    CLOCK = True

    def script(self, path, status, error, **given):
        body = json.dumps({"error": error, "error_description": "\x1b]0;!\x07"}) if error else "<html>"
        self.sim.script_answer(path, status=status, body=body,
                               headers={"Content-Type": "application/json"}, **given)

    def assert_nobody_is_signed_in(self):
        self.assertEqual(self.client.accounts(), [])
        self.assertEqual(self.keyring.ours(), [])

    def test_rows_of_the_token_request(self):
        for status, error, name in ROWS:
            with self.subTest((status, error)):
                self.sim.forget_answers()
                self.script("/token", status, error, grant_type="device_code",
                            count=TROUBLES if name == "ServerTrouble" else 1)
                request = self.begin_sign_in()
                if name is WAITS:
                    self.sim.forget_requests()
                    with self.flying():
                        self.sim.wait("/token", count=2)
                    self.assertEqual(request.ends(), [])
                    request.cancel()
                else:
                    with self.flying():
                        self.assertEqual(request.await_error(), name)
                    self.assert_refused(name, request.prompt)
                self.assert_nobody_is_signed_in()

    def test_an_error_that_is_not_known_is_the_end(self):
        """At once, since it will not go away, and with its name in the log and for the user."""
        for status, error in ((400, "authorization_declined"), (403, "Something new")):
            with self.subTest(error):
                self.sim.forget_answers()
                self.sim.forget_requests()
                self.script("/token", status, error, grant_type="device_code")
                request = self.begin_sign_in()
                self.assertEqual(request.await_error(), "Refused")
                self.assertIn(f"does not know ({error}); ", request.ends()[0][1]["message"])
                self.assertIn(f"an error that is not known ({error}).", self.daemon.log())
                self.assertEqual(len(self.sim.requests(path="/token")), 1)
                self.assert_nobody_is_signed_in()

    def test_slow_down(self):
        self.script("/token", 400, "slow_down", grant_type="device_code")
        request = self.begin_sign_in()
        self.sim.allow(request.code)
        with self.flying():
            self.assertEqual(request.await_account().get("Login"), "ivan")

    def test_rows_of_the_device_code_request(self):
        for status, error, name in DEVICE_CODE_ROWS:
            with self.subTest((status, error)):
                self.sim.forget_answers()
                self.script("/device/code", status, error)
                request = self.client.sign_in(client_id=self.client_id,
                                              client_secret=self.client_secret)
                self.assertEqual(request.await_error(), name)
                self.assert_refused(name, request.prompt)
                self.assert_nobody_is_signed_in()
        self.assertEqual(self.sim.requests(path="/token"), [])

    def test_a_confirmation_that_is_not_heard_of_is_not_late(self):
        self.sim.knobs(device_code_expires_in=20)
        self.sim.trouble("reset-before@/token")
        request = self.begin_sign_in()
        self.sim.allow(request.code)
        with self.flying():
            self.assertEqual(request.await_error(), "Offline")

    def test_tokens_that_cannot_be_used_end_it_at_once(self):
        self.sim.script_answer("/token", status=200, body='{"access_token": null}', after_effect=True,
                               grant_type="device_code")
        request = self.begin_sign_in()
        self.sim.allow(request.code)
        with self.flying():
            self.assertEqual(request.await_error(), "ServerTrouble")
        self.assertIn("start the sign-in again", request.ends()[0][1]["message"])

    def test_unknown_application(self):
        request = self.client.sign_in(client_id="f" * 32, client_secret="x")
        self.assertEqual(request.await_error(), "AppRefused")
        self.assert_nobody_is_signed_in()

    def test_wrong_secret(self):
        request = self.client.sign_in(client_id=self.client_id, client_secret="x")
        self.sim.allow(request.prompt()["user_code"])
        self.assertEqual(request.await_error(), "AppRefused")
        self.assert_nobody_is_signed_in()

    def test_scope_that_the_application_lacks(self):
        app = self.sim.application(scopes=["login:info"])
        request = self.client.sign_in(client_id=app["client_id"],
                                      client_secret=app["client_secret"],
                                      scopes=["cloud_api:disk.write"])
        self.assertEqual(request.await_error(), "InvalidArgs")


if __name__ == "__main__":
    main()
