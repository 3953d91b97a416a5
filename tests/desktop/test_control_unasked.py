#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The keyring is opened without a signal after the daemon has seen it locked, and nobody calls. While something
waits for the keyring, the daemon looks by itself."""

import json

from rig.unsaved import renew_unsaved
from rig.user_session import UNIT
from rig.waiting import await_until
from session_case import SessionTest, run

# The daemon looks once a minute; and then some.
LOOKS_EVERY_SECONDS = 100
DAY = 86400


class Unasked(SessionTest):
    def test_renewed_though_nobody_calls(self):
        self.have_signed_in()
        self.log_in()
        self.session.systemctl("stop", UNIT)
        self.keyring.unlock()
        self.make_old()
        self.log_out()
        self.sim.forget_requests()

        self.log_in()
        self.await_locked()
        self.unlock_through_control()
        self.sim.wait("/token", timeout=LOOKS_EVERY_SECONDS, client_id=self.app["client_id"],
                      grant_type="refresh_token", status=200)
        self.await_account().await_is("Refreshing", False)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        self.assert_nobody_was_asked()

    def test_saved_though_nobody_calls(self):
        """Locked between the request and its answer, and unlocked later."""
        self.have_signed_in()
        self.log_in()
        self.keyring.unlock()
        account = self.await_account()
        renew_unsaved(self.sim, account, self.keyring.lock)
        self.assertFalse(account.get("Saved"))
        self.unlock_through_control()
        await_until(lambda: account.get("Saved"), "that it is saved", LOOKS_EVERY_SECONDS)
        self.assertEqual(self.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        self.assert_nobody_was_asked()

    def make_old(self):
        item, = self.keyring.ours("account")
        document = json.loads(item.secret())
        for name in ("obtained_at", "expires_at"):
            document["grant"][name] -= 100 * DAY
        self.keyring.write(item, json.dumps(document))


if __name__ == "__main__":
    run(__file__)
