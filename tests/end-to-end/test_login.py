#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl login at a terminal, and how it ends."""

import signal

from rig import EndToEndTest, main


class Login(EndToEndTest):
    def begin_login(self):
        terminal = self.world.ctl_at_terminal(*self.login_arguments())
        terminal.code = terminal.await_text(r"enter this code:\s+(\w+)")[1]
        terminal.await_text("Waiting for you")
        return terminal

    def test_denied(self):
        terminal = self.begin_login()
        self.sim.deny(terminal.code)
        self.assertEqual(terminal.await_end(), 7)
        self.assertRegex(terminal.shown, r"yadiskctl: Access was denied; .*press Allow\.")

    def test_not_confirmed_in_time(self):
        self.sim.knobs(device_code_expires_in=2)
        terminal = self.begin_login()
        self.assertEqual(terminal.await_end(), 1)
        self.assertRegex(terminal.shown, r"yadiskctl: The code was not confirmed in time; ")

    def test_ctrl_c(self):
        terminal = self.begin_login()
        self.await_poll()
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.await_end(), 1)
        self.assertRegex(terminal.shown, r"yadiskctl: The sign-in was cancelled; ")
        self.assert_polling_has_stopped()

    def test_killed(self):
        terminal = self.begin_login()
        self.await_poll()
        terminal.process.kill()
        terminal.await_end()
        self.assert_polling_has_stopped()

    def test_the_daemon_is_killed(self):
        terminal = self.begin_login()
        self.daemon.kill()
        self.assertEqual(terminal.await_end(), 8)
        self.assertIn("yadisk-tokend went away", terminal.shown)

    def test_the_application_is_asked_for(self):
        terminal = self.world.ctl_at_terminal("login", "--no-browser")
        terminal.await_text("ClientID of the application: ")
        terminal.type(self.client_id + "\n")
        terminal.await_text("Client secret: ")
        terminal.type(self.client_secret + "\n")
        self.sim.allow(terminal.await_text(r"enter this code:\s+(\w+)")[1])
        self.assertEqual(terminal.await_end(), 0)
        self.assertNotIn(self.client_secret, terminal.shown)
        self.assertIn("Signed in as ivan", terminal.shown)


if __name__ == "__main__":
    main()
