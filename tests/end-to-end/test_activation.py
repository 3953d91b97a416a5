#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The call of a client that starts the daemon is answered as any other."""

from rig import EndToEndTest, main
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


if __name__ == "__main__":
    main()
