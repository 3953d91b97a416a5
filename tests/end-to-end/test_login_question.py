#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every way out of the question for a code, and where what was typed ends up."""

import re
import signal

from rig import EndToEndTest, main
from rig.bus import BusError, SignIn

ADDRESS = re.compile(r"https://\S+/authorize\S+")
QUESTION = "Code, or the address of the page you were sent to:"
ASKED = re.escape(QUESTION) + " $"


class QuestionTest(EndToEndTest):
    def code_arguments(self):
        return (*self.login_arguments(), "--flow", "code", "--no-qr")

    def begin(self):
        screen = self.world.ctl_on_screen(*self.code_arguments())
        screen.await_text(ASKED)
        return screen

    def code_of(self, screen):
        return self.sim.authorize(ADDRESS.search(screen.shown)[0])["code"]

    def assert_gone(self, path):
        """Of a request that is there, another program hears that it is not its own."""
        with self.assertRaises(BusError) as caught:
            SignIn(self.client, path).prompt()
        self.assertIn(caught.exception.name, ("UnknownObject", "UnknownMethod"))

    def assert_ends(self, screen, status, answer, sentence):
        """The line of the question is ended, and the terminal is as it was."""
        self.assertEqual(screen.await_end(), status)
        self.assertIn(f"\n{QUESTION} {answer}".rstrip() + f"\nyadiskctl: {sentence}", screen.text())
        self.assertEqual(screen.attributes(), screen.attributes_before)
        self.assertEqual(screen.left_to_read(), b"")


class WaysOut(QuestionTest):
    def test_control_c_cancels_the_request(self):
        monitor = self.world.new_monitor()
        screen = self.begin()
        screen.type("\x03")
        self.assert_ends(screen, 1, "^C", "The sign-in was cancelled; ")
        monitor.catch_up(self.client, self.daemon.name())
        cancelled, = monitor.calls(member="Cancel")
        self.assert_gone(cancelled.path)

    def test_signals_while_something_is_typed(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            screen = self.begin()
            screen.type("half-a-co")
            screen.await_text("half-a-co")
            screen.process.send_signal(number)
            self.assert_ends(screen, 1, "half-a-co", "The sign-in was cancelled; ")

    def test_the_daemon_goes_while_something_is_typed(self):
        screen = self.begin()
        screen.type("half-a-co")
        screen.await_text("half-a-co")
        self.daemon.kill()
        self.assert_ends(screen, 8, "half-a-co", "yadisk-tokend went away during the sign-in; ")

    def test_the_bus_goes(self):
        screen = self.begin()
        self.world.end_bus()
        self.assert_ends(screen, 8, "", "yadisk-tokend went away during the sign-in; ")


class Pasted(QuestionTest):
    def test_lines_behind_the_code_go_nowhere(self):
        screen = self.begin()
        screen.type(self.code_of(screen) + "\nmake trouble\nand mo")
        self.assertEqual(screen.await_end(), 0)
        self.assertEqual(screen.left_to_read(), b"")


class UnderAShell(QuestionTest):
    def test_stopped_and_continued(self):
        screen = self.world.run_on_screen("bash", "--norc", "--noprofile", "-i", PS1="$ ",
                                          columns=1000)
        screen.await_text(r"\$ $")
        screen.type(" ".join([self.world.binary("client/yadiskctl"), *self.code_arguments()]) + "\n")
        screen.await_text(ASKED)
        screen.type("\x1a")
        screen.await_text(r"(?s)Stopped.*\$ $")
        screen.type("fg\n")
        screen.await_text(rf"(?s)Stopped.*\$ fg\n.*{ASKED}")
        screen.type(self.code_of(screen) + "\necho leaked\n")
        screen.await_screen(lambda text: text.endswith("Saved in the keyring.\n$\n"), "the end")
        screen.type("exit\n")
        screen.await_end()
        self.assertNotIn("\nleaked", screen.shown)


if __name__ == "__main__":
    main()
