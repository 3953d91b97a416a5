#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Disk API host: the probe, GET /v1/disk, GET /v1/disk/resources, the errors."""

import unittest
from urllib.parse import urlencode

from rig import SimulatorTest

PROBE = "/v1/disk/operations/0000?fields=status"


class Disk(SimulatorTest):
    def assert_error(self, reply, status, error):
        self.assertEqual((reply.status, reply.json["error"]), (status, error))
        self.assertEqual(set(reply.json), {"message", "description", "error"})

    def test_probe_of_a_good_token_without_disk_scopes(self):
        token = self.sign_in(scope="login:info")["access_token"]
        self.assert_error(self.api("disk", PROBE, token), 404, "DiskOperationNotFoundError")

    def test_probe_of_a_wrong_token(self):
        reply = self.api("disk", PROBE, "y0_wrong")
        self.assert_error(reply, 401, "UnauthorizedError")
        self.assertEqual(reply.json["description"], "Unauthorized")
        self.assertEqual(reply.headers["Content-Type"], "application/json")

    def test_message_is_russian_in_utf_8(self):
        self.assertIn("Не авторизован".encode(), self.api("disk", PROBE, "y0_wrong").body)

    def test_no_header(self):
        self.assert_error(self.call("disk", "GET", PROBE), 401, "UnauthorizedError")

    def test_only_the_scheme_oauth_counts(self):
        token = self.sign_in()["access_token"]
        for header in ("Bearer " + token, "bearer " + token, "oauth " + token, token,
                       "OAuth" + token, "OAuth  " + token):
            reply = self.call("disk", "GET", PROBE, headers={"Authorization": header})
            self.assert_error(reply, 401, "UnauthorizedError")

    def test_the_query_does_not_count(self):
        token = self.sign_in()["access_token"]
        reply = self.call("disk", "GET", PROBE + "&oauth_token=" + token)
        self.assert_error(reply, 401, "UnauthorizedError")

    def test_disk_with_64_bit_numbers_and_cyrillic(self):
        reply = self.api("disk", "/v1/disk", self.sign_in()["access_token"])
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["Content-Type"], "application/json; charset=utf-8")
        self.assertGreater(reply.json["total_space"], 2 ** 32)
        self.assertEqual(len(str(reply.json["revision"])), 16)
        self.assertIn("Загрузки".encode(), reply.body)
        self.assertEqual(reply.json["user"]["login"], self.sim.login)

    def test_fields_select(self):
        reply = self.api("disk", "/v1/disk?fields=used_space,revision",
                         self.sign_in()["access_token"])
        self.assertEqual(set(reply.json), {"used_space", "revision"})

    def test_disk_without_its_scope(self):
        token = self.sign_in(scope="cloud_api:disk.read")["access_token"]
        self.assert_error(self.api("disk", "/v1/disk", token), 403, "ForbiddenError")

    def test_unsupported_account(self):
        self.sim.knobs(disk_account="unsupported")
        reply = self.api("disk", "/v1/disk", self.sign_in()["access_token"])
        self.assert_error(reply, 403, "DiskUnsupportedUserAccountTypeError")

    def resources(self, token, **query):
        return self.api("disk", "/v1/disk/resources?" + urlencode(query), token)

    def test_the_root_is_a_folder(self):
        reply = self.resources(self.sign_in()["access_token"], path="/")
        self.assertEqual(reply.status, 200)
        self.assertEqual((reply.json["type"], reply.json["name"], reply.json["path"]),
                         ("dir", "disk", "disk:/"))
        listed = reply.json["_embedded"]
        self.assertEqual((listed["limit"], listed["offset"], listed["total"]), (20, 0, 1))
        self.assertEqual([item["type"] for item in listed["items"]], ["file"])
        self.assertEqual(self.resources(self.sign_in()["access_token"], path="disk:/").json,
                         reply.json)

    def test_limit_and_offset_and_fields(self):
        token = self.sign_in()["access_token"]
        for query, number in (({"limit": 0}, 0), ({"limit": 1}, 1), ({"offset": 1}, 0)):
            listed = self.resources(token, path="/", **query).json["_embedded"]
            self.assertEqual(len(listed["items"]), number)
        self.assertEqual(self.resources(token, path="/", fields="type,none").json, {"type": "dir"})

    def test_a_file_and_none(self):
        token = self.sign_in()["access_token"]
        name = self.resources(token, path="/").json["_embedded"]["items"][0]["name"]
        reply = self.resources(token, path="/" + name)
        self.assertEqual((reply.status, reply.json["path"]), (200, "disk:/" + name))
        self.assertNotIn("_embedded", reply.json)
        self.assert_error(self.resources(token, path="/x"), 404, "DiskNotFoundError")

    def test_the_whole_disk_needs_its_scope(self):
        token = self.sign_in(scope="cloud_api:disk.info cloud_api:disk.app_folder")["access_token"]
        for path in ("/", "disk:/", "/x"):
            self.assert_error(self.resources(token, path=path), 403, "ForbiddenError")

    def test_the_folder_of_the_application_needs_another(self):
        token = self.sign_in(scope="cloud_api:disk.app_folder")["access_token"]
        reply = self.resources(token, path="app:/")
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.json["path"], "disk:/Приложения/" + self.app["client_id"])
        token = self.sign_in(scope="cloud_api:disk.read")["access_token"]
        self.assert_error(self.resources(token, path="app:/"), 403, "ForbiddenError")

    def test_resources_of_an_unsupported_account(self):
        self.sim.knobs(disk_account="unsupported")
        token = self.sign_in(scope="cloud_api:disk.read")["access_token"]
        self.assert_error(self.resources(token, path="/"), 403,
                          "DiskUnsupportedUserAccountTypeError")
        self.assert_error(self.resources(token, path="app:/"), 403, "ForbiddenError")

    def test_resources_that_make_no_sense(self):
        token = self.sign_in()["access_token"]
        for query in ({}, {"path": ""}, {"path": "a:b"}, {"path": "disk:"},
                      {"path": "/", "limit": "x"}, {"path": "/", "offset": "-1"}):
            self.assert_error(self.resources(token, **query), 400, "FieldValidationError")

    def test_what_is_not_there(self):
        token = self.sign_in()["access_token"]
        self.assertEqual(self.api("disk", "/v1/disk/nothing", token).status, 404)

    def test_other_media_types_are_not_served(self):
        reply = self.call("disk", "GET", PROBE, headers={"Accept": "text/html"})
        self.assertEqual(reply.status, 406)

    def test_spurious_401(self):
        self.sim.knobs(spurious_401_every=3)
        token = self.sign_in()["access_token"]
        statuses = [self.probe(token) for _ in range(9)]
        self.assertEqual(sorted(statuses), [401] * 3 + [404] * 6)
        self.assertEqual(statuses[:3], statuses[3:6])


if __name__ == "__main__":
    unittest.main()
