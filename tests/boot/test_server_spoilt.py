#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What people do by hand, or what happens to machines, and how yadisk-tokend-server cures it."""

from rig.machine import USER, main_on_machine
from server_case import CREDENTIAL, ENCRYPT, HOST_KEY, LOAD, UNLOCK, ServerTest


class Spoilt(ServerTest):
    def setUp(self):
        super().setUp()
        self.enable()

    def assert_cured(self):
        self.enable()
        self.check()
        self.restart()
        self.assert_locked(False)

    def test_a_folder_that_only_root_may_enter(self):
        self.root(f"chmod 700 {UNLOCK}")
        self.restart()
        self.assert_wrong("can read", "is unlocked")
        self.assert_cured()

    def test_an_absolute_path(self):
        self.root(f"sed -i 's,keyring:,&/etc/credstore.encrypted/,' {LOAD}")
        self.assert_wrong("by its name")
        self.assert_cured()

    def test_no_linger(self):
        self.root(f"loginctl disable-linger {USER}")
        self.assertRegex(self.check(status=1), "NO .* without a session")
        self.assert_cured()

    def test_a_newline(self):
        self.root(f"systemd-creds decrypt --name=keyring {CREDENTIAL} - >/root/password; "
                  f"echo $(cat /root/password) | {ENCRYPT}")
        self.restart()
        self.assert_wrong("newline", "is unlocked")
        self.enable("--password-file /root/password")
        self.assert_locked(False)

    def test_another_host_key(self):
        password = self.root(f"systemd-creds decrypt --name=keyring {CREDENTIAL} -")
        self.root(f"rm {HOST_KEY}; systemd-creds setup")
        self.restart()
        self.assertIn("can be decrypted", self.check(status=1))
        self.assertIn("host key", self.enable(status=1))
        self.enable("--password-file -", stdin="battery staple", status=1)
        self.assert_wrong("is unlocked")
        self.enable("--password-file -", stdin=password)
        self.assert_locked(False)


if __name__ == "__main__":
    main_on_machine(__file__)
