#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The description of the interfaces that is installed, for those who make code of it, is that of the daemon."""

import os
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

from rig import EndToEndTest, main
from rig.bus import MANAGER_PATH, TOKENS
from rig.world import SOURCE, build_directory

NAME = f"{TOKENS}.xml"


def described(text):
    """Each interface of ours, and each of its members, with all that is told of it."""
    return {interface.get("name"): {(member.tag, member.get("name")): (
                {**member.attrib}, [(part.tag, {**part.attrib}) for part in member])
                for member in interface}
            for interface in ElementTree.fromstring(text).iter("interface")
            if interface.get("name").startswith(TOKENS)}


def installed():
    with tempfile.TemporaryDirectory(prefix="yadisk-") as directory:
        subprocess.run(["cmake", "--install", build_directory()], check=True,
                       env=os.environ | {"DESTDIR": directory}, stdout=subprocess.DEVNULL)
        path, = [os.path.join(folder, NAME) for folder, _, files in os.walk(directory) if NAME in files]
        assert path.endswith(f"/share/dbus-1/interfaces/{NAME}"), path
        with open(path, encoding="utf-8") as file:
            return file.read()


class Introspection(EndToEndTest):
    def served(self, path):
        return described(self.client.call(path, "org.freedesktop.DBus.Introspectable", "Introspect")[0])

    def test_the_daemon_serves_what_is_described(self):
        account, request = self.sign_in(), self.begin_sign_in()
        served = {}
        for path in (MANAGER_PATH, account.path, request.path):
            interface, = self.served(path).items()
            served |= [interface]
        self.assertEqual(len(served), 3)
        self.assertEqual(served, described(installed()))

    def test_code_can_be_made_of_it(self):
        """Where two arguments of a method have one name, it can not, in some languages."""
        for interface in described(installed()).values():
            for (_, member), (_, parts) in interface.items():
                names = [part["name"] for tag, part in parts if tag == "arg"]
                self.assertEqual(len(names), len(set(names)), member)
        subprocess.run(["gdbus-codegen", "--interface-info-header", "--output=/dev/null",
                        os.path.join(SOURCE, "daemon", "bus", NAME)], check=True)


if __name__ == "__main__":
    main()
