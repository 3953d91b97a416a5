#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl login by the code flow: the page shows a code, and a person brings it; and the browser."""

import json
import os
import re
import stat
import subprocess
from urllib.parse import urlencode

from rig import EndToEndTest, main
from rig.screen import BLACK, WHITE, in_capitals

ADDRESS = re.compile(r"https://\S+/authorize\S+")
QUESTION = "Code, or the address of the page you were sent to:"


class FlowTest(EndToEndTest):
    def code_arguments(self, *options):
        return (*self.login_arguments(), "--flow", "code", *options)

    def begin(self, *options, **keywords):
        screen = self.world.ctl_on_screen(*self.code_arguments("--no-qr", *options), **keywords)
        screen.await_text(re.escape(QUESTION))
        screen.address = ADDRESS.search(screen.shown)[0]
        return screen

    def redirect(self, address, **changes):
        """What the browser's address bar shows in the end."""
        return self.sim.addresses["oauth"] + "/verification_code?" + \
            urlencode(self.sim.authorize(address) | changes)

    def assert_nothing_came_of_it(self):
        self.assertEqual(self.client.accounts(), [])
        self.assertEqual(self.keyring.ours(), [])
        self.assertEqual(self.sim.grants(client_id=self.client_id), [])

    def assert_signed_in(self, screen):
        self.assertEqual(screen.await_end(), 0, screen.shown)
        self.assertIn("Signed in as ivan", screen.text())
        self.assertEqual(self.ctl("token").out.strip(), self.live_grant()["access_token"])


class Code(FlowTest):
    def test_the_whole_of_it(self):
        screen = self.begin(columns=80, lines=30)
        screen.type(self.sim.authorize(screen.address)["code"] + "\n")
        self.assert_signed_in(screen)
        text = re.sub(r"https://[^?]*/authorize\?[\s\S]*?\n\n", "ADDRESS\n\n", screen.text())
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d \(in \d+ days\)", "DATE", text)
        self.assert_screen("login-code", re.sub(r"(sent to:) \S+", r"\1 CODE", text))

    def test_the_whole_address(self):
        screen = self.begin()
        screen.type(f"  {self.redirect(screen.address)}  \n")
        self.assert_signed_in(screen)

    def test_seven_digits(self):
        self.sim.knobs(confirmation_code="digits")
        screen = self.begin()
        screen.type(self.sim.authorize(screen.address)["code"] + "\n")
        self.assert_signed_in(screen)

    def test_what_is_wrong_is_asked_again(self):
        screen = self.begin()
        for wrong, sentence in (("", "A code is needed"),
                                (self.redirect(screen.address, state="0" * 32),
                                 "another sign-in"),
                                (screen.address, "no code"),
                                ("\u009b2J\u202e", "characters that no code has")):
            asked = screen.shown.count(QUESTION)
            screen.type(wrong + "\n")
            screen.await_screen(lambda _, n=asked: screen.shown.count(QUESTION) > n, sentence)
            self.assertIn(sentence, " ".join(screen.text().split()))
        self.assertEqual(self.sim.requests(path="/token"), [])
        screen.type(self.redirect(screen.address) + "\n")
        self.assert_signed_in(screen)

    def test_a_used_code(self):
        code = self.sim.authorize(self.begin().address)["code"]
        # Somebody else was faster.
        screen = self.begin()
        self.assertEqual(self.spend(code)["error"], "invalid_grant")  # PKCE: it is not theirs
        screen.type(code + "\n")
        self.assertEqual(screen.await_end(), 1)
        self.assertIn("start the sign-in again", " ".join(screen.text().split()))
        self.assert_nothing_came_of_it()

    def spend(self, code):
        return self.sim.post_token(self.app, grant_type="authorization_code", code=code,
                                   code_verifier="v" * 43)

    def test_an_expired_code(self):
        screen = self.begin()
        code = self.sim.authorize(screen.address)["code"]
        self.sim.expire_codes()
        screen.type(code + "\n")
        self.assertEqual(screen.await_end(), 1)
        self.assert_nothing_came_of_it()

    def test_denied(self):
        screen = self.begin()
        parameters = self.sim.authorize(screen.address, allow=False)
        screen.type(self.sim.addresses["oauth"] + "/verification_code?" + urlencode(parameters)
                    + "\n")
        self.assertEqual(screen.await_end(), 7)
        self.assertIn("press Allow", screen.text())
        self.assert_nothing_came_of_it()

    def test_control_c_and_control_d(self):
        for key in ("\x03", "\x04"):
            screen = self.begin()
            screen.type(key)
            self.assertEqual(screen.await_end(), 1)
            self.assertEqual(screen.attributes(), screen.attributes_before)
            self.assertIn("The sign-in was cancelled", screen.text())
        self.assert_nothing_came_of_it()

    def test_the_daemon_goes(self):
        screen = self.begin()
        self.daemon.kill()
        self.assertEqual(screen.await_end(), 8)
        self.assertEqual(screen.attributes(), screen.attributes_before)

    def test_picture(self):
        screen = self.world.ctl_on_screen(*self.code_arguments(), columns=160, lines=120)
        screen.await_text(re.escape(QUESTION))
        path = os.path.join(self.world.scratch, "screen.png")
        for theme in (BLACK, WHITE):
            screen.picture(theme).save(path)
            scanned = subprocess.run(["zbarimg", "--quiet", "--raw", path], capture_output=True,
                                     text=True, check=False).stdout
            self.assertEqual(scanned, in_capitals(ADDRESS.search(screen.shown)[0]) + "\n")

    def test_an_unknown_flow(self):
        self.assert_ctl_fails(2, 'no flow "pigeon"', "login", "--flow", "pigeon")


class NoSecret(FlowTest):
    def arguments(self, *options):
        return ("login", "--no-browser", "--no-qr", "--flow", "code", "--client-id",
                self.client_id, *options)

    def test_at_a_terminal(self):
        screen = self.world.ctl_on_screen(*self.arguments())
        screen.answer("sign in without one):", "")
        screen.await_text(re.escape(QUESTION))
        self.assertIn("without a client secret", screen.text())
        screen.type(self.sim.authorize(ADDRESS.search(screen.shown)[0])["code"] + "\n")
        self.assert_signed_in(screen)
        exchange, = self.sim.requests(path="/token", status=200)
        self.assertNotIn("client_secret", exchange["form"])
        self.assertEqual(self.keyring.ours("application"), [])

    def test_without_a_terminal(self):
        login = self.world.launch_ctl(*self.arguments(), stdin=subprocess.PIPE)
        address = None
        while not address:
            address = ADDRESS.search(login.stdout.readline())
        login.stdin.write("\n" + self.redirect(address[0]) + "\n")
        login.stdin.close()
        self.assertIn("Signed in as ivan", login.stdout.read())
        self.assertEqual(login.await_end(), 0)

    def test_without_a_terminal_and_without_a_code(self):
        for nothing in ("", "\n \n"):
            result = self.ctl(*self.arguments(), stdin=nothing)
            self.assertEqual(result.status, 2, result)
            self.assertIn("pass it on standard input", result.err)

    def test_without_a_terminal_nobody_is_asked_again(self):
        verification = self.sim.addresses["oauth"] + "/verification_code"
        for wrong, status in (("x" * 4097, 2), ("a\x1bb", 2), (verification + "?cid=1", 2),
                              (verification + "?code=1&state=2", 7)):
            result = self.ctl(*self.arguments(), stdin=wrong + "\n")
            self.assertEqual(result.status, status, result)
            self.assertRegex(result.err, r"\A[^\n]*another sign-in\.\nyadiskctl: [^\n\x1b]+\.\n\Z")
        self.assert_nothing_came_of_it()

    def test_a_secret_that_is_typed(self):
        screen = self.world.ctl_on_screen(*self.arguments())
        screen.answer("sign in without one):", self.client_secret)
        screen.await_text(re.escape(QUESTION))
        self.assertNotIn("without a client secret", screen.shown)
        screen.type(self.sim.authorize(ADDRESS.search(screen.shown)[0])["code"] + "\n")
        self.assert_signed_in(screen)
        self.assertNotIn(self.client_secret, screen.shown)
        self.assertEqual(self.client.manager("ListApplications")[0], [self.client_id])

    def test_for_programs(self):
        login = self.world.launch_ctl("--json", *self.arguments(), stdin=subprocess.PIPE)
        prompt = self.json_of(login)
        self.assertEqual(prompt["event"], "prompt")
        login.stdin.write(self.sim.authorize(prompt["authorization_url"])["code"] + "\n")
        login.stdin.close()
        self.assertEqual(self.json_of(login)["event"], "completed")
        self.assertEqual(login.await_end(), 0)

    @staticmethod
    def json_of(login):
        return json.loads(login.stdout.readline())


class Browser(EndToEndTest):
    def setUp(self):
        super().setUp()
        directory = os.path.join(self.world.directory, "bin")
        os.mkdir(directory)
        self.opened = os.path.join(self.world.directory, "opened")
        os.mkfifo(self.opened)
        opener = os.path.join(directory, "xdg-open")
        with open(opener, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" >>'{self.opened}'\n")
        os.chmod(opener, stat.S_IRWXU)
        self.near = {"PATH": directory + ":" + self.world.environment["PATH"], "DISPLAY": ":99"}

    def begin(self, *options, **environment):
        arguments = [a for a in self.login_arguments() if a != "--no-browser"]
        return self.world.ctl_on_screen(*arguments, "--no-qr", *options,
                                        **(self.near | environment))

    def test_is_sent_to_the_page(self):
        self.begin()
        with open(self.opened, encoding="utf-8") as file:
            self.assertEqual(file.read(), f"1\n{self.sim.addresses['oauth']}/device\n")

    def test_is_sent_to_the_authorization(self):
        screen = self.begin("--flow", "code")
        screen.await_text(re.escape(QUESTION))
        with open(self.opened, encoding="utf-8") as file:
            self.assertEqual(file.read(), f"1\n{ADDRESS.search(screen.shown)[0]}\n")

    def test_is_not_sent_to_others(self):
        self.sim.knobs(verification_url="https://ya.ru.evil.com/device")
        self.begin()
        with open(self.opened, encoding="utf-8") as file:
            self.assertEqual(file.read(), "1\nhttps://ya.ru/device\n")

    def test_is_left_alone(self):
        os.unlink(self.opened)
        for options, changes in (((), {"SSH_CONNECTION": "1 2 3 4"}), ((), {"SSH_TTY": "/dev/pts/1"}),
                                 ((), {"DISPLAY": None}),
                                 (("--no-browser",), {})):
            screen = self.begin(*options, **changes)
            self.sim.allow(screen.await_text(r"enter this code:\s+(\w+)")[1])
            self.assertEqual(screen.await_end(), 0)
        self.assertFalse(os.path.exists(self.opened))


if __name__ == "__main__":
    main()
