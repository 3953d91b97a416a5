#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""libyadisk-token in a program that runs for long: whose token it has, and what becomes of a report that the
token was refused."""

import json
import subprocess

from rig import EndToEndTest, main
from rig.process import Process

KEYRING_FAILED, NO_SUCH_ACCOUNT, NO_DAEMON = 5, 8, 9  # YadiskTokenError

PROBE = "/v1/disk/operations/0000"


class LibraryTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.program = Process([self.world.binary("tests/end-to-end/library-user")], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env=self.world.environment_with({}))
        self.addCleanup(self.program.end)

    def tell(self, line):
        """What it answers."""
        self.program.stdin.write(line + "\n")
        self.program.stdin.flush()
        return self.program.stdout.readline().split()

    def assert_has(self, account, line="get"):
        token = account.get_token()
        self.assertEqual(self.tell(line), ["0", token.value, account.id, str(token.generation)])

    def assert_renewed_by_report(self, account):
        """The Disk no longer accepts the token that the program has, and the program says so. Returns what was
        shown to the Disk."""
        self.sim.script_answer(PROBE, status=401, count=2,
                               body=json.dumps({"message": "?", "error": "UnauthorizedError"}))
        before = account.generation
        self.assertEqual(self.tell("refused"), ["0"])
        account.await_told("Generation", before + 1)
        return {request["headers"]["authorization"] for request in self.sim.requests(path=PROBE)}


class Whose(LibraryTest):
    def setUp(self):
        super().setUp()
        self.sim.add_user("boris")
        self.other = self.sign_in("boris")

    def test_the_account_is_told(self):
        self.assert_has(self.account)
        self.assert_has(self.other, "get boris")
        self.assertEqual(self.tell("get nobody"), [str(NO_SUCH_ACCOUNT)])

    def test_a_report_after_another_account_became_the_default(self):
        """Nor is that one troubled, although its token has the same generation."""
        self.assert_has(self.account)
        old = self.account.get_token().value
        self.client.manager("SetDefaultAccount", "(o)", self.other.path)
        self.assertEqual(self.other.generation, self.account.generation)
        self.assertEqual(self.assert_renewed_by_report(self.account), {f"OAuth {old}"})
        self.assertEqual(self.other.generation, 1)
        self.assert_has(self.other)

    def test_a_report_after_the_names_changed_hands(self):
        self.account.call("SetLabel", "(s)", "home")
        self.assert_has(self.account, "get home")
        old = self.account.get_token().value
        self.account.call("SetLabel", "(s)", "away")
        self.other.call("SetLabel", "(s)", "home")
        self.assertEqual(self.assert_renewed_by_report(self.account), {f"OAuth {old}"})

    def test_a_report_for_an_account_that_is_gone(self):
        """The user signed out and in again; that is another account, whose token nobody refused."""
        self.assert_has(self.account)
        self.account.sign_out()
        again = self.sign_in()
        self.sim.forget_requests()
        self.assertEqual(self.tell("refused"), [str(NO_SUCH_ACCOUNT)])
        self.assertEqual(self.sim.requests(), [])
        self.assert_has(again, "get ivan")

    def test_a_report_while_the_accounts_are_not_known(self):
        self.assert_has(self.account)
        self.daemon.stop()
        self.assertEqual(self.tell("refused"), [str(NO_DAEMON)])
        self.keyring.stop()
        self.world.start_daemon()
        self.assertEqual(self.tell("refused"), [str(KEYRING_FAILED)])


class Options(LibraryTest):
    def test_force(self):
        self.assert_has(self.account)
        first = self.account.get_token()
        value = self.tell("force")[1]
        self.assertNotEqual(value, first.value)
        self.assert_has(self.account)
        self.assertEqual(self.account.generation, first.generation + 1)
        self.assertEqual(self.tell("force nobody"), [str(NO_SUCH_ACCOUNT)])


if __name__ == "__main__":
    main()
