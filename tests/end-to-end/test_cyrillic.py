#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Somebody whose name is not written in ASCII: what the tests on other machines do not leave out."""

from rig import main
from test_odd_answers import NAMES, OddAnswersTest

LABEL = "Мой диск"


class CyrillicName(OddAnswersTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.script("/info", {"id": "7", "login": "ivan"} | NAMES, count=2)
        self.ctl_login("--label", LABEL)
        self.account = self.client.find_account(LABEL)
        self.account.await_is("Saved", True)

    def test_signed_in_after_a_restart(self):
        token = self.account.get_token()
        self.world.restart_daemon()
        self.assertEqual(self.client.find_account("ivan").path, self.account.path)
        self.assertEqual(self.ctl("token", LABEL).out, token.value + "\n")
        self.assertIn(f"{LABEL} (default): active\n", self.ctl("status").out)

        self.account.refresh()
        self.assertNotEqual(self.account.get_token().value, token.value)

    def test_one_account_after_another_sign_in(self):
        self.world.restart_daemon()
        self.ctl_login()
        self.assertEqual([account["label"] for account in self.ctl("--json", "list").json["accounts"]],
                         [LABEL])
        self.assertEqual(len(self.keyring.ours("account")), 1)

    def test_signed_out_by_that_name(self):
        self.assertEqual(self.ctl("logout", LABEL).out,
                         f'"{LABEL}" is signed out, and its access is revoked at Yandex.\n')
        self.assertEqual(self.keyring.ours("account"), [])


if __name__ == "__main__":
    main()
