#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The call of a client that starts the daemon is answered as any other."""

import signal

from rig import EndToEndTest, await_until, main
from rig.bus import TOKENS


class Activation(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.world.let_the_bus_start_the_daemon()
        self.daemon.stop()
        self.client.await_no_owner(TOKENS)
        self.sim.forget_requests()

    def tearDown(self):
        self.assertEqual(self.world.end_started_daemon(), 0)
        super().tearDown()

    def test_the_token_is_what_starts_it(self):
        self.assertEqual(self.client.get_token(), self.token)
        self.assertEqual(self.sim.requests(), [])

    def test_yadiskctl_starts_it(self):
        result = self.ctl("token")
        self.assertEqual((result.status, result.out), (0, self.token.value + "\n"))

    def test_a_property_starts_it(self):
        self.assertEqual(self.account.generation, self.token.generation)

    def test_a_crowd_starts_it(self):
        clients = [self.world.new_client() for _ in range(20)]
        calls = [client.begin_get_token() for client in clients]
        self.assertEqual({call.result() for call in calls}, {self.token})
        self.assertEqual(self.sim.requests(), [])


class Killed(EndToEndTest):
    """With a call that it has not answered."""

    def setUp(self):
        super().setUp()
        self.token = self.sign_in().get_token()

    def kill_with(self, member, *command):
        """Returns what becomes of the command that makes such a call."""
        monitor = self.world.new_monitor()
        self.daemon.send(signal.SIGSTOP)
        calling = self.world.launch_ctl(*command)
        await_until(lambda: monitor.calls(member=member), member)
        self.daemon.kill()
        return calling.await_end(), calling.stdout.read(), calling.stderr.read()

    def test_a_token_is_asked_for_again(self):
        self.world.let_the_bus_start_the_daemon()
        self.assertEqual(self.kill_with("GetTokenFD", "token"), (0, self.token.value + "\n", ""))
        self.assertEqual(self.world.end_started_daemon(), 0)

    def test_in_vain_if_nobody_starts_it(self):
        status, _, err = self.kill_with("GetTokenFD", "token")
        self.assertEqual(status, 8)
        self.assertRegex(err, "yadisk-tokend is not running")

    def test_other_calls_are_not_made_again(self):
        self.world.let_the_bus_start_the_daemon()
        status, _, err = self.kill_with("FindAccount", "refresh", "ivan")
        self.assertEqual(status, 8)
        self.assertRegex(err, "without replying")
        self.assertEqual(self.client.owner_of(TOKENS), "")


if __name__ == "__main__":
    main()
