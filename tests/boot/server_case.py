# SPDX-License-Identifier: MIT
"""What root types on a server, and the user whose keyring it is about."""

import re

from machine_case import MachineTest
from rig.machine import USER

PASSWORD = "correct horse"
OTHER = "boris"

# As somebody at a desktop, or a login by password, has made it.
MAKE_KEYRING = f"printf '{PASSWORD}' | gnome-keyring-daemon --replace --unlock --components=secrets"
LOCKED = ("busctl --user get-property org.freedesktop.secrets /org/freedesktop/secrets/aliases/default "
          "org.freedesktop.Secret.Collection Locked")
COLLECTIONS = ("busctl --user get-property org.freedesktop.secrets /org/freedesktop/secrets "
               "org.freedesktop.Secret.Service Collections")
CREDENTIAL = f"/etc/credstore.encrypted/keyring-$(id -u {USER})"
ENCRYPT = f"systemd-creds encrypt --quiet --name=keyring - {CREDENTIAL}"
UNLOCK = "/etc/systemd/user/gnome-keyring-daemon.service.d"
LOAD = f"/etc/systemd/system/user@$(id -u {USER}).service.d/yadisk-tokend.conf"
HOST_KEY = "/var/lib/systemd/credential.secret"
MANAGER = f"systemctl show --property=MainPID user@$(id -u {USER}).service"
KEYRING_LOCKED = 5


class ServerTest(MachineTest):
    def enable(self, options="", user=USER, **keywords):
        return self.root(f"yadisk-tokend-server enable {options} {user}", **keywords)

    def check(self, status=0):
        return self.root(f"yadisk-tokend-server check {USER}", status=status)

    def disable(self, user=USER):
        return self.root(f"yadisk-tokend-server disable {user}")

    def assert_locked(self, locked):
        self.assertEqual(self.user(LOCKED).strip(), f"b {str(locked).lower()}")

    def assert_wrong(self, *facts):
        """Of all that check looks at this is not as it should be, and it tells what to do."""
        found = re.findall(r"(?m)^NO   (.*)\n     \S", self.check(status=1))
        self.assertEqual(len(found), len(facts), found)
        for fact, pattern in zip(found, facts):
            self.assertRegex(fact, pattern)
