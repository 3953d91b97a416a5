#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The ways in which a sign-in ends, and who may see and touch it."""

from gi.repository import GLib

from rig import EndToEndTest, main
from rig.bus import REQUEST, SignIn


class Ends(EndToEndTest):
    CLOCK = True

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


class Privacy(EndToEndTest):
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


if __name__ == "__main__":
    main()
