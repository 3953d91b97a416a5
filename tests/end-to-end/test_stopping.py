#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""SIGTERM at bad moments: whoever waits is answered, and what is new is kept."""

import signal

from rig import BusError, EndToEndTest, main


class Stopping(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def stop_in_the_middle_of_a_refresh(self, *clients):
        """These wait for it: Yandex has rotated and not said so yet, when the signal comes."""
        self.sim.wait("/token", grant_type="refresh_token", trouble="held")
        for client in clients:
            client.ping()  # behind what it has asked for
        self.daemon.begin_stop()

    def assert_kept(self, value):
        grant = self.live_grant()
        self.assertEqual(value, grant["access_token"])
        kept = self.keyring.account()["grant"]
        self.assertEqual(kept["access_token"], grant["access_token"])
        self.assertEqual(kept["refresh_token"], grant["refresh_token"])

    def test_with_nothing_to_do(self):
        self.assertEqual(self.daemon.stop(), 0)
        self.client.await_no_owner("io.github.yadiskctl.Tokens1")

    def test_sigint(self):
        self.daemon.send(signal.SIGINT)
        self.assertEqual(self.daemon.await_end(), 0)

    def test_with_an_account(self):
        self.sign_in()
        self.assertEqual(self.daemon.stop(), 0)

    def test_in_the_middle_of_a_refresh(self):
        account = self.sign_in()
        first = account.get_token()
        other = self.world.new_client()
        self.sim.trouble("held@/token*1")
        token, refresh = other.begin_get_token(force=True), account.begin_refresh()
        self.stop_in_the_middle_of_a_refresh(other, self.client)
        self.assertEqual(self.sim.let_go(), 1)
        second = token.result()
        self.assertEqual(refresh.result(), (second.expires_at,))
        self.assertEqual(self.daemon.await_end(), 0)
        self.assertEqual(second.generation, first.generation + 1)
        self.assert_kept(second.value)
        self.world.start_daemon()
        self.assertEqual(account.get_token(), second)

    def test_the_second_signal_waits_for_nobody(self):
        account = self.sign_in()
        self.sim.trouble("held@/token*1")
        refresh = account.begin_refresh()
        self.stop_in_the_middle_of_a_refresh(self.client)
        self.daemon.send(signal.SIGTERM)
        self.assertEqual(self.daemon.await_end(), 0)
        with self.assertRaises(BusError) as caught:
            refresh.result()
        self.assertEqual(caught.exception.name, "Cancelled")

    def test_what_is_not_saved_is_tried_once_more(self):
        """The keyring was unlocked meanwhile, and did not say so."""
        account = self.sign_in()
        token = self.renew_unsaved(account)
        self.keyring.unlock_unannounced()
        self.assertEqual(self.daemon.stop(), 0)
        self.assert_kept(token.value)
        self.world.start_daemon()
        self.assertEqual(account.get_token(), token)

    def test_what_stays_unsaved_is_named(self):
        self.renew_unsaved(self.sign_in(label="home"))
        self.assertEqual(self.daemon.stop(), 0)
        self.assertRegex(self.daemon.log(), '"home" is not in the keyring')

    def test_a_new_label_is_kept(self):
        account = self.sign_in()
        account.call("SetLabel", "(s)", "renamed")
        self.world.restart_daemon()
        self.assertEqual(account.get("Label"), "renamed")

    def test_a_sign_in_that_waits_is_told(self):
        request = self.begin_sign_in()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(request.await_end()[0], 1)

    def test_in_the_middle_of_the_poll_that_brings_the_token(self):
        request = self.begin_sign_in()
        self.sim.trouble("held@/token*2")
        self.sim.wait("/token", grant_type="device_code", trouble="held")
        self.sim.allow(request.code)
        self.sim.let_go()
        self.sim.wait("/token", grant_type="device_code", trouble="held", status=200)
        self.daemon.begin_stop()
        self.assertEqual(self.sim.let_go(), 1)
        self.assertEqual(self.daemon.await_end(), 0)
        response, results = request.await_end()
        self.assertEqual(response, 0, results)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])


class Killed(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def test_what_was_answered_was_kept_before(self):
        account = self.sign_in()
        account.refresh()
        token = account.get_token()
        self.daemon.kill()
        self.world.start_daemon()
        self.sim.forget_requests()
        self.assertEqual(account.get_token(), token)
        self.assertEqual(self.sim.requests(), [])


if __name__ == "__main__":
    main()
