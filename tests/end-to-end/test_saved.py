#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What yadiskctl says of a change that the keyring does not hold yet."""

import os
import sys

from rig import EndToEndTest, main
from rig.world import SOURCE

sys.path.append(os.path.join(SOURCE, "tests", "moods"))
from mood import OtherKeyring  # pylint: disable=wrong-import-position

NOT_SAVED = r"\Ayadiskctl: Not saved in the keyring yet; do not log out before it is\. [^\n]+\.\n\Z"


class SavedTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)


class InTrouble(SavedTest):
    """The keyring can be read, and refuses what is written, as one does whose disk is full."""
    KEYRING = False
    DAEMON = False

    def setUp(self):
        EndToEndTest.setUp(self)
        self.keyring = OtherKeyring(self.world)
        self.addCleanup(self.keyring.close)
        self.world.start_daemon()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)
        self.keyring.refuse("org.freedesktop.DBus.Error.LimitsExceeded")

    def assert_not_saved(self, *arguments, **keywords):
        """It has been done, is told, and what may become of it as well."""
        result = self.ctl(*arguments, **keywords)
        self.assertEqual(result.status, 5, result)
        self.assertRegex(result.err, NOT_SAVED)
        self.assertIn("The keyring cannot be used as it should", result.err)
        self.assertRegex(self.ctl("status").out, r"Saved: +not yet; ")
        return result.out

    def test_refresh(self):
        generation = self.account.generation
        self.assertRegex(self.assert_not_saved("refresh"), r'\AThe token of "ivan" is valid until ')
        self.assertEqual(self.account.generation, generation + 1)

    def test_rename(self):
        self.assertEqual(self.assert_not_saved("rename", "ivan", "home"),
                         '"ivan" is now called "home".\n')

    def test_default(self):
        self.assertEqual(self.assert_not_saved("default", "ivan"),
                         '"ivan" is now the default account.\n')

    def test_it_heals(self):
        self.assert_not_saved("rename", "ivan", "home")
        self.keyring.refuse("")
        self.assertEqual(self.ctl("rename", "home", "work").status, 0)
        self.assertIn("Saved:        yes\n", self.ctl("status").out)
        self.assertEqual(self.keyring.account()["label"], "work")

    def test_for_programs(self):
        for arguments in ("refresh",), ("rename", "ivan", "home"), ("default", "home"):
            with self.subTest(arguments):
                result = self.ctl("--json", *arguments)
                self.assertEqual(result.status, 5, result)
                self.assertRegex(result.err, NOT_SAVED)
                self.assertIs(result.json["saved"], False)
                self.assertEqual(result.json["account"], self.account.id)

    def test_login(self):
        login = self.world.ctl_at_terminal(*self.login_arguments())
        self.sim.allow(login.await_text(r"enter this code:\s+(\w+)")[1])
        self.assertEqual(login.await_end(), 5)
        self.assertIn("Signed in as ivan; ", login.shown)
        self.assertNotIn("Saved in the keyring.", login.shown)
        self.assertRegex(login.shown, NOT_SAVED.replace(r"\A", r"\n"))


class Soon(SavedTest):
    """A write takes a moment, which is no trouble."""

    def test_all_is_well(self):
        for arguments in ("refresh",), ("rename", "ivan", "home"), ("default", "home"):
            with self.subTest(arguments):
                result = self.ctl("--json", *arguments)
                self.assertEqual((result.status, result.err), (0, ""), result)
                self.assertIs(result.json["saved"], True)
                self.assertIs(self.account.get("Saved"), True)

    def test_no_alarm_after_a_change(self):
        """Nobody has waited for the write, as yadiskctl does."""
        for number in range(20):
            self.account.call("SetLabel", "(s)", f"home{number}")
            self.assertIn("Saved:        yes\n", self.ctl("status").out)

    def test_no_alarm_where_another_sign_in_is_needed(self):
        self.sim.kill_tokens()
        self.assert_refused("SignInNeeded", self.account.refresh)
        self.assertIn("Saved:        yes\n", self.ctl("status").out)


if __name__ == "__main__":
    main()
