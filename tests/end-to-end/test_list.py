#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl list: a table for people, and lines of fields for programs."""

import json
import os
import sys
import unicodedata

from rig import EndToEndTest, main
from rig.world import SOURCE

sys.path.append(os.path.join(SOURCE, "tests", "moods"))
from mood import write  # pylint: disable=wrong-import-position


def width(text):
    """In columns of a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


class ListTest(EndToEndTest):
    def sign_in_more(self):
        """One whose login is not known, and one with a name of wide characters."""
        self.sim.add_user("olga")
        self.sim.add_user("maria")
        self.sim.trouble("500@/info")
        nameless = self.sign_in(login="maria", app=self.sim.application(), label="backup")
        self.sim.trouble()
        wide = self.sign_in(login="olga", app=self.sim.application(), label="磁盘")
        return nameless, wide

    def table(self, columns=100, **environment):
        screen = self.world.ctl_on_screen("list", columns=columns, **environment)
        self.assertEqual(screen.await_end(), 0, screen.shown)
        return screen.text()

    def without_ids(self, text):
        for account in self.client.accounts():
            text = text.replace(account.id, "ID" + "-" * 30)
        return text


class Table(ListTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_what_a_person_wants_comes_first(self):
        self.sign_in_more()
        self.assert_screen("list", self.without_ids(self.table()))

    def test_the_columns_stand_below_their_heads(self):
        nameless, wide = self.sign_in_more()
        head, *rows = self.table().splitlines()
        self.assertEqual(head.split(), ["Label", "Login", "State", "Default", "Id"])
        for account in self.account, nameless, wide:
            row, = [row for row in rows if account.id in row]
            before = row[:row.index(account.id)]
            self.assertEqual(width(before), head.index("Id"), row)
            state = row[:row.index("active")]
            self.assertEqual(width(state), head.index("State"), row)
        self.assertEqual([row.split()[1] for row in rows], ["ivan", "--", "olga"])

    def test_the_id_can_be_used(self):
        shown = self.table().splitlines()[1].split()[-1]
        self.assertEqual(self.ctl("status", shown).status, 0)

    def test_in_a_narrow_window(self):
        self.sign_in_more()
        self.assert_screen("list-narrow", self.without_ids(self.table(columns=40)))

    def test_in_a_window_that_it_just_fits(self):
        wide = max(map(len, self.table().splitlines()))
        self.assertEqual(len(self.table(columns=wide).splitlines()), 2)
        self.assertEqual(len(self.table(columns=wide - 1).splitlines()), 5)

    def test_where_the_width_is_not_known(self):
        terminal = self.world.ctl_at_terminal("list")
        terminal.await_end()
        self.assertEqual(terminal.shown, self.table())

    def test_states_in_words(self):
        self.sim.kill_tokens()
        self.assert_refused("SignInNeeded", self.account.refresh)
        self.assertIn("  sign-in needed  ", self.table())

    def test_locked(self):
        self.account.await_is("Saved", True)
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assertEqual(self.without_ids(self.table()).splitlines()[1].split(),
                         ["--", "--", "locked", "yes", "ID" + "-" * 30])


class Unreadable(ListTest):
    """An item that is not understood: the keyring is open, and it is not its lock that is in the way."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)
        self.item, = self.keyring.ours("account")
        self.document = json.loads(self.item.secret())

    def find(self, text):
        """A daemon that finds this in the keyring."""
        self.daemon.stop()
        write(self.keyring, self.item, text)
        self.world.start_daemon()
        self.account.await_is("State", "locked")

    def sentence(self):
        return self.account.get("LastError")[1]

    def assert_told(self):
        table = self.table()
        self.assertIn("  unreadable  ", table)
        self.assertIn(self.sentence(), " ".join(table.split()))
        status = self.ctl("status").out
        self.assertIn(": cannot be read from the keyring\n", status)
        self.assertIn("Trouble:      " + self.sentence() + "\n", status)
        self.assertNotRegex(status, r"\blocked")
        self.assertIn("The keyring is unlocked", status)
        doctor = self.ctl("--json", "doctor")
        self.assertEqual(doctor.status, 5)
        check, = [check for check in doctor.json["checks"] if check["name"] == "sign-in"]
        self.assertEqual(check["verdict"], "trouble")
        self.assertIn("keyring", check["message"])
        self.assertIn("yadiskctl logout", check["advice"])

    def test_of_a_newer_version(self):
        self.find(json.dumps(self.document | {"version": 99}))
        self.assert_told()

    def test_that_is_damaged(self):
        self.find("not JSON")
        self.assert_told()

    def test_the_advice_works(self):
        self.find("not JSON")
        self.assertEqual(self.ctl("logout", self.account.id).status, 0)
        self.ctl_login()
        self.assertIn(": active\n", self.ctl("status").out)


class Lines(ListTest):
    def test_fields_do_not_shift(self):
        account = self.sign_in()
        nameless, wide = self.sign_in_more()
        lines = [line.split() for line in self.ctl("list").lines]
        self.assertEqual(lines, [[account.id, "ivan", "ivan", "active", "default"],
                                 [nameless.id, "backup", "--", "active", "-"],
                                 [wide.id, "磁盘", "olga", "active", "-"]])

    def test_nobody(self):
        result = self.ctl("list")
        self.assertEqual((result.status, result.out), (0, ""))
        self.assertIn("Nobody is signed in yet", result.err)
        self.assertIn("Nobody is signed in yet", self.table())


if __name__ == "__main__":
    main()
