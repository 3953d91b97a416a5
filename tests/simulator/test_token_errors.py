#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""POST /token: every documented error, and how strictly the request is read."""

import base64
import unittest

from rig import DEVICE_ID, SimulatorTest


class Reading(SimulatorTest):
    def test_body_that_is_json(self):
        reply = self.call("oauth", "POST", "/token", '{"grant_type": "refresh_token"}',
                          {"Content-Type": "application/json"})
        self.assert_refused(reply, "invalid_request")

    def test_body_without_content_type(self):
        self.assert_refused(self.call("oauth", "POST", "/token", "grant_type=refresh_token"),
                            "invalid_request")

    def test_body_that_is_no_form(self):
        self.assert_refused(self.post("/token", "grant_type"), "invalid_request")

    def test_content_type_with_charset(self):
        reply = self.post("/token", {"grant_type": "device_code", "code": "0" * 32,
                                     **self.credentials()},
                          {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"})
        self.assert_refused(reply, "invalid_grant")

    def test_repeated_parameter(self):
        for name in ("grant_type", "client_id", "unheard_of"):
            pairs = [("grant_type", "device_code"), ("code", "0" * 32), (name, "x"), (name, "x")]
            self.assert_refused(self.post("/token", pairs), "invalid_request")

    def test_parameter_in_the_query_instead(self):
        reply = self.post("/token?code=" + "0" * 32,
                          {"grant_type": "device_code", **self.credentials()})
        self.assert_refused(reply, "invalid_request")

    def test_parameter_in_the_query_as_well(self):
        reply = self.post("/token?grant_type=device_code", {
            "grant_type": "device_code", "code": "0" * 32, **self.credentials()})
        self.assert_refused(reply, "invalid_request")

    def test_missing_grant_type(self):
        self.assert_refused(self.post("/token", self.credentials()), "invalid_request")

    def test_missing_code(self):
        for grant_type in ("device_code", "authorization_code"):
            reply = self.post("/token", {"grant_type": grant_type, **self.credentials()})
            self.assert_refused(reply, "invalid_request")

    def test_missing_refresh_token(self):
        reply = self.post("/token", {"grant_type": "refresh_token", **self.credentials()})
        self.assert_refused(reply, "invalid_request")

    def test_empty_parameter_is_missing(self):
        self.assert_refused(self.refresh(""), "invalid_request")

    def test_colons_must_survive_the_form(self):
        self.assertIn(":", self.sign_in()["refresh_token"])

    def test_get_is_not_allowed(self):
        self.assertEqual(self.get_page("/token").status, 405)


class Client(SimulatorTest):
    def test_wrong_secret_in_the_body(self):
        self.assert_refused(self.poll("0" * 32, client_secret="wrong"), "invalid_client")

    def test_wrong_secret_in_the_header(self):
        self.assert_refused(self.poll("0" * 32, self.basic(client_secret="wrong")),
                            "invalid_client", 401)

    def test_missing_secret(self):
        reply = self.poll("0" * 32, client_secret=None)
        self.assert_refused(reply, "invalid_client")
        self.assertEqual(reply.json["error_description"], "Wrong client secret")

    def test_unknown_client_in_the_body(self):
        reply = self.poll("0" * 32, client_id="f" * 32)
        self.assert_refused(reply, "invalid_client")
        self.assertEqual(reply.json["error_description"], "Client not found")

    def test_unknown_client_in_the_header(self):
        self.assert_refused(self.poll("0" * 32, self.basic(client_id="f" * 32)),
                            "invalid_client", 401)

    def test_missing_client_id(self):
        self.assert_refused(self.poll("0" * 32, client_id=None), "invalid_request")

    def test_good_header_wins_over_a_wrong_body(self):
        reply = self.poll("0" * 32, self.basic(), client_secret="wrong")
        self.assert_refused(reply, "invalid_grant")

    def test_wrong_header_wins_over_a_good_body(self):
        self.assert_refused(self.poll("0" * 32, self.basic(client_secret="wrong")),
                            "invalid_client", 401)

    def test_good_header_alone(self):
        reply = self.poll("0" * 32, self.basic(), client_id=None, client_secret=None)
        self.assert_refused(reply, "invalid_grant")

    def test_header_that_is_not_basic(self):
        for scheme in ("OAuth", "Bearer"):
            self.assert_refused(self.poll("0" * 32, {"Authorization": scheme + " y0_token"}),
                                "Basic auth required", 401)

    def test_header_that_is_not_base64(self):
        self.assert_refused(self.poll("0" * 32, {"Authorization": "Basic %%%"}),
                            "Malformed Authorization header", 401)

    def test_header_without_a_colon(self):
        header = {"Authorization": "Basic " + base64.b64encode(b"no colon").decode()}
        self.assert_refused(self.poll("0" * 32, header), "Malformed Authorization header", 401)

    def test_header_errors_with_another_status(self):
        self.sim.knobs(header_error_status=400)
        self.assert_refused(self.poll("0" * 32, {"Authorization": "OAuth x"}),
                            "Basic auth required", 400)

    def test_blocked_client(self):
        self.sim.block_application(self.app["client_id"])
        self.assert_refused(self.poll("0" * 32), "invalid_client")
        self.assert_refused(self.poll("0" * 32, self.basic()), "invalid_client", 401)

    def test_client_waiting_for_moderation(self):
        self.sim.application(client_id=self.app["client_id"], status="moderation")
        self.assert_refused(self.poll("0" * 32), "unauthorized_client")


class Rows(SimulatorTest):
    """The documented errors, one test a row; those about the client are above."""

    def test_authorization_pending(self):
        reply = self.poll(self.ask_device_code().json["device_code"])
        self.assert_refused(reply, "authorization_pending")
        self.assertEqual(reply.json["error_description"],
                         "User has not yet authorized your application")

    def test_bad_verification_code(self):
        self.assert_refused(self.poll("not a device code"), "bad_verification_code")
        self.assert_refused(self.exchange("12345"), "bad_verification_code")

    def test_invalid_grant_for_a_wrong_code(self):
        self.assert_refused(self.poll("0" * 32), "invalid_grant")
        self.assert_refused(self.exchange("1234567"), "invalid_grant")

    def test_invalid_grant_for_an_expired_code(self):
        code = self.ask_device_code().json["device_code"]
        self.sim.expire_codes()
        reply = self.poll(code)
        self.assert_refused(reply, "invalid_grant")
        self.assertEqual(reply.json["error_description"], "Code has expired")

    def test_invalid_grant_for_a_wrong_refresh_token(self):
        self.assert_refused(self.refresh("1:never:been:minted"), "invalid_grant")

    def test_invalid_scope_when_rights_change_after_the_code(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        self.sim.application(client_id=self.app["client_id"], scopes=["login:info"])
        self.assert_refused(self.poll(code["device_code"]), "invalid_scope")

    def test_unsupported_grant_type(self):
        for grant_type in ("password", "urn:ietf:params:oauth:grant-type:device_code"):
            reply = self.post("/token", {"grant_type": grant_type, **self.credentials()})
            self.assert_refused(reply, "unsupported_grant_type")

    def test_invalid_request_for_the_standard_name_of_the_code(self):
        reply = self.post("/token", {"grant_type": "device_code", "device_code": "0" * 32,
                                     **self.credentials()})
        self.assert_refused(reply, "invalid_request")

    def test_code_of_another_client(self):
        code = self.ask_device_code(device_id=DEVICE_ID).json
        self.sim.allow(code["user_code"])
        other = self.sim.application()
        reply = self.poll(code["device_code"], client_id=other["client_id"],
                          client_secret=other["client_secret"])
        self.assert_refused(reply, "invalid_grant")


if __name__ == "__main__":
    unittest.main()
