#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The ways in which a sign-in ends, and who may see and touch it."""

import signal

from gi.repository import GLib

from rig import EndToEndTest, main
from rig.bus import REQUEST, SignIn


class SignInTest(EndToEndTest):
    def assert_polling_has_stopped(self, app=None):
        """Another sign-in is polled several times more; the one of the application is not."""
        polls = {"path": "/token", "client_id": (app or self.app)["client_id"]}
        other = self.sim.application()
        witness = self.begin_sign_in(other)
        self.sim.wait("/token", client_id=other["client_id"])
        before = len(self.sim.requests(**polls))
        self.sim.wait("/token", count=3, client_id=other["client_id"])
        self.assertEqual(len(self.sim.requests(**polls)), before)
        witness.cancel()

    def await_poll(self):
        self.sim.wait("/token", client_id=self.client_id)


class Ends(SignInTest):
    def test_allowed(self):
        request = self.begin_sign_in()
        prompt = request.prompt()
        self.assertEqual(set(prompt), {"verification_url", "user_code", "expires_at", "interval"})
        self.sim.allow(request.code)
        account = request.await_account()
        self.assertEqual(account.get("Label"), "ivan")
        self.assertEqual(account.get("Login"), "ivan")
        self.assertEqual(account.get("ClientId"), self.client_id)
        self.assertEqual(account.state, "active")
        self.assertTrue(account.get("Saved"))
        self.assertEqual(len(request.ends()), 1)
        self.assert_polling_has_stopped()

    def test_denied(self):
        request = self.begin_sign_in()
        self.sim.deny(request.code)
        self.assertEqual(request.await_error(), "AccessDenied")
        self.assert_polling_has_stopped()

    def test_not_confirmed_in_time(self):
        self.sim.knobs(device_code_expires_in=2)
        self.assertEqual(self.begin_sign_in().await_error(), "Expired")
        self.sim.knobs(device_code_expires_in=300)
        self.assert_polling_has_stopped()

    def test_cancelled(self):
        request = self.begin_sign_in()
        self.await_poll()
        request.cancel()
        self.assertEqual(request.await_end(), (1, {
            "error": "io.github.yadiskctl.Tokens1.Error.Cancelled",
            "message": request.await_end()[1]["message"]}))
        request.cancel()
        self.assertEqual(len(request.ends()), 1)
        self.assert_polling_has_stopped()

    def test_allowed_too_late_for_the_one_who_cancelled(self):
        request = self.begin_sign_in()
        request.cancel()
        request.await_end()
        self.sim.allow(request.code)
        self.assert_polling_has_stopped()
        self.assertEqual(self.client.accounts(), [])
        self.assertEqual(self.keyring.ours(), [])

    def test_the_creator_leaves(self):
        creator = self.world.new_client()
        self.begin_sign_in(client=creator)
        self.await_poll()
        creator.close()
        self.assert_polling_has_stopped()

    def test_the_creator_leaves_before_it_is_answered(self):
        creator = self.world.new_client()
        creator.begin("/io/github/yadiskctl/Tokens1", "io.github.yadiskctl.Tokens1.Manager", "SignIn",
                      "(a{sv})", {"client_id": GLib.Variant("s", self.client_id),
                                  "client_secret": GLib.Variant("s", self.client_secret)})
        creator.connection.flush_sync(None)
        creator.close()
        self.assert_polling_has_stopped()

    def test_this_flow_takes_no_code(self):
        request = self.begin_sign_in()
        self.assert_refused("InvalidArgs", request.call, "SubmitCode", "(s)", "abcd")

    def test_the_daemon_stops(self):
        request = self.begin_sign_in()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(request.await_end()[0], 1)


class Privacy(SignInTest):
    def test_others_may_neither_look_nor_touch(self):
        request = self.begin_sign_in()
        other = self.world.new_client()
        stranger = SignIn(other, request.path)
        monitor = self.world.new_monitor()
        self.assert_refused("AccessDenied", stranger.prompt)
        self.assert_refused("AccessDenied", stranger.cancel)
        self.assert_refused("AccessDenied", stranger.call, "SubmitCode", "(s)", "abcd")
        self.sim.allow(request.code)
        account = request.await_account()

        monitor.catch_up(self.client)
        completed, = monitor.select(type="signal", interface=REQUEST)
        self.assertEqual(completed.destination, self.client.name)
        other.find_account()
        self.assertEqual(stranger.ends(), [])
        self.assertEqual(account.state, "active")

    def test_requests_are_no_objects_of_the_manager(self):
        request = self.begin_sign_in()
        self.assertNotIn(request.path, self.client.objects())
        self.assertNotIn(request.code, str(self.client.objects()))


class Again(SignInTest):
    def test_the_same_user_keeps_id_and_label(self):
        first = self.sign_in(label="work")
        token = first.get_token()
        self.sim.kill_tokens(client_id=self.client_id)
        second = self.sign_in()
        self.assertEqual(second.path, first.path)
        self.assertEqual(second.get("Label"), "work")
        self.assertGreater(second.generation, token.generation)
        self.assertNotEqual(second.get_token().value, token.value)
        self.assertEqual(len(self.keyring.ours("account")), 1)

    def test_at_the_account_itself(self):
        first = self.sign_in()
        again = self.begin_sign_in(account=GLib.Variant("o", first.path))
        self.sim.allow(again.code)
        self.assertEqual(again.await_account().path, first.path)

    def test_another_user_at_the_account(self):
        first = self.sign_in()
        token = first.get_token()
        self.sim.add_user("maria")
        again = self.begin_sign_in(account=GLib.Variant("o", first.path))
        self.sim.allow(again.code, "maria")
        self.assertEqual(again.await_error(), "AccessDenied")
        self.assertEqual(first.get_token(), token)

    def test_another_user_is_another_account(self):
        self.sim.add_user("maria-2")
        ivan = self.sign_in()
        maria = self.sign_in("maria-2")
        self.assertNotEqual(maria.path, ivan.path)
        self.assertEqual(maria.get("Label"), "maria-2")
        self.assertNotEqual(self.client.get_token("maria-2").value,
                            self.client.get_token("ivan").value)
        self.assertEqual(self.client.get_token(), self.client.get_token("ivan"))
        maria.sign_out()
        self.assertEqual([account.path for account in self.client.accounts()], [ivan.path])
        self.assertEqual(ivan.get_token().value, self.live_grant()["access_token"])

    def test_the_secret_is_needed_once(self):
        self.sign_in()
        request = self.client.sign_in(client_id=self.client_id)
        self.sim.allow(request.prompt()["user_code"])
        request.await_account()


class AtATerminal(SignInTest):
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
