#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the daemon says and does when it cannot start, and what it lets pass."""

import os

from rig import EndToEndTest, main

EX_CONFIG = 78


class NoStart(EndToEndTest):
    KEYRING = False
    DAEMON = False

    def assert_does_not_start(self, status, pattern, **environment):
        daemon = self.world.launch_daemon(**environment)
        self.assertEqual(daemon.await_end(), status, daemon.log())
        self.assertRegex(daemon.log(), r"\A[^\n]+\n\Z")
        self.assertRegex(daemon.log(), pattern)
        return daemon.log()


class Configuration(NoStart):
    def test_bad_values(self):
        for key, values in {
                "OAuthURL": ("http://oauth.yandex.ru", "ftp://x", "oauth.yandex.ru", "https://",
                             "https://a b/", "https://u:p@oauth.yandex.ru", "https://x/?q", "%%"),
                "LoginURL": ("http://login.yandex.ru",),
                "DiskURL": ("http://cloud-api.yandex.net",),
                "CAFile": ("relative.pem", "/nonexistent/ca.pem"),
                "DeviceName": ("x" * 101, r"a\nb")}.items():
            for value in values:
                with self.subTest(f"{key}={value}"):
                    path = self.world.configure(**{key: value})
                    said = self.assert_does_not_start(EX_CONFIG, r"\.$")
                    self.assertIn(f"{path}: [Yandex] {key} ", said)

    def test_a_ca_file_that_is_none(self):
        for text in ("", "this is no certificate\n"):
            with self.subTest(text):
                path = self.world.configure(CAFile=self.world.write("ca.pem", text))
                daemon = self.world.launch_daemon()
                self.assertEqual(daemon.await_end(), EX_CONFIG, daemon.log())
                self.assertIn(f"{path}: [Yandex] CAFile ", daemon.log())

    def test_bad_files(self):
        for text in ("[Yandex\nOAuthURL=https://x\n", "OAuthURL=https://x\n", "[Yandex]\nnonsense\n",
                     "\x01\x02\x03\n", "[Yandex]\nOAuthURL=\\q\n"):
            with self.subTest(text):
                path = self.world.configure(text)
                self.assertIn(f"{path}: ", self.assert_does_not_start(EX_CONFIG, r"\.$"))

    def test_a_file_that_cannot_be_read(self):
        path = self.world.configure()
        os.unlink(path)
        os.mkdir(path)
        self.assertIn(f"{path}: ", self.assert_does_not_start(EX_CONFIG, r"\.$"))

    def test_a_bad_file_of_the_system(self):
        os.unlink(self.world.configure())
        directory = os.path.join(self.world.environment["XDG_CONFIG_DIRS"], "yadisk-tokend")
        os.makedirs(directory)
        path = os.path.join(directory, "yadisk-tokend.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("[Yandex]\nOAuthURL=http://x\n")
        self.assertIn(f"{path}: [Yandex] OAuthURL", self.assert_does_not_start(EX_CONFIG, r"\.$"))

    def test_unknown_keys_and_groups_are_warned_about(self):
        path = self.world.configure("[Yandex]\nColour=green\n[Weather]\nRain=yes\n")
        self.world.start_daemon()
        said = self.daemon.log().splitlines()
        self.assertIn(f"{path}: [Yandex] unknown key Colour, ignored.", said)
        self.assertIn(f"{path}: unknown group [Weather], ignored.", said)
        self.assertEqual(self.daemon.stop(), 0)

    def test_no_file_at_all(self):
        os.unlink(self.world.configure())
        self.world.start_daemon()
        self.assertEqual(self.client.property("ApiVersion"), 1)
        self.assertEqual(self.daemon.stop(), 0)


class Bus(NoStart):
    def test_a_second_daemon(self):
        self.world.start_keyring()
        first = self.world.start_daemon()
        name = first.name()
        request = self.begin_sign_in()
        said = self.assert_does_not_start(1, "Another yadisk-tokend already serves this bus")
        self.assertTrue(said.endswith(".\n"))
        self.assertEqual(first.name(), name)
        self.assertEqual(request.ends(), [])
        self.sim.allow(request.code)
        self.assertEqual(request.await_account().state, "active")

    def test_no_session_bus(self):
        self.assert_does_not_start(1, "There is no session bus", DBUS_SESSION_BUS_ADDRESS=None,
                                   XDG_RUNTIME_DIR=self.world.scratch)
        self.assert_does_not_start(1, "There is no session bus",
                                   DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus")
        self.assert_does_not_start(1, "There is no session bus",
                                   DBUS_SESSION_BUS_ADDRESS="nonsense")

    def test_the_bus_goes_away(self):
        daemon = self.world.start_daemon()
        self.world.end_bus()
        self.assertNotEqual(daemon.await_end(), 0)

    def test_arguments(self):
        tokend = self.world.binary("daemon/yadisk-tokend")
        self.assertEqual(self.world.run(tokend, "--help").status, 0)
        self.assertRegex(self.world.run(tokend, "--version").out, r"\Ayadisk-tokend \d+\.\d+\.\d+\n\Z")
        self.assertEqual(self.world.run(tokend, "--nonsense").status, 64)
        self.assertEqual(self.world.run(tokend, "token").status, 64)


if __name__ == "__main__":
    main()
