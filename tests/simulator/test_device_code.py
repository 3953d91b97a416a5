#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""POST /device/code: what it gives and what it refuses."""

import re
import unittest

from rig import SimulatorTest


class DeviceCode(SimulatorTest):
    def test_five_fields(self):
        self.assertEqual(set(self.ask_device_code().json), {
            "device_code", "user_code", "verification_url", "interval", "expires_in"})

    def test_written_with_sorted_keys_and_spaces(self):
        self.assertRegex(self.ask_device_code().text, re.compile(
            r'^\{"device_code": "[0-9a-f]{32}", "expires_in": 300, "interval": 5, '
            r'"user_code": "[0-9a-z]{8}", "verification_url": "https://localhost:\d+/device"\}$'))

    def test_content_type_and_date(self):
        headers = self.ask_device_code().headers
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertRegex(headers["Date"], r"^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$")

    def test_no_secret_is_needed(self):
        self.assertEqual(self.ask_device_code().status, 200)

    def test_unknown_client(self):
        self.assert_refused(self.ask_device_code(client_id="0" * 32), "invalid_client")

    def test_missing_client(self):
        self.assert_refused(self.post("/device/code", {"scope": "login:info"}), "invalid_request")

    def test_blocked_client(self):
        self.sim.block_application(self.app["client_id"])
        self.assert_refused(self.ask_device_code(), "invalid_client")

    def test_device_id_of_6_and_of_50(self):
        for length in (6, 50):
            self.assertEqual(self.ask_device_code(device_id="x" * length).status, 200)

    def test_device_id_of_5_and_of_51(self):
        for length in (5, 51):
            self.assert_refused(self.ask_device_code(device_id="x" * length), "invalid_request")

    def test_device_id_with_the_outermost_printable_characters(self):
        self.assertEqual(self.ask_device_code(device_id="     ~").status, 200)

    def test_device_id_that_is_not_printable_ascii(self):
        for device_id in ("device\x1f", "device\x7f", "устройство"):
            self.assert_refused(self.ask_device_code(device_id=device_id), "invalid_request")

    def test_device_name_of_100(self):
        reply = self.ask_device_code(device_id="123456", device_name="я" * 100)
        self.assertEqual(reply.status, 200)

    def test_device_name_of_101(self):
        self.assert_refused(self.ask_device_code(device_id="123456", device_name="я" * 101),
                            "invalid_request")

    def test_device_name_is_ignored_without_device_id(self):
        self.assertEqual(self.ask_device_code(device_name="x" * 101).status, 200)
        self.assertEqual(self.sim.wait_pending()["device_name"], "")

    def test_every_scope_where_none_is_named(self):
        self.ask_device_code()
        self.assertEqual(self.sim.wait_pending()["scopes"], self.app["scopes"])

    def test_some_scopes(self):
        self.ask_device_code(scope="login:info cloud_api:disk.read")
        self.assertEqual(self.sim.wait_pending()["scopes"], ["login:info", "cloud_api:disk.read"])

    def test_a_scope_in_both_lists_is_optional(self):
        self.ask_device_code(scope="login:info login:email", optional_scope="login:email")
        pending = self.sim.wait_pending()
        self.assertEqual(pending["scopes"], ["login:info"])
        self.assertEqual(pending["optional_scopes"], ["login:email"])

    def test_a_scope_the_application_lacks(self):
        self.assert_refused(self.ask_device_code(scope="music:read"), "invalid_scope")
        self.assert_refused(self.ask_device_code(optional_scope="music:read"), "invalid_scope")

    def test_codes_differ(self):
        codes = [self.ask_device_code().json for _ in range(20)]
        self.assertEqual(len({code["device_code"] for code in codes}), 20)
        self.assertEqual(len({code["user_code"] for code in codes}), 20)

    def test_get_is_not_allowed(self):
        self.assertEqual(self.get_page("/device/code").status, 405)


if __name__ == "__main__":
    unittest.main()
