#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every exit status of yadiskctl, from the verbs that can end so."""

from rig import EndToEndTest, main


class CodesTest(EndToEndTest):
    def assert_all(self, status, pattern, *commands, **environment):
        for command in commands:
            with self.subTest(command):
                self.assert_ctl_fails(status, pattern, *command.split(), **environment)


class Codes(CodesTest):
    CLOCK = True

    def test_0_success(self):
        self.sign_in()
        for command in ("status", "list", "token", "refresh", "rename ivan home", "default home",
                        "apps", "info", "api GET /v1/disk", "doctor", "grants",
                        "allow org.example.App", "deny org.example.App", "help", "--version",
                        "logout"):
            with self.subTest(command):
                self.assertEqual(self.ctl(*command.split()).status, 0)

    def test_1_failure_without_another_name(self):
        self.sim.knobs(device_code_expires_in=1)
        login = self.world.launch_ctl(*self.login_arguments())
        self.assertEqual(login.await_end(), 1)
        self.assertIn("not confirmed in time", login.stderr.read())

    def test_1_nowhere_to_write_to(self):
        self.sign_in()
        result = self.world.run("/bin/sh", "-c", f"exec {self.world.binary('client/yadiskctl')} "
                                "token >/dev/full")
        self.assertEqual(result.status, 1, result)

    def test_2_usage(self):
        self.sign_in()
        self.assert_all(2, "see \"yadiskctl|leave one|There is no|is not a span|yadiskctl grants|not the name of an app",
                        "frobnicate", "token --frobnicate", "rename", "default", "list more",
                        "--json token --header", "token --min-valid soon", "login --flow pigeon",
                        "help frobnicate", "logout --keep-grant=yes", "api GET", "info one two",
                        "allow", "grants more", "deny", "deny org.example.App", "deny a ivan", "allow a/b",
                        "status --check --callers")

    def test_3_nobody_is_signed_in(self):
        self.assert_all(3, "Nobody is signed in yet", "token", "refresh", "logout", "info", "api GET /",
                        "allow snap.a")
        result = self.ctl("status")
        self.assertEqual((result.status, "Nobody is signed in" in result.err), (3, True), result)

    def test_3_no_such_account(self):
        self.sign_in()
        self.assert_all(3, "There is no such account", "token nobody", "status nobody",
                        "refresh nobody", "logout nobody", "rename nobody x", "default nobody",
                        "allow snap.a nobody", "deny a nobody", "status nobody --callers",
                        "login --account nobody")

    def test_3_ambiguous(self):
        self.sign_in()
        self.sign_in(app=self.sim.application())
        self.assert_all(3, "Several accounts answer to that name", "token ivan", "logout ivan")

    def test_4_sign_in_needed(self):
        account = self.sign_in()
        self.sim.kill_tokens()
        self.assert_refused("SignInNeeded", account.refresh)
        self.assert_all(4, "no longer accepts", "token", "refresh")
        self.assertEqual(self.ctl("doctor").status, 4)

    def test_5_the_keyring_is_locked(self):
        self.sign_in()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assert_all(5, "The keyring is locked", "token", "refresh")
        self.assertEqual(self.ctl("doctor").status, 5)

    def test_6_offline(self):
        self.sign_in()
        self.sim.trouble("reset-before@/token")
        self.assert_all(6, "try again", "token --force", "refresh")

    def test_6_server_trouble(self):
        self.sign_in()
        self.sim.trouble("502@/token")
        self.assert_all(6, "try again later", "refresh", "token --force")

    def test_7_denied(self):
        login = self.world.launch_ctl(*self.login_arguments())
        self.sim.deny(self.sim.wait_pending()["user_code"])
        self.assertEqual(login.await_end(), 7)
        self.assertIn("Access was denied", login.stderr.read())

    def test_7_the_application_is_refused(self):
        account = self.sign_in()
        self.sim.block_application(self.client_id)
        self.assert_refused("AppRefused", account.refresh)
        self.assert_all(7, "refused the application", "refresh", "token --force")
        self.assertEqual(self.ctl("doctor").status, 7)


class JustStarted(CodesTest):
    """The daemon comes with the call, and answers it as one that has been there for long."""
    DAEMON = False
    STARTS = 4

    def test_3_nobody_is_signed_in(self):
        self.world.let_the_bus_start_the_daemon()
        for command in ("status", "list", "token") * self.STARTS:
            result = self.ctl(command)
            self.world.end_started_daemon()
            with self.subTest(command):
                self.assertEqual(result.status, 0 if command == "list" else 3, result)
                self.assertIn("Nobody is signed in", result.err)
                self.assertNotIn("keyring", result.err.lower())


class NoKeyring(CodesTest):
    KEYRING = False

    def test_5_there_is_no_keyring(self):
        self.assert_all(5, "No keyring service is running", "token", "apps", "grants", "allow snap.a",
                        "deny a")
        result = self.ctl("status")
        self.assertEqual((result.status, "No keyring service" in result.err), (5, True), result)
        self.assertEqual(self.ctl(*self.login_arguments()).status, 5)


class NoDaemon(CodesTest):
    KEYRING = DAEMON = False
    COMMANDS = ("token", "status", "list", "refresh", "logout", "rename a b", "default a", "apps",
                "watch", "info", "api GET /", "grants", "allow snap.a", "deny a", "status --callers")

    def test_8_the_daemon_is_not_there(self):
        self.assert_all(8, "yadisk-tokend is not running", *self.COMMANDS)
        self.assertEqual(self.ctl("doctor").status, 8)

    def test_8_there_is_no_bus(self):
        self.assert_all(8, "There is no session bus", *self.COMMANDS, outside=True)


if __name__ == "__main__":
    main()
