#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a person sees of yadiskctl login, and what a scanner does."""

import json
import os
import re
import signal
import subprocess

from rig import EndToEndTest, main
from rig.screen import BLACK, WHITE, in_capitals

PAGE = "https://ya.ru/device"
CODE = "ab12cd34"
BLOCKS = re.compile("[▀▄█]")
CLOCK = re.compile(r"\b\d+:\d\d\b")


class ScreenTest(EndToEndTest):
    def begin(self, *options, **keywords):
        screen = self.world.ctl_on_screen(*self.login_arguments(), *options, **keywords)
        screen.await_text(r"(Waiting for you|\d:\d\d left)[^\r\n]*[\r\n]")
        return screen

    def script_code(self, **fields):
        """The next code is this one, and nothing more is asked about it."""
        answer = {"device_code": "d" * 32, "user_code": CODE, "interval": 60, "expires_in": 300,
                  "verification_url": PAGE} | fields
        self.sim.script_answer("/device/code", body=json.dumps(answer),
                               headers={"Content-Type": "application/json"})

    def scan(self, screen, theme):
        """What the pictures on the screen say, one a line."""
        path = os.path.join(self.world.scratch, "screen.png")
        screen.picture(theme).save(path)
        return subprocess.run(["zbarimg", "--quiet", "--raw", path], capture_output=True,
                              text=True, check=False).stdout

    def cancel(self, screen):
        screen.type("\x03")
        self.assertEqual(screen.await_end(), 1)
        self.assert_left_as_it_was(screen)

    def assert_left_as_it_was(self, screen):
        """The terminal, and the last line of its screen."""
        self.assertEqual(screen.attributes(), screen.attributes_before)
        self.assertNotIn("Waiting", screen.text())


def without_time(text):
    return CLOCK.sub("TIME", text)


class Picture(ScreenTest):
    def assert_scanned(self, address, **keywords):
        screen = self.begin(**keywords)
        for theme in (BLACK, WHITE):
            self.assertEqual(self.scan(screen, theme), in_capitals(address) + "\n")
        return screen

    def test_is_read_on_dark_and_on_light(self):
        self.assert_scanned(self.sim.addresses["oauth"] + "/device")

    def test_is_read_with_sixteen_colours(self):
        self.assert_scanned(self.sim.addresses["oauth"] + "/device", TERM="xterm")

    def test_is_read_with_eight_colours(self):
        self.assert_scanned(self.sim.addresses["oauth"] + "/device", TERM="linux")

    def test_is_read_where_colours_are_not_wanted(self):
        self.assert_scanned(self.sim.addresses["oauth"] + "/device", NO_COLOR="1")

    def test_is_read_in_the_smallest_window(self):
        self.script_code()
        self.assert_scanned(PAGE, columns=80, lines=24)

    def test_is_read_in_every_height(self):
        """Each is drawn in another way; the last line is never pushed out of the window."""
        for lines in range(21, 50):
            with self.subTest(lines):
                self.sim.forget_answers()
                self.script_code()
                screen = self.assert_scanned(PAGE, columns=80, lines=lines)
                self.assertLessEqual(len(screen.rows()), lines)
                self.assertIn(PAGE, screen.text())
                self.assertRegex(screen.rows()[-1], r"\AWaiting for you: \d:\d\d left; ")
                self.cancel(screen)

    def test_of_a_longer_address_is_read_where_it_fits(self):
        page = "https://oauth.yandex.ru/device"
        for columns, lines in (80, 24), (80, 30), (100, 30), (80, 50):
            with self.subTest(columns=columns, lines=lines):
                self.sim.forget_answers()
                self.script_code(verification_url=page)
                self.cancel(self.assert_scanned(page, columns=columns, lines=lines))

    def test_of_a_longer_address_is_not_there_in_a_small_xterm(self):
        """Whose half blocks are those of its font: no scanner reads them."""
        self.script_code(verification_url="https://oauth.yandex.ru/device")
        self.assert_no_picture(columns=80, lines=24, XTERM_VERSION="XTerm(379)")

    def assert_no_picture(self, *options, **keywords):
        screen = self.begin(*options, **keywords)
        for theme in (BLACK, WHITE):
            self.assertEqual(self.scan(screen, theme), "")
        self.assertNotIn("scan", screen.text())
        self.assertIn("/device", screen.text())
        return screen

    def test_is_not_there_in_a_low_window(self):
        self.assert_no_picture(lines=22)

    def test_is_not_there_in_a_narrow_window(self):
        self.script_code()
        self.assert_no_picture(columns=28)

    def test_is_not_there_when_not_wanted(self):
        self.assert_no_picture("--no-qr")

    def test_is_not_there_without_colours(self):
        self.assert_no_picture(TERM="vt220")

    def test_nothing_is_drawn_on_dumb_terminals(self):
        for term in ("dumb", "", None):
            screen = self.assert_no_picture(TERM=term)
            self.assertNotRegex(screen.shown, "[\x1b▀▄█]")
            self.assertIn("The code is valid for 5 minutes. Waiting for you", screen.text())

    def test_other_encodings_have_no_blocks(self):
        """The picture needs no characters where there is room for it."""
        for locale in ("C", "POSIX"):
            screen = self.assert_scanned(self.sim.addresses["oauth"] + "/device",
                                         LANG=locale, LC_ALL=locale)
            self.assertNotRegex(screen.shown, BLOCKS)
            self.assertRegex(screen.text(), r"Waiting for you: \d:\d\d left")
            screen = self.assert_no_picture(LANG=locale, LC_ALL=locale, lines=26)
            self.assertNotRegex(screen.shown, BLOCKS)

    def test_nothing_is_drawn_without_a_terminal(self):
        login = self.world.launch_ctl(*self.login_arguments(), TERM="xterm-256color")
        lines = []
        while not lines or "Waiting" not in lines[-1]:
            lines.append(login.stdout.readline())
        self.assertNotRegex("".join(lines), "[\x1b▀▄█\r]")
        login.send_signal(signal.SIGINT)
        self.assertEqual((login.await_end(), login.stdout.read()), (1, ""))

    def test_nothing_is_drawn_for_programs(self):
        screen = self.world.ctl_on_screen("--json", *self.login_arguments())
        screen.await_text("}")
        self.assertEqual(len(screen.rows()), 2 if len(screen.rows()[0]) == 100 else 1)
        self.assertNotRegex(screen.shown, "[\x1b▀▄█]")


class Screens(ScreenTest):
    def test_all_of_it(self):
        self.script_code()
        self.assert_screen("login-device", without_time(self.begin(columns=80, lines=40).drawing()))

    def test_in_a_high_window(self):
        self.script_code()
        self.assert_screen("login-device-high", without_time(self.begin(columns=80, lines=50).drawing()))

    def test_in_a_narrow_window(self):
        self.script_code()
        self.assert_screen("login-device-narrow",
                           without_time(self.begin(columns=40, lines=40).drawing()))

    def test_in_a_small_window(self):
        self.script_code()
        self.assert_screen("login-device-small",
                           without_time(self.begin(columns=80, lines=24).drawing()))

    def test_the_letters(self):
        for name, code in {"a": "abcdefghi", "j": "jklmnopqr", "s": "stuvwxyz-", "0": "0123456789",
                           "alike": "0o1il-5s8b"}.items():
            self.sim.forget_answers()
            self.script_code(user_code=code)
            screen = self.begin("--no-qr", columns=80, lines=24)
            self.assert_screen("login-letters-" + name, without_time(screen.text()))

    def test_codes_that_are_not_drawn(self):
        for code in ("AB12CD34", "ab 12", "x" * 14):
            self.sim.forget_answers()
            self.script_code(user_code=code)
            screen = self.begin("--no-qr", columns=80, lines=24)
            self.assertNotRegex(screen.text(), BLOCKS)
            self.assertIn("\n    " + code + "\n", screen.text())

    def test_the_end(self):
        screen = self.begin("--no-qr", columns=80, lines=14)
        code = screen.await_text(r"enter this code:\s+(\w+)")[1]
        self.sim.allow(code)
        self.assertEqual(screen.await_end(), 0)
        text = screen.text().replace(self.sim.addresses["oauth"], "https://localhost:PORT")
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d \(in \d+ days\)", "DATE", text)
        self.assert_screen("login-done", text.replace(code, "CODE"))
        self.assert_left_as_it_was(screen)


class LiveLine(ScreenTest):
    def await_another_time(self, screen):
        """Returns the time that was shown, and the one after it."""
        before = CLOCK.search(screen.text())[0]
        return before, screen.await_screen(
            lambda text: next((time for time in CLOCK.findall(text) if time != before), None),
            f"another time than {before}")

    def test_counts_down_in_its_place(self):
        screen = self.begin(columns=80, lines=24)
        rows = screen.rows()
        before, after = self.await_another_time(screen)
        self.assertLess(after, before)
        self.assertEqual(screen.rows(), [row.replace(before, after) for row in rows])

    def test_what_is_typed_is_not_shown(self):
        screen = self.begin("--no-qr", columns=80, lines=24)
        rows = screen.rows()
        before, after = self.await_another_time(screen)
        screen.type("\n\nls -l\n")
        self.await_another_time(screen)
        self.assertEqual([without_time(row) for row in screen.rows()],
                         [without_time(row) for row in rows])
        self.assertLess(after, before)

    def test_control_c(self):
        screen = self.begin(columns=80, lines=40)
        above = screen.rows()[:-2]
        self.await_poll()
        screen.type("\x03")
        self.assertEqual(screen.await_end(), 1)
        self.assert_left_as_it_was(screen)
        self.assertEqual(screen.rows(), above + [
            "yadiskctl: The sign-in was cancelled; run \"yadiskctl login\" to start again."])
        self.assert_polling_has_stopped()

    def test_signals_that_end(self):
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
            screen = self.begin("--no-qr")
            screen.process.send_signal(number)
            self.assertEqual(screen.await_end(), 1)
            self.assert_left_as_it_was(screen)
            self.assertIn("The sign-in was cancelled", screen.text())

    def test_the_daemon_goes(self):
        screen = self.begin("--no-qr")
        self.daemon.kill()
        self.assertEqual(screen.await_end(), 8)
        self.assert_left_as_it_was(screen)

    def test_the_time_is_up(self):
        self.sim.knobs(device_code_expires_in=2)
        screen = self.begin("--no-qr")
        self.assertEqual(screen.await_end(), 1)
        self.assert_left_as_it_was(screen)
        self.assertIn("The code was not confirmed in time", screen.text())

    def test_a_narrower_window(self):
        screen = self.begin("--no-qr", columns=80, lines=24)
        screen.resize(40, 24)
        screen.await_screen(lambda text: "\nTIME left; Ctrl-C cancels.\n" in without_time(text),
                            "a shorter line")
        screen.resize(20, 24)
        screen.await_screen(lambda text: without_time(text).endswith("\nTIME\n"), "the time alone")
        self.assertEqual(screen.text().count("Ctrl-C"), 0)
        screen.resize(80, 24)
        screen.await_screen(lambda text: "left; Ctrl-C cancels.\n" in text, "the whole line")
        self.assertEqual(screen.text().count("Waiting"), 1)


class JobControl(ScreenTest):
    """Under a shell, which stops and continues it."""

    def begin(self, *options, **keywords):
        screen = self.world.run_on_screen("bash", "--norc", "--noprofile", "-i", PS1="$ ",
                                          columns=80, lines=40, TERM="xterm-256color")
        screen.await_text(r"\$ ")
        command = [self.world.binary("client/yadiskctl"), *self.login_arguments(), "--no-qr"]
        screen.type("clear; " + " ".join(command) + "\n")
        screen.await_text("Waiting for you[^\r\n]*[\r\n]")
        return screen

    def test_control_z(self):
        screen = self.begin()
        screen.type("\x1a")
        screen.await_screen(lambda text: "Stopped" in text and text.endswith("\n$\n"), "the shell")
        self.assertNotIn("Waiting", screen.text())
        screen.type("echo shown\n")
        screen.await_screen(lambda text: "$ echo shown\nshown\n$\n" in text, "what is typed")

        screen.type("bg\n")
        screen.await_screen(lambda text: text.endswith("&\n$\n"), "the shell")
        screen.type("kill -0 %1 && echo still there\n")
        screen.await_screen(lambda text: "\nstill there\n$\n" in text, "the job")
        self.assertNotIn("Waiting", screen.text())

        screen.type("fg\n")
        screen.await_screen(lambda text: re.search(r"\n\nWaiting for you: .*\n\Z", text),
                            "the line again")
        screen.type("\x03")
        screen.await_screen(lambda text: text.endswith("to start again.\n$\n"), "the shell")
        self.assertNotIn("Waiting", screen.text())
        screen.type("exit\n")
        screen.await_end()


if __name__ == "__main__":
    main()
