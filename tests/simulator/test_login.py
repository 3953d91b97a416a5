#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""GET /info on the Yandex ID host."""

import unittest

from rig import SimulatorTest

BASE = {"id", "login", "client_id", "psuid"}


class Info(SimulatorTest):
    def info(self, *scopes):
        token = self.sign_in(scope=" ".join(scopes))["access_token"]
        return self.api("login", "/info", token)

    def test_base_fields_for_a_disk_token(self):
        reply = self.info("cloud_api:disk.read")
        self.assertEqual((reply.status, set(reply.json)), (200, BASE))

    def test_they_are_strings(self):
        answer = self.info("cloud_api:disk.read").json
        self.assertEqual({type(value) for value in answer.values()}, {str})
        self.assertEqual((answer["login"], answer["client_id"]),
                         (self.sim.login, self.app["client_id"]))

    def test_email(self):
        answer = self.info("login:email").json
        self.assertEqual(set(answer), BASE | {"default_email", "emails"})
        self.assertEqual(answer["emails"], [answer["default_email"]])

    def test_names(self):
        self.assertEqual(set(self.info("login:info").json), BASE | {
            "first_name", "last_name", "display_name", "real_name", "sex"})

    def test_avatar(self):
        self.assertEqual(set(self.info("login:avatar").json),
                         BASE | {"default_avatar_id", "is_avatar_empty"})

    def test_birthday(self):
        self.assertRegex(self.info("login:birthday").json["birthday"], r"^\d{4}-\d\d-\d\d$")

    def test_phone(self):
        phone = self.info("login:default_phone").json["default_phone"]
        self.assertEqual({name: type(value) for name, value in phone.items()},
                         {"id": int, "number": str})

    def test_token_in_the_query(self):
        token = self.sign_in()["access_token"]
        reply = self.call("login", "GET", "/info?format=json&oauth_token=" + token)
        self.assertEqual(reply.status, 200)

    def test_bearer_is_not_accepted(self):
        token = self.sign_in()["access_token"]
        self.assertEqual(self.api("login", "/info", token, scheme="Bearer").status, 401)

    def test_no_token(self):
        self.assertEqual(self.call("login", "GET", "/info").status, 401)

    def test_wrong_token(self):
        reply = self.api("login", "/info", "y0_wrong")
        self.assertEqual((reply.status, set(reply.json)), (401, {"code", "message"}))

    def test_expired_token(self):
        token = self.sign_in()["access_token"]
        self.sim.expire_tokens(client_id=self.app["client_id"])
        self.assertEqual(self.api("login", "/info", token).status, 401)

    def test_the_pair_of_user_and_application_has_one_psuid(self):
        first = self.info("login:info").json["psuid"]
        self.assertEqual(self.info("login:email").json["psuid"], first)
        self.app = self.sim.application()
        self.assertNotEqual(self.info("login:info").json["psuid"], first)


if __name__ == "__main__":
    unittest.main()
