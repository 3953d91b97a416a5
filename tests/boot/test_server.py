#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadisk-tokend-server: the machine is started, nobody is there, and the keyring is unlocked."""

import re

from rig.machine import USER, main_on_machine
from server_case import (COLLECTIONS, CREDENTIAL, LOCKED, MANAGER, OTHER, UNLOCK,
                         ServerTest)


class Enable(ServerTest):
    def test_it_is_unlocked_when_the_machine_starts(self):
        said = self.enable()
        for made in ("keyring-", "user@", "gnome-keyring-daemon.service.d", "Restarting"):
            self.assertRegex(said, rf"(?m)^(Wrote .*)?{made}")
        self.restart()
        self.assert_nobody_is_there()
        self.assert_locked(False)
        self.check()

    def test_a_second_time_nothing_changes(self):
        self.enable()
        before = self.root(MANAGER)
        self.assertNotRegex(self.enable(), "Wrote|Restarting|NO ")
        self.assertEqual(self.root(MANAGER), before)

    def test_disable_and_enable(self):
        self.enable()
        said = self.disable()
        self.restart()
        self.assert_locked(True)
        password = self.root(re.search('"(systemd-creds .*)"', said)[1])
        self.assertGreater(len(password), 20)
        self.enable()
        self.assert_locked(False)

    def test_one_of_two_users(self):
        self.root(f"useradd --create-home {OTHER}")
        self.enable()
        self.enable(user=OTHER)
        self.disable(OTHER)
        self.restart()
        self.assert_locked(False)
        self.disable()
        self.root(f"! test -e {UNLOCK}/yadisk-tokend.conf")

    def test_users_without_a_password(self):
        self.root(f"useradd --create-home {OTHER}")
        self.enable()
        self.assertIn("active", self.root(f"{COLLECTIONS}; systemctl --user is-active "
                                          "gnome-keyring-daemon.service", user=OTHER).split())

    def test_after_the_end_of_the_keyring(self):
        self.enable()
        for number in ("KILL", "TERM"):
            with self.subTest(number):
                self.root(f"pid=$(pgrep --uid {USER} --oldest gnome-keyring-d) && kill -{number} $pid && "
                          "tail --pid=$pid --follow /dev/null")
                self.assert_locked(False)

    def test_what_cannot_be_done(self):
        for words, status, said in (("", 2, "Usage"), ("enable", 2, "Usage"), ("begin x", 2, "Usage"),
                                    ("enable a b", 2, "Usage"), ("enable --password-file x", 2, "Usage"),
                                    ("enable nobody-there", 1, 'no user "nobody-there"'),
                                    ("enable -- ", 1, "no user"),
                                    (f"enable --password-file /none {USER}", 1, "/none"),
                                    (f"enable --password-file /dev/null {USER}", 1, "empty")):
            with self.subTest(words):
                self.assertIn(said, self.root(f"yadisk-tokend-server {words}", status=status))
        self.assertIn("root", self.root(f"PATH=$PATH:/usr/local/sbin yadisk-tokend-server enable {USER}",
                                        status=1, user=USER))
        self.root(f"! test -e {CREDENTIAL} && ! test -e /var/lib/systemd/linger/{USER}")


if __name__ == "__main__":
    main_on_machine(__file__)
