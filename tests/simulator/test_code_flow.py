#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The code flow: /authorize, the redirect, the exchange, PKCE."""

import base64
import hashlib
import unittest

from rig import DEVICE_ID, SimulatorTest

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
S256 = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Redirect(SimulatorTest):
    def test_code_state_and_cid(self):
        redirect = self.authorize(state="the state & more")
        self.assertEqual(set(redirect), {"code", "state", "cid"})
        self.assertEqual(redirect["state"], "the state & more")

    def test_no_state_where_none_was_sent(self):
        self.assertNotIn("state", self.authorize())

    def test_denied(self):
        redirect = self.authorize(allow=False, state="s")
        self.assertEqual((redirect["error"], redirect["state"]), ("access_denied", "s"))

    def test_blocked_application(self):
        self.sim.block_application(self.app["client_id"])
        self.assertEqual(self.authorize(state="s")["error"], "unauthorized_client")

    def test_application_waiting_for_moderation(self):
        self.sim.application(client_id=self.app["client_id"], status="moderation")
        self.assertEqual(self.authorize()["error"], "unauthorized_client")

    def test_unknown_application_is_not_redirected(self):
        self.assertEqual(self.get_page("/authorize", client_id="0" * 32).status, 400)

    def test_state_of_1024(self):
        self.assertIn("code", self.authorize(state="s" * 1024))

    def test_state_of_1025(self):
        self.assertEqual(self.authorize(state="s" * 1025)["error"], "invalid_request")

    def test_scope_the_application_lacks(self):
        self.assertEqual(self.authorize(scope="music:read")["error"], "invalid_scope")

    def test_device_id_too_short(self):
        self.assertEqual(self.authorize(device_id="short")["error"], "invalid_request")

    def test_implicit_flow_is_not_offered(self):
        self.assertEqual(self.authorize(response_type="token")["error"], "invalid_request")

    def test_goes_to_the_screen_page_by_default(self):
        self.assertTrue(self.location().startswith(
            self.sim.addresses["oauth"] + "/verification_code?"))

    def test_goes_to_a_registered_address(self):
        self.register("https://one.example/cb", "https://two.example/cb")
        self.assertTrue(self.location(redirect_uri="https://two.example/cb")
                        .startswith("https://two.example/cb?"))

    def test_goes_to_the_first_one_for_an_unregistered_address(self):
        self.register("https://one.example/cb", "https://two.example/cb")
        self.assertTrue(self.location(redirect_uri="https://two.example/cb/")
                        .startswith("https://one.example/cb?"))

    def register(self, *addresses):
        self.sim.application(client_id=self.app["client_id"], redirect_uris=list(addresses))

    def location(self, **parameters):
        """Where a request that fails at once is sent; the address is chosen all the same."""
        return self.get_page("/authorize", client_id=self.app["client_id"], scope="music:read",
                             response_type="code", **parameters).headers["Location"]


class Exchange(SimulatorTest):
    def test_with_the_secret(self):
        self.assertEqual(self.exchange(self.authorize()["code"]).status, 200)

    def test_without_secret_or_verifier(self):
        self.assert_refused(self.exchange(self.authorize()["code"], client_secret=None),
                            "invalid_client")

    def test_a_code_is_spent_by_its_exchange(self):
        code = self.authorize()["code"]
        self.exchange(code)
        self.assert_refused(self.exchange(code), "invalid_grant")

    def test_a_code_lives_ten_minutes(self):
        code = self.authorize()["code"]
        self.sim.advance(599)
        self.assertEqual(self.exchange(code).status, 200)

    def test_and_not_longer(self):
        code = self.authorize()["code"]
        self.sim.advance(600)
        reply = self.exchange(code)
        self.assert_refused(reply, "invalid_grant")
        self.assertEqual(reply.json["error_description"], "Code has expired")

    def test_code_of_another_client(self):
        other = self.sim.application()
        reply = self.exchange(self.authorize()["code"], client_id=other["client_id"],
                              client_secret=other["client_secret"])
        self.assert_refused(reply, "invalid_grant")

    def test_a_device_code_is_no_confirmation_code(self):
        code = self.ask_device_code().json["device_code"]
        self.assert_refused(self.exchange(code), "bad_verification_code")

    def test_code_of_16_characters(self):
        self.assertRegex(self.authorize()["code"], "^[0-9a-z]{16}$")

    def test_code_of_7_digits(self):
        self.sim.knobs(confirmation_code="digits")
        code = self.authorize()["code"]
        self.assertRegex(code, "^[0-9]{7}$")
        self.assertEqual(self.exchange(code).status, 200)

    def test_device_id_from_the_authorization(self):
        self.exchange(self.authorize(device_id=DEVICE_ID)["code"], device_id="another-one")
        self.assertEqual(self.device_id(), DEVICE_ID)

    def test_device_id_from_the_exchange(self):
        self.exchange(self.authorize()["code"], device_id=DEVICE_ID)
        self.assertEqual(self.device_id(), DEVICE_ID)

    def device_id(self):
        return self.sim.grants(client_id=self.app["client_id"])[0]["device_id"]


class Pkce(SimulatorTest):
    def code(self, challenge=S256, **parameters):
        return self.authorize(code_challenge=challenge, **parameters)["code"]

    def test_s256_without_secret(self):
        reply = self.exchange(self.code(code_challenge_method="S256"), client_secret=None,
                              code_verifier=VERIFIER)
        self.assertEqual(reply.status, 200)

    def test_s256_with_secret(self):
        reply = self.exchange(self.code(code_challenge_method="S256"), code_verifier=VERIFIER)
        self.assertEqual(reply.status, 200)

    def test_plain_without_secret(self):
        code = self.code(VERIFIER, code_challenge_method="plain")
        reply = self.exchange(code, client_secret=None, code_verifier=VERIFIER)
        self.assertEqual(reply.status, 200)

    def test_plain_is_the_default_method(self):
        reply = self.exchange(self.code(VERIFIER), client_secret=None, code_verifier=VERIFIER)
        self.assertEqual(reply.status, 200)

    def test_wrong_verifier(self):
        code = self.code(code_challenge_method="S256")
        self.assert_refused(self.exchange(code, client_secret=None, code_verifier="x" * 43),
                            "invalid_grant")

    def test_a_wrong_verifier_does_not_spend_the_code(self):
        code = self.code(code_challenge_method="S256")
        self.exchange(code, client_secret=None, code_verifier="x" * 43)
        self.assertEqual(self.exchange(code, code_verifier=VERIFIER).status, 200)

    def test_missing_verifier(self):
        self.assert_refused(self.exchange(self.code(code_challenge_method="S256")),
                            "invalid_grant")

    def test_verifier_for_a_code_without_challenge(self):
        code = self.authorize()["code"]
        self.assert_refused(self.exchange(code, client_secret=None, code_verifier=VERIFIER),
                            "invalid_grant")

    def test_verifier_does_not_excuse_a_wrong_secret(self):
        code = self.code(code_challenge_method="S256")
        self.assert_refused(self.exchange(code, client_secret="wrong", code_verifier=VERIFIER),
                            "invalid_client")

    def test_unknown_method(self):
        self.assertEqual(self.authorize(code_challenge="x", code_challenge_method="S512")["error"],
                         "invalid_request")

    def test_an_accepted_verifier_is_on_the_ledger(self):
        self.exchange(self.code(code_challenge_method="S256"), code_verifier=VERIFIER)
        self.assertIn(VERIFIER, self.sim.secrets("code_verifier"))


if __name__ == "__main__":
    unittest.main()
