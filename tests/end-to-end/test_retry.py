#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What has failed in passing is tried again without anybody asking."""

from rig import EndToEndTest, main


class Retry(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}
    CLOCK = True

    def assert_renewed_by_itself(self, account, generation):
        self.clock.pass_until(account.get("NextRefreshAt"))
        account.await_told("Generation", generation + 1)
        account.await_is("LastError", ("", ""))
        self.assertEqual(account.state, "active")
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])

    def test_an_answer_that_is_none(self):
        account = self.sign_in()
        token = account.get_token()
        self.sim.trouble("captive@/token*1")
        self.assert_refused("ServerTrouble", account.refresh)
        self.assertEqual(account.get_token(), token)
        self.assert_renewed_by_itself(account, token.generation)

    def test_a_pause_that_the_server_names(self):
        account = self.sign_in()
        generation = account.generation
        self.sim.trouble({"kind": "429-seconds", "path": "/token", "seconds": 3, "count": 1})
        self.assert_refused("RateLimited", account.refresh)
        self.assert_renewed_by_itself(account, generation)


if __name__ == "__main__":
    main()
