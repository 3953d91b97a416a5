#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl as scripts see it: exit statuses, JSON, and streams that are not as usual."""

import json
import os
import re
import signal
import subprocess
import tempfile

from rig import EndToEndTest, main

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Nobody(EndToEndTest):
    """Before the first sign-in."""

    def test_exit_statuses(self):
        self.assert_leads_to("yadiskctl setup")
        self.assert_ctl_fails(2, '"yadiskctl setup"', "login")
        self.assertEqual(self.ctl("list").status, 0)
        self.assertEqual(self.ctl("--json", "list").json["accounts"], [])

    def assert_leads_to(self, command):
        """Every verb names this command and no other, as doctor does."""
        for verb in ("token", "refresh", "logout"):
            result = self.assert_ctl_fails(3, "Nobody is signed in", verb)
            self.assertEqual(re.findall('"(.*?)"', result.err), [command])
        for verb, status in (("status", 3), ("list", 0)):
            result = self.ctl(verb)
            self.assertEqual((result.status, re.findall('"(.*?)"', result.err)), (status, [command]))
        doctor = self.ctl("--json", "doctor")
        self.assertEqual(doctor.status, 3)
        advice, = [c["advice"] for c in doctor.json["checks"] if c["name"] == "accounts"]
        self.assertEqual(re.findall('"(.*?)"', advice), [command])

    def test_with_an_application(self):
        """Whoever has been through setup needs no more than to sign in."""
        self.client.manager("AddApplication", "(ss)", self.client_id, self.client_secret)
        self.assert_leads_to("yadiskctl login")

    def test_login_leads_to_setup(self):
        screen = self.world.ctl_on_screen("login", columns=80)
        screen.await_text("ClientID of the application: ")
        self.assertRegex(screen.text(), '(?s)"yadiskctl setup" shows how.*ClientID')
        screen.type("\x03")
        self.assertEqual(screen.await_end(), 1)

    def test_usage(self):
        for arguments in (["frobnicate"], ["token", "--colour"], ["token", "a", "b"], ["rename", "a"],
                          ["token", "--min-valid"], ["token", "--min-valid", "soon"],
                          ["token", "--min-valid", "-5"], ["token", "--force=yes"], ["-x"],
                          ["token", "--min-valid", "99999999999"], ["--json", "token", "--header"],
                          ["login"], ["login", "--client-id", ""], ["token", b"\xff"],
                          ["login", "--client-id", "x", "--client-secret-file", "/nonexistent"]):
            with self.subTest(arguments):
                self.assert_ctl_fails(2, r"\.$", *arguments)
        self.assertEqual(self.sim.requests(), [])

    def test_secrets_are_taken_from_files_alone(self):
        for text in ("", "\n", "\nabc\n", "a b\n", "x" * 100000, "a\0b\n", "a\x1b[m\n"):
            path = self.world.write("secret", text)
            self.assert_ctl_fails(2, "client secret", "login", "--client-id", self.client_id,
                                  "--client-secret-file", path)
        self.assert_ctl_fails(2, "client secret", "login", "--client-id", self.client_id,
                              "--client-secret-file", "-", stdin="\n")
        self.assert_ctl_fails(2, "client-secret", "login", "--client-secret", "x")
        self.assertEqual(self.sim.requests(), [])

    def test_help(self):
        self.assertEqual(self.ctl("--help").status, 0)
        self.assertRegex(self.ctl("--version").out, r"\Ayadiskctl \d+\.\d+\.\d+\n\Z")
        for verb in ("status", "list", "login", "token", "refresh", "logout", "rename", "default"):
            with self.subTest(verb):
                self.assertIn(f"yadiskctl [--json] {verb}", self.ctl(verb, "--help").out)
                self.assertEqual(self.ctl("help", verb).out, self.ctl(verb, "--help").out)

    def test_no_daemon(self):
        self.daemon.stop()
        self.assert_ctl_fails(8, "yadisk-tokend is not running", "token")
        self.assert_ctl_fails(8, "yadisk-tokend is not running", *self.login_arguments())

    def test_no_bus(self):
        self.assert_ctl_fails(8, "session bus", "token", outside=True)
        self.assert_ctl_fails(8, "session bus", "token",
                              DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")

    def test_a_daemon_that_is_stopped_in_its_tracks(self):
        self.daemon.send(signal.SIGSTOP)
        self.assert_ctl_fails(8, "does not answer", "token", hurry=True)
        self.daemon.send(signal.SIGCONT)


class SignedIn(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_exit_status_1_cannot_write(self):
        for arguments in (("token",), ("--json", "token"), ("list",), ("--json", "status"), ("status",),
                          ("help",)):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                done = subprocess.run([self.world.binary("client/yadiskctl"), *arguments],
                                      stdout=full, stderr=subprocess.PIPE, check=False,
                                      env=self.world.environment)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"No space left", done.stderr)

    def test_a_reader_that_has_gone(self):
        for arguments in (("token",), ("list",), ("--json", "status")):
            with self.subTest(arguments):
                reading, writing = os.pipe()
                os.close(reading)
                done = subprocess.run([self.world.binary("client/yadiskctl"), *arguments],
                                      stdout=writing, stderr=subprocess.PIPE, check=False,
                                      env=self.world.environment)
                os.close(writing)
                self.assertIn(done.returncode, (1, -signal.SIGPIPE))

    def test_closed_streams(self):
        command = self.world.binary("client/yadiskctl")
        for closing, status in (("<&-", 0), ("2>&-", 0), (">&-", 1), ("<&- >&- 2>&-", 1)):
            with self.subTest(closing):
                done = self.world.run("/bin/sh", "-c", f'exec "$0" token {closing}', command)
                self.assertEqual(done.status, status)

    def test_exit_status_3(self):
        for verb in (("token",), ("refresh",), ("logout",), ("status",), ("default",)):
            self.assert_ctl_fails(3, "There is no such account", *verb, "nobody")
        self.assert_ctl_fails(3, "There is no such account", "rename", "nobody", "somebody")

    def test_exit_status_4(self):
        self.sim.kill_tokens()
        self.assert_ctl_fails(4, "yadiskctl login", "refresh")
        self.assert_ctl_fails(4, "yadiskctl login", "token")
        self.assertEqual(self.ctl("status").status, 0)
        self.assertIn("sign-in needed", self.ctl("status").out)

    def test_exit_status_6(self):
        self.sim.trouble("503@/token")
        self.assert_ctl_fails(6, "try again later", "refresh")
        self.sim.trouble()
        self.world.configure_for(self.sim, OAuthURL="https://localhost:1")
        self.world.restart_daemon()
        self.assert_ctl_fails(6, "cannot be reached", "refresh")
        self.assert_ctl_fails(6, "cannot be reached", *self.login_arguments())

    def test_exit_status_7(self):
        self.sim.block_application(self.client_id)
        self.assert_ctl_fails(7, "refused the application", "refresh")

    def assert_is_document(self, text):
        document = json.loads(text)
        self.assertEqual(document["version"], 1)
        self.assertEqual(text.count("\n"), 1)
        self.assertNotRegex(text.rstrip("\n"), CONTROLS)
        return document

    def test_json(self):
        status = self.assert_is_document(self.ctl("--json", "status").out)
        self.assertEqual(status, self.assert_is_document(self.ctl("list", "--json").out))
        shown, = status["accounts"]
        self.assertEqual(shown["id"], self.account.id)
        self.assertEqual(shown["state"], "active")
        self.assertEqual(shown["generation"], 1)
        self.assertEqual(status["keyring"], "unlocked")
        for arguments in (("token",), ("refresh",), ("rename", "ivan", "home"), ("default", "home"),
                          ("logout", "home")):
            with self.subTest(arguments):
                result = self.ctl("--json", *arguments)
                self.assertEqual(result.status, 0, result)
                self.assert_is_document(result.out)

    def test_json_of_a_sign_in(self):
        login = self.world.launch_ctl("--json", *self.login_arguments())
        prompt = self.assert_is_document(login.stdout.readline())
        self.assertEqual(prompt["event"], "prompt")
        self.sim.allow(prompt["user_code"])
        completed = self.assert_is_document(login.stdout.readline())
        self.assertEqual(completed["event"], "completed")
        self.assertEqual(completed["account"]["id"], self.account.id)
        self.assertEqual(login.await_end(), 0)

    def test_escapes_do_not_reach_the_terminal(self):
        label = "red\u202e\u2066\u200f\u2028\U000e0041"
        self.account.call("SetLabel", "(s)", label)
        for arguments in (("status",), ("list",), ("status", label), ("refresh", label),
                          ("rename", label, "\u202egnp"), ("default", "\u202egnp"),
                          ("logout", "\u202egnp")):
            result = self.ctl(*arguments)
            self.assertEqual(result.status, 0, result)
            self.assertNotRegex(result.out + result.err, CONTROLS)
        result = self.ctl("token", "\x1b]0;title\x07\n\u009b2J")
        self.assertNotRegex(result.err, CONTROLS)
        result = self.ctl("\x1b[31m")
        self.assertNotRegex(result.err, CONTROLS)

    def test_addresses_with_escapes_are_not_shown(self):
        self.sim.knobs(verification_url="https://ya.ru/\x1b[2J\u202edevice")
        terminal = self.world.ctl_at_terminal(*self.login_arguments())
        terminal.await_text("Waiting for you")
        self.assertNotRegex(terminal.shown.replace("\r", ""), CONTROLS)
        self.assertIn("https://ya.ru/device", terminal.shown)

    def test_addresses_of_others_are_not_shown(self):
        self.sim.knobs(verification_url="https://ya.ru.evil.com/device")
        terminal = self.world.ctl_at_terminal(*self.login_arguments())
        terminal.await_text("Waiting for you")
        self.assertNotIn("evil", terminal.shown)
        self.assertIn("https://ya.ru/device", terminal.shown)

    def test_other_languages(self):
        plain = self.ctl("--json", "status").out
        for name in ("ru_RU.UTF-8", "C", "POSIX", "xx_YY", "", "tr_TR.UTF-8"):
            with self.subTest(name):
                self.assertEqual(self.ctl("--json", "status", LANG=name, LC_ALL=name).out, plain)
                self.assertEqual(self.ctl("token", LANG=name, LC_ALL=name).status, 0)
        self.account.call("SetLabel", "(s)", "Диск Ивана")
        self.assertEqual(self.ctl("token", "Диск Ивана", LANG="ru_RU.UTF-8").status, 0)
        self.assertIn("Диск Ивана", self.ctl("status", LANG="ru_RU.UTF-8").out)

    def test_logout_that_keeps_the_grant(self):
        self.assertIn("kept", self.ctl("logout", "--keep-grant").out)
        self.assertEqual(self.sim.requests(path="/revoke_token"), [])
        self.assertEqual(len(self.sim.grants(client_id=self.client_id, alive=True)), 1)
        self.assertEqual(self.keyring.ours(), [])

    def test_logout_while_yandex_is_away(self):
        self.sim.trouble("reset-before@/revoke_token")
        result = self.ctl("logout")
        self.assertEqual(result.status, 0)
        self.assertIn("not revoked", result.out)
        self.assertIn("https://id.yandex.ru/personal/data-access", result.out)
        self.assertEqual(self.keyring.ours(), [])

    def test_a_secret_from_standard_input(self):
        login = self.world.launch_ctl("login", "--no-browser", "--client-id", self.client_id,
                                      "--client-secret-file", "/dev/stdin")
        login.communicate(timeout=60)
        self.assertEqual(login.returncode, 2)


class MissingLibraries(EndToEndTest):
    """What is loaded at need is missing; here because what is found first is no library."""

    RARE = {"libglib-2.0.so.0": "libglib2.0-0", "libjson-c.so.5": "libjson-c5", "libqrencode.so.4": "libqrencode4"}

    def without(self, *names):
        folder = tempfile.mkdtemp(dir=self.world.home)
        for name in names:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write("no library\n" * 100)
        return {"LD_LIBRARY_PATH": folder}

    def test_a_token_needs_none(self):
        self.sign_in()
        token = self.live_grant()["access_token"]
        for arguments, output in (([], token), (["--header"], f"Authorization: OAuth {token}")):
            result = self.ctl("token", *arguments, **self.without(*self.RARE))
            self.assertEqual((result.status, result.out, result.err), (0, output + "\n", ""))
        self.assertEqual(self.ctl("--json", "token", **self.without(*self.RARE)).json["access_token"],
                         token)
        for verb in ("status", "list", "refresh"):
            self.assertEqual(self.ctl(verb, **self.without(*self.RARE)).status, 0, verb)

    def test_a_verb_says_which_it_needs(self):
        self.sign_in()
        path = self.world.write("tokens", "[ydcmd]\n")
        for name, command in (("libglib-2.0.so.0", ("feed",)), ("libglib-2.0.so.0", ("import", "ydcmd", path)),
                              ("libjson-c.so.5", ("import", "json", path)), ("libjson-c.so.5", ("feed", "add", "rclone"))):
            with self.subTest(command, library=name):
                self.assert_ctl_fails(1, f"{re.escape(name)} is missing.* install .*{re.escape(self.RARE[name])}\\.$",
                                      *command, **self.without(name))


if __name__ == "__main__":
    main()
