#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""POST /revoke_token: every row of its table, and what a revocation ends."""

import unittest

from rig import SimulatorTest


class Revoke(SimulatorTest):
    def setUp(self):
        super().setUp()
        self.token = self.sign_in()

    def test_status_ok(self):
        reply = self.revoke(self.token["access_token"])
        self.assertEqual((reply.status, reply.text), (200, '{"status": "ok"}'))

    def test_twice_is_ok_twice(self):
        self.revoke(self.token["access_token"])
        self.assertEqual(self.revoke(self.token["access_token"]).json, {"status": "ok"})

    def test_an_expired_token_is_ok(self):
        self.sim.expire_tokens(client_id=self.app["client_id"])
        self.assertEqual(self.revoke(self.token["access_token"]).status, 200)

    def test_the_api_refuses_at_once(self):
        self.revoke(self.token["access_token"])
        self.assertEqual(self.probe(self.token["access_token"]), 401)

    def test_the_refresh_token_dies_too(self):
        self.revoke(self.token["access_token"])
        self.assert_refused(self.refresh(self.token["refresh_token"]), "invalid_grant")

    def test_credentials_by_header(self):
        reply = self.revoke(self.token["access_token"], self.basic(), client_secret="wrong")
        self.assertEqual(reply.status, 200)

    def test_missing_token(self):
        self.assert_refused(self.post("/revoke_token", self.credentials()), "invalid_request")

    def test_the_standard_parameter_name_is_not_known(self):
        reply = self.post("/revoke_token", {"token": self.token["access_token"],
                                            **self.credentials()})
        self.assert_refused(reply, "invalid_request")

    def test_token_of_another_client(self):
        other = self.sim.application()
        reply = self.revoke(self.token["access_token"], client_id=other["client_id"],
                            client_secret=other["client_secret"])
        self.assert_refused(reply, "invalid_grant")
        self.assertEqual(self.probe(self.token["access_token"]), 404)

    def test_a_refresh_token_cannot_be_revoked(self):
        self.assert_refused(self.revoke(self.token["refresh_token"]), "invalid_grant")

    def test_wrong_secret_in_the_body(self):
        self.assert_refused(self.revoke(self.token["access_token"], client_secret="wrong"),
                            "invalid_client")

    def test_wrong_secret_in_the_header(self):
        self.assert_refused(self.revoke(self.token["access_token"],
                                        self.basic(client_secret="wrong")), "invalid_client", 401)

    def test_blocked_client(self):
        self.sim.block_application(self.app["client_id"])
        self.assert_refused(self.revoke(self.token["access_token"]), "invalid_client")

    def test_token_without_device_id(self):
        token = self.sign_in(device_id="")
        self.assert_refused(self.revoke(token["access_token"]), "unsupported_token_type")
        self.assertEqual(self.probe(token["access_token"]), 404)


if __name__ == "__main__":
    unittest.main()
