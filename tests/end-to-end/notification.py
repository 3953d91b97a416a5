# SPDX-License-Identifier: MIT
"""What the tests of the notifications share: an account whose sign-in comes to its end."""

import re

from rig import EndToEndTest

# Of the summaries.
NEEDED = "sign in again"
ENTER = "enter the code"
FAILED = "is not signed in"


class NotificationTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}
    LABEL = "work"

    def setUp(self):
        super().setUp()
        self.account = self.sign_in(label=self.LABEL)
        self.sim.forget_requests()

    def die(self, account=None, app=None):
        """Yandex accepts the sign-in no longer, and the daemon learns of it."""
        self.sim.kill_tokens(client_id=(app or self.app)["client_id"])
        self.assert_refused("SignInNeeded", (account or self.account).refresh)

    def codes(self):
        """How often a code was asked for."""
        return len(self.sim.requests(path="/device/code", client_id=self.client_id))

    def assert_well(self):
        """It is the account that it was."""
        account, = self.client.accounts()
        self.assertEqual((account.path, account.get("Label")), (self.account.path, self.LABEL))
        self.assertEqual(account.state, "active")
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])

    def await_well(self):
        self.account.await_is("State", "active")
        self.assert_well()


def code_on(note):
    """Which is to be entered on the page."""
    return re.search(r"code (\w+)$", note.summary)[1]
