#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Disk API host: the probe, the scopes, the errors, and a Disk that keeps what is put on it."""

import hashlib
import json
import unittest
from urllib.parse import urlencode, urlsplit

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

    def test_methods_that_a_path_has_not(self):
        token = self.sign_in()["access_token"]
        for method, path, allowed in (("POST", "/v1/disk", "GET"), ("DELETE", PROBE, "GET"),
                                      ("GET", "/v1/disk/resources/copy", "POST")):
            reply = self.call("disk", method, path, headers={"Authorization": f"OAuth {token}"})
            self.assertEqual((reply.status, reply.headers["Allow"]), (405, allowed))


class Storage(SimulatorTest):
    """The words of these tests are programs' calls, with one good token."""

    def setUp(self):
        super().setUp()
        self.token = self.sign_in()["access_token"]

    def ask(self, method, what, body=None, headers=None, **query):
        return self.call("disk", method, f"/v1/disk/{what}?{urlencode(query)}", body,
                         {"Authorization": f"OAuth {self.token}"} | (headers or {}))

    def at(self, href, method="GET", body=None, headers=None):
        where = urlsplit(href)
        return self.call("disk", method, f"{where.path}?{where.query}", body, headers)

    def make_folder(self, path):
        self.assertEqual(self.ask("PUT", "resources", path=path).status, 201)

    def put(self, path, content, overwrite="false"):
        """Returns the operation."""
        link = self.ask("GET", "resources/upload", path=path, overwrite=overwrite).json
        self.assertEqual((link["method"], link["templated"]), ("PUT", False))
        reply = self.at(link["href"], "PUT", content)
        self.assertEqual((reply.status, reply.body, reply.headers["Content-Type"]), (201, b"", None))
        return link["operation_id"]

    def content(self, path, **headers):
        link = self.ask("GET", "resources/download", path=path).json
        return self.at(link["href"], headers=headers)

    def names(self, path="/", **query):
        return [item["name"] for item in
                self.ask("GET", "resources", path=path, **query).json["_embedded"]["items"]]

    def assert_error(self, reply, status, error):
        self.assertEqual((reply.status, reply.json["error"]), (status, error))

    def await_done(self, reply):
        self.assertEqual(reply.status, 202)
        statuses = [self.ask("GET", urlsplit(reply.json["href"]).path.removeprefix("/v1/disk/"))
                    .json["status"] for _ in range(3)]
        self.assertEqual(statuses, ["in-progress", "success", "success"])

    # Bytes

    def test_what_goes_in_comes_out(self):
        content = bytes(range(256)) * 8192
        self.make_folder("disk:/a b")
        self.put("disk:/a b/Файл.bin", content)
        self.assertEqual(self.content("/a b/Файл.bin").body, content)
        found = self.ask("GET", "resources", path="/a b/Файл.bin").json
        self.assertEqual((found["path"], found["size"], found["md5"]),
                         ("disk:/a b/Файл.bin", len(content), hashlib.md5(content).hexdigest()))
        self.assertEqual(self.sim.disk()["disk:/a b/Файл.bin"],
                         {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()})

    def test_a_body_in_chunks(self):
        """As of programs that do not know the length before the end."""
        link = self.ask("GET", "resources/upload", path="/x").json
        self.assertEqual(self.at(link["href"], "PUT", iter((b"ab", b"c" * 70000))).status, 201)
        self.assertEqual(self.content("/x").body, b"ab" + b"c" * 70000)

    def test_ranges(self):
        self.put("/x", b"0123456789")
        for wanted, status, body, told in (
                ("bytes=2-4", 206, b"234", "bytes 2-4/10"), ("bytes=7-", 206, b"789", "bytes 7-9/10"),
                ("bytes=-2", 206, b"89", "bytes 8-9/10"), ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
                ("pages=1", 200, b"0123456789", None)):
            reply = self.content("/x", Range=wanted)
            self.assertEqual((reply.status, reply.body, reply.headers["Content-Range"]),
                             (status, body, told))
        reply = self.content("/x", Range="bytes=10-")
        self.assertEqual((reply.status, reply.headers["Content-Range"]), (416, "bytes */10"))

    def test_nothing_is_overwritten_unasked(self):
        self.put("/x", b"one")
        self.assert_error(self.ask("GET", "resources/upload", path="/x"), 409,
                          "DiskResourceAlreadyExistsError")
        before = self.ask("GET", "resources", path="/x").json["resource_id"]
        self.put("/x", b"two", overwrite="true")
        self.assertEqual(self.content("/x").body, b"two")
        self.assertEqual(self.ask("GET", "resources", path="/x").json["resource_id"], before)

    def test_an_upload_is_an_operation(self):
        link = self.ask("GET", "resources/upload", path="/x").json
        status = "operations/" + link["operation_id"]
        self.assertEqual(self.ask("GET", status).json, {"status": "in-progress"})
        self.at(link["href"], "PUT", b"")
        self.assertEqual(self.ask("GET", status).json, {"status": "success"})
        self.assertEqual(self.at(link["href"], "PUT", b"again").status, 404)

    def test_an_upload_too_late(self):
        first, second = (self.ask("GET", "resources/upload", path="/x").json for _ in range(2))
        self.assertEqual(self.at(first["href"], "PUT", b"first").status, 201)
        self.assertEqual(self.at(second["href"], "PUT", b"second").status, 409)
        self.assertEqual(self.content("/x").body, b"first")

    def test_the_hosts_of_transfers_want_no_token(self):
        self.sim.forget_requests()
        token = {"Authorization": f"OAuth {self.token}"}
        for headers, notes in (({}, []), (token, ["a token at the host of transfers"])):
            link = self.ask("GET", "resources/upload", path="/x", overwrite="true").json
            self.assertEqual(self.at(link["href"], "PUT", b"x", headers).status, 201)
            self.assertEqual(self.sim.requests(method="PUT")[-1]["notes"], notes)
            self.assertEqual(self.at(self.ask("GET", "resources/download", path="/x").json["href"],
                                     headers=headers).body, b"x")
            self.assertEqual(self.sim.requests(method="GET")[-1]["notes"], notes)

    def test_addresses_are_of_the_world_the_client_lives_in(self):
        for path, kind, name in (("/x", "upload", "uploader1.disk.yandex.net:443"),
                                 ("/Мишки.jpg", "download", "downloader.disk.yandex.ru")):
            for host, address in (("cloud-api.yandex.net", name), ("localhost:1", "localhost:1")):
                link = self.ask("GET", "resources/" + kind, path=path, headers={"Host": host}).json
                self.assertEqual(urlsplit(link["href"]).netloc, address)

    # Folders

    def test_folders(self):
        self.make_folder("/a")
        self.assert_error(self.ask("PUT", "resources", path="/a"), 409,
                          "DiskPathPointsToExistentDirectoryError")
        self.assert_error(self.ask("PUT", "resources", path="/b/c"), 409, "DiskPathDoesntExistsError")
        self.assert_error(self.ask("GET", "resources/upload", path="/b/c"), 409,
                          "DiskPathDoesntExistsError")
        self.assert_error(self.ask("GET", "resources/upload", path="/a", overwrite="true"), 409,
                          "DiskPathPointsToExistentDirectoryError")
        self.assert_error(self.ask("GET", "resources/download", path="/a"), 400,
                          "FieldValidationError")

    def test_lists(self):
        self.make_folder("/a")
        for name in ("c", "a", "b"):
            self.put("/a/" + name, name.encode() * (ord(name) - 90))
        self.assertEqual(self.names("/a"), ["a", "b", "c"])
        self.assertEqual(self.names("/a", sort="-size"), ["c", "b", "a"])
        self.assertEqual(self.names("/a", limit=2, offset=1), ["b", "c"])
        self.assertEqual(self.ask("GET", "resources", path="/a", limit=1,
                                  fields="name,_embedded.total,_embedded.items.path").json,
                         {"name": "a", "_embedded": {"total": 3, "items": [{"path": "disk:/a/a"}]}})
        self.assert_error(self.ask("GET", "resources", path="/a", sort="colour"), 400,
                          "FieldValidationError")

    def test_flat_lists(self):
        self.make_folder("/a")
        self.put("/a/x", b"x")
        listed = self.ask("GET", "resources/files", limit=1, offset=1).json
        self.assertEqual([item["path"] for item in listed["items"]], ["disk:/Мишки.jpg"])
        self.assertEqual((listed["limit"], listed["offset"]), (1, 1))
        self.assertNotIn("total", listed)
        listed = self.ask("GET", "resources/last-uploaded", limit=1).json
        self.assertEqual([item["path"] for item in listed["items"]], ["disk:/a/x"])

    def test_the_folder_of_the_application(self):
        self.put("app:/x", b"x")
        self.assertEqual(self.ask("GET", "resources", path="app:/x").json["path"],
                         f"disk:/Приложения/{self.app['client_id']}/x")
        self.assertEqual(self.content("app:/x").body, b"x")

    def test_users_have_a_disk_each(self):
        self.sim.add_user("maria")
        self.put("/x", b"x")
        self.token = self.sign_in("maria")["access_token"]
        self.assert_error(self.ask("GET", "resources", path="/x"), 404, "DiskNotFoundError")
        self.assertNotIn("disk:/x", self.sim.disk("maria"))

    # Changes

    def test_deleting_for_good(self):
        used = self.ask("GET", "").json["used_space"]
        self.put("/x", b"x" * 100)
        self.assertEqual(self.ask("GET", "").json["used_space"], used + 100)
        reply = self.ask("DELETE", "resources", path="/x", permanently="true")
        self.assertEqual((reply.status, reply.body), (204, b""))
        self.assertEqual(self.ask("GET", "").json["used_space"], used)
        self.assert_error(self.ask("DELETE", "resources", path="/x"), 404, "DiskNotFoundError")
        self.assert_error(self.ask("DELETE", "resources", path="/"), 400, "FieldValidationError")

    def test_a_folder_that_is_not_empty_takes_a_while(self):
        self.make_folder("/a")
        self.put("/a/x", b"x")
        self.await_done(self.ask("POST", "resources/copy", **{"from": "/a", "path": "/b"}))
        self.await_done(self.ask("POST", "resources/move", **{"from": "/b", "path": "/c"}))
        self.await_done(self.ask("DELETE", "resources", path="/a"))
        self.assertEqual(self.names(), ["c", "Мишки.jpg"])
        self.assertEqual(self.content("/c/x").body, b"x")

    def test_the_trash_and_back(self):
        self.make_folder("/a")
        self.put("/a/x", b"x" * 100)
        before = self.ask("GET", "").json
        self.await_done(self.ask("DELETE", "resources", path="/a"))
        after = self.ask("GET", "").json
        self.assertEqual(after["used_space"], before["used_space"])
        self.assertEqual(after["trash_size"], before["trash_size"] + 100)
        item, = self.ask("GET", "trash/resources", path="trash:/").json["_embedded"]["items"]
        self.assertRegex(item["path"], r"\Atrash:/a_[0-9a-f]{40}\Z")
        self.assertEqual(item["origin_path"], "disk:/a")
        self.await_done(self.ask("PUT", "trash/resources/restore", path=item["path"]))
        self.assertEqual(self.content("/a/x").body, b"x" * 100)
        self.await_done(self.ask("DELETE", "resources", path="/a"))
        self.assertEqual(self.ask("DELETE", "trash/resources").status, 204)
        self.assertEqual(self.ask("GET", "").json["used_space"], before["used_space"] - 100)

    def test_moving_and_copying_a_file(self):
        self.put("/x", b"x")
        self.put("/y", b"y")
        self.assertEqual(self.ask("POST", "resources/copy", **{"from": "/x", "path": "/z"}).status, 201)
        self.assert_error(self.ask("POST", "resources/move", **{"from": "/x", "path": "/y"}), 409,
                          "DiskResourceAlreadyExistsError")
        reply = self.ask("POST", "resources/move",
                         **{"from": "/x", "path": "/y", "overwrite": "true"})
        self.assertEqual((reply.status, reply.json["method"]), (201, "GET"))
        self.assertEqual(self.at(reply.json["href"], headers={
            "Authorization": f"OAuth {self.token}"}).json["path"], "disk:/y")
        self.assertEqual(self.names(), ["y", "z", "Мишки.jpg"])
        self.assertEqual(self.content("/y").body, b"x")

    def test_a_folder_does_not_go_into_itself(self):
        self.make_folder("/a")
        for way in ("move", "copy"):
            reply = self.ask("POST", "resources/" + way, **{"from": "/a", "path": "/a/b"})
            self.assert_error(reply, 400, "FieldValidationError")

    def test_properties_of_ones_own(self):
        def patch(properties):
            return self.ask("PATCH", "resources", json.dumps(properties), path="/Мишки.jpg")

        reply = patch({"custom_properties": {"a": "1", "b": "2"}})
        self.assertEqual((reply.status, reply.json["custom_properties"]), (200, {"a": "1", "b": "2"}))
        patch({"custom_properties": {"a": None}})
        found = self.ask("GET", "resources", path="/Мишки.jpg").json
        self.assertEqual(found["custom_properties"], {"b": "2"})
        for nonsense in ({}, [], {"custom_properties": 1}):
            self.assert_error(patch(nonsense), 400, "FieldValidationError")

    # Scopes

    def test_writing_needs_its_scope(self):
        self.token = self.sign_in(scope="cloud_api:disk.read")["access_token"]
        for method, path, query in (
                ("PUT", "resources", {"path": "/a"}), ("DELETE", "resources", {"path": "/a"}),
                ("GET", "resources/upload", {"path": "/a"}),
                ("POST", "resources/copy", {"from": "/a", "path": "/b"})):
            self.assert_error(self.ask(method, path, **query), 403, "ForbiddenError")
        self.assertEqual(self.ask("GET", "resources/download", path="/Мишки.jpg").status, 200)

    def test_an_application_leaves_its_folder_with_the_scope_only(self):
        self.token = self.sign_in(scope="cloud_api:disk.app_folder")["access_token"]
        self.put("app:/x", b"x")
        self.assert_error(self.ask("POST", "resources/copy", **{"from": "app:/x", "path": "/x"}),
                          403, "ForbiddenError")

    def test_an_upload_outlives_the_token(self):
        link = self.ask("GET", "resources/upload", path="/x").json
        self.sim.kill_tokens()
        self.assertEqual(self.at(link["href"], "PUT", b"x").status, 201)
        self.assertIn("disk:/x", self.sim.disk())


if __name__ == "__main__":
    unittest.main()
