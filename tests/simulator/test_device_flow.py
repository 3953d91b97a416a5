#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The device flow from the code to the tokens."""

import re
import unittest

from rig import DEVICE_ID, SimulatorTest


class Tokens(SimulatorTest):
    def test_four_fields(self):
        self.assertEqual(set(self.sign_in()),
                         {"access_token", "expires_in", "refresh_token", "token_type"})

    def test_written_with_sorted_keys_and_spaces(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        self.assertRegex(self.poll(code["device_code"]).text, re.compile(
            r'^\{"access_token": "y0_[\w-]+", "expires_in": \d+, "refresh_token": "1:[\w:-]+", '
            r'"token_type": "bearer"\}$'))

    def test_shapes(self):
        answer = self.sign_in()
        self.assertRegex(answer["access_token"], r"^y0_(?=.*-)(?=.*_)[\w-]{58}$")
        self.assertRegex(answer["refresh_token"], r"^1:[\w-]+:[\w-]+:[\w-]+$")
        self.assertEqual(len(answer["refresh_token"]), 124)

    def test_token_type_is_always_bearer(self):
        self.assertEqual(self.sign_in()["token_type"], "bearer")

    def test_a_fresh_token_lives_a_year(self):
        self.assertIn(self.sign_in()["expires_in"], range(31535990, 31536001))

    def test_the_token_is_good(self):
        self.assertEqual(self.probe(self.sign_in()["access_token"]), 404)

    def test_credentials_by_header(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        reply = self.poll(code["device_code"], self.basic(), client_id=None, client_secret=None)
        self.assertEqual(reply.status, 200)

    def test_the_token_belongs_to_the_user_who_allowed(self):
        login = self.sim.add_user("olga-" + self.app["client_id"][:6])["login"]
        token = self.sign_in(login=login)["access_token"]
        self.assertEqual(self.api("login", "/info", token).json["login"], login)


class Codes(SimulatorTest):
    def test_a_code_is_spent_by_its_exchange(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        self.assertEqual(self.poll(code["device_code"]).status, 200)
        self.assert_refused(self.poll(code["device_code"]), "invalid_grant")

    def test_an_allowed_code_expires_too(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        self.sim.advance(301)
        self.assert_refused(self.poll(code["device_code"]), "invalid_grant")

    def test_a_wrong_secret_does_not_spend_it(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        self.poll(code["device_code"], client_secret="wrong")
        self.assertEqual(self.poll(code["device_code"]).status, 200)

    def test_device_id_may_be_sent_again_and_is_ignored(self):
        code = self.ask_device_code(device_id=DEVICE_ID).json
        self.sim.allow(code["user_code"])
        self.assertEqual(self.poll(code["device_code"], device_id="another-one").status, 200)
        grant = self.sim.grants(client_id=self.app["client_id"])[0]
        self.assertEqual(grant["device_id"], DEVICE_ID)

    def test_device_id_may_come_with_the_exchange_only(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        self.poll(code["device_code"], device_id=DEVICE_ID, device_name="desk")
        grant = self.sim.grants(client_id=self.app["client_id"])[0]
        self.assertEqual((grant["device_id"], grant["device_name"]), (DEVICE_ID, "desk"))


class Scopes(SimulatorTest):
    def test_no_scope_field_when_everything_was_granted(self):
        self.assertNotIn("scope", self.sign_in(scope="login:info login:email"))

    def test_scope_field_when_it_was_narrowed(self):
        answer = self.sign_in(allow_scopes=["login:info"],
                              scope="login:info login:email")
        self.assertEqual(answer["scope"], "login:info")

    def test_scope_field_in_the_refresh_of_a_narrowed_grant(self):
        answer = self.sign_in(allow_scopes=["login:info"], scope="login:info login:email")
        self.assertEqual(self.refresh(answer["refresh_token"]).json["scope"], "login:info")


class Pace(SimulatorTest):
    def setUp(self):
        super().setUp()
        self.sim.knobs(interval=3600)

    def test_fast_polls_are_noted(self):
        code = self.ask_device_code().json["device_code"]
        self.poll(code)
        self.poll(code)
        first, second = self.sim.requests(path="/token")
        self.assertEqual(first["notes"], [])
        self.assertEqual(second["notes"], ["polled faster than the interval"])

    def test_polls_an_interval_apart_are_not(self):
        code = self.ask_device_code().json["device_code"]
        self.poll(code)
        self.sim.advance(3600)
        self.poll(code)
        self.assertEqual(self.sim.requests(path="/token")[1]["notes"], [])

    def test_fast_polls_are_ignored_by_default(self):
        code = self.ask_device_code().json["device_code"]
        self.poll(code)
        self.assert_refused(self.poll(code), "authorization_pending")

    def test_slow_down_when_fast(self):
        self.sim.knobs(slow_down="when-fast")
        code = self.ask_device_code().json["device_code"]
        self.assert_refused(self.poll(code), "authorization_pending")
        self.assert_refused(self.poll(code), "slow_down")

    def test_slow_down_for_the_next_two_polls(self):
        self.sim.knobs(slow_down={"value": "always", "count": 2})
        code = self.ask_device_code().json["device_code"]
        errors = [self.poll(code).json["error"] for _ in range(3)]
        self.assertEqual(errors, ["slow_down", "slow_down", "authorization_pending"])


class Denied(SimulatorTest):
    def deny(self):
        code = self.ask_device_code().json
        self.sim.deny(code["user_code"])
        return self.poll(code["device_code"])

    def test_access_denied(self):
        self.assert_refused(self.deny(), "access_denied")

    def test_pending_for_ever(self):
        self.sim.knobs(denied="pending")
        self.assert_refused(self.deny(), "authorization_pending")

    def test_invalid_grant(self):
        self.sim.knobs(denied="invalid_grant")
        self.assert_refused(self.deny(), "invalid_grant")


if __name__ == "__main__":
    unittest.main()
