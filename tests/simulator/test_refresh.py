#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Refresh: its three modes, what happens to the old tokens, and who is refused."""

import unittest

from rig import SimulatorTest


class ModeA(SimulatorTest):
    """The default, as recorded."""

    def setUp(self):
        super().setUp()
        self.old = self.sign_in()

    def test_same_access_token(self):
        self.assertEqual(self.refresh(self.old["refresh_token"]).json["access_token"],
                         self.old["access_token"])

    def test_new_refresh_token(self):
        self.assertNotEqual(self.refresh(self.old["refresh_token"]).json["refresh_token"],
                            self.old["refresh_token"])

    def test_remaining_life(self):
        self.sim.advance(86400 * 100)
        self.assertIn(self.refresh(self.old["refresh_token"]).json["expires_in"],
                      range(31536000 - 86400 * 100 - 10, 31536000 - 86400 * 100 + 1))

    def test_same_four_fields(self):
        self.assertEqual(set(self.refresh(self.old["refresh_token"]).json), set(self.old))

    def test_credentials_by_header(self):
        reply = self.refresh(self.old["refresh_token"], self.basic(), client_id=None,
                             client_secret=None)
        self.assertEqual(reply.status, 200)


class OtherModes(SimulatorTest):
    def test_b_gives_a_new_access_token_with_a_full_life(self):
        old = self.sign_in()
        self.sim.knobs(refresh_mode="B")
        self.sim.advance(86400 * 100)
        new = self.refresh(old["refresh_token"]).json
        self.assertNotEqual(new["access_token"], old["access_token"])
        self.assertNotEqual(new["refresh_token"], old["refresh_token"])
        self.assertIn(new["expires_in"], range(31535990, 31536001))

    def test_b_takes_the_life_of_the_moment(self):
        old = self.sign_in()
        self.sim.knobs(refresh_mode="B", token_life=3600)
        self.assertIn(self.refresh(old["refresh_token"]).json["expires_in"], range(3590, 3601))

    def test_c_leaves_the_refresh_token_out_and_alive(self):
        old = self.sign_in()
        self.sim.knobs(refresh_mode="C")
        new = self.refresh(old["refresh_token"]).json
        self.assertEqual(set(new), {"access_token", "expires_in", "token_type"})
        self.assertEqual(self.refresh(old["refresh_token"]).status, 200)

    def test_one_refresh_in_another_mode(self):
        old = self.sign_in()
        self.sim.knobs(refresh_mode={"value": "B", "count": 1})
        second = self.refresh(old["refresh_token"]).json
        third = self.refresh(second["refresh_token"]).json
        self.assertNotEqual(second["access_token"], old["access_token"])
        self.assertEqual(third["access_token"], second["access_token"])


class OldTokens(SimulatorTest):
    def test_old_refresh_token_dies(self):
        old = self.sign_in()
        self.refresh(old["refresh_token"])
        self.assert_refused(self.refresh(old["refresh_token"]), "invalid_grant")

    def test_old_refresh_token_survives(self):
        self.sim.knobs(old_refresh_token="survives")
        old = self.sign_in()
        self.refresh(old["refresh_token"])
        self.assertEqual(self.refresh(old["refresh_token"]).status, 200)

    def test_old_access_token_dies(self):
        self.sim.knobs(refresh_mode="B")
        old = self.sign_in()
        self.refresh(old["refresh_token"])
        self.assertEqual(self.probe(old["access_token"]), 401)

    def test_old_access_token_survives(self):
        self.sim.knobs(refresh_mode="B", old_access_token="survives")
        old = self.sign_in()
        self.refresh(old["refresh_token"])
        self.assertEqual(self.probe(old["access_token"]), 404)


class Refused(SimulatorTest):
    def test_token_of_another_client(self):
        other = self.sim.application()
        reply = self.refresh(self.sign_in()["refresh_token"], client_id=other["client_id"],
                             client_secret=other["client_secret"])
        self.assert_refused(reply, "invalid_grant")

    def test_a_wrong_secret_costs_no_token(self):
        token = self.sign_in()["refresh_token"]
        self.assert_refused(self.refresh(token, client_secret="wrong"), "invalid_client")
        self.assertEqual(self.refresh(token).status, 200)

    def test_without_secret(self):
        self.assert_refused(self.refresh(self.sign_in()["refresh_token"], client_secret=None),
                            "invalid_client")

    def test_without_secret_by_knob(self):
        self.sim.knobs(refresh_without_secret=True)
        reply = self.refresh(self.sign_in()["refresh_token"], client_secret=None)
        self.assertEqual(reply.status, 200)

    def test_after_expiry_in_every_mode(self):
        for mode in "ABC":
            self.sim.knobs(refresh_mode=mode)
            token = self.sign_in()["refresh_token"]
            self.sim.expire_tokens(client_id=self.app["client_id"])
            self.assert_refused(self.refresh(token), "invalid_grant")

    def test_after_expiry_by_knob(self):
        self.sim.knobs(refresh_after_expiry=True)
        old = self.sign_in()
        self.sim.expire_tokens(client_id=self.app["client_id"])
        new = self.refresh(old["refresh_token"]).json
        self.assertNotEqual(new["access_token"], old["access_token"])
        self.assertEqual(self.probe(new["access_token"]), 404)

    def test_after_revocation_even_with_that_knob(self):
        self.sim.knobs(refresh_after_expiry=True)
        old = self.sign_in()
        self.revoke(old["access_token"])
        self.assert_refused(self.refresh(old["refresh_token"]), "invalid_grant")

    def test_an_access_token_is_no_refresh_token(self):
        self.assert_refused(self.refresh(self.sign_in()["access_token"]), "invalid_grant")


class Answers(SimulatorTest):
    """What a token answer may say about life and length."""

    def expires_in(self, knob):
        self.sim.knobs(expires_in=knob)
        return self.sign_in().get("expires_in", "missing")

    def test_missing(self):
        self.assertEqual(self.expires_in("missing"), "missing")

    def test_zero_negative_recorded_and_huge(self):
        for number in (0, -5, 31535338, 2 ** 31, 2 ** 40):
            self.assertEqual(self.expires_in(number), number)

    def test_what_is_told_changes_nothing(self):
        self.sim.knobs(expires_in=0)
        self.assertEqual(self.probe(self.sign_in()["access_token"]), 404)

    def test_refresh_token_field_missing(self):
        self.sim.knobs(refresh_token_field="missing")
        self.assertNotIn("refresh_token", self.sign_in())

    def test_refresh_token_field_empty(self):
        self.sim.knobs(refresh_token_field="empty")
        self.assertEqual(self.sign_in()["refresh_token"], "")

    def test_long_tokens(self):
        self.sim.knobs(long_tokens=True)
        answer = self.sign_in()
        self.assertEqual(len(answer["access_token"]), 4096)
        self.assertEqual(len(answer["refresh_token"]), 4096)
        self.assertEqual(self.probe(answer["access_token"]), 404)
        self.assertEqual(self.refresh(answer["refresh_token"]).status, 200)

    def test_token_life(self):
        self.sim.knobs(token_life=10)
        token = self.sign_in()
        self.assertIn(token["expires_in"], range(1, 11))
        self.sim.advance(10)
        self.assertEqual(self.probe(token["access_token"]), 401)


if __name__ == "__main__":
    unittest.main()
