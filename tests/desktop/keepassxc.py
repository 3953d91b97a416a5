# SPDX-License-Identifier: MIT
"""KeePassXC on a screen that nobody sees, with a database of which it exposes one group."""

import base64
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from on_screen import Program
from rig.bus import BusError, Client
from rig.keyring import ITEM, SECRETS, SECRETS_PATH, SERVICE
from rig.process import Process
from rig.waiting import eventually
from rig.windows import User, Windows
from rig.x_server import XServer

PASSWORD = "pw"
PROMPT = "org.freedesktop.Secret.Prompt"

UNLOCK = "^Unlock Database - KeePassXC"
ACCESS = "^KeePassXC - .*Access Request"
MAIN = r"^(db\.kdbx.* - )?KeePassXC$"

# Which keys choose an answer of the access request. The first button is "Allow Selected".
ALLOW = ("Return",)
ALLOW_ONCE = ("Tab", "Tab", "space", "Return")
DENY_FOR_GOOD = ("Tab", "Tab", "Tab", "space")
CLOSE = ("Escape",)

DATABASE = """<KeePassFile>
<Meta><RecycleBinEnabled>True</RecycleBinEnabled><CustomData><Item>
  <Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{00112233-4455-6677-8899-aabbccddeeff}</Value>
</Item></CustomData></Meta>
<Root><Group><UUID>AAAAAAAAAAAAAAAAAAAAAQ==</UUID><Name>Root</Name>
  <Group><UUID>ABEiM0RVZneImaq7zN3u/w==</UUID><Name>Secrets</Name>
    <Entry><UUID>AAAAAAAAAAAAAAAAAAAAAg==</UUID>
      <String><Key>Title</Key><Value>of another program</Value></String></Entry></Group>
</Group></Root></KeePassFile>
"""

SETTINGS = """[General]
ConfigVersion=2
UpdateCheckMessageShown=true
AutoSaveAfterEveryChange=true
MinimizeAfterUnlock=false

[FdoSecrets]
Enabled=true
ConfirmAccessItem={confirm}
ConfirmDeleteItem={confirm}
ShowNotification=false

[GUI]
CheckForUpdates=false
ShowTrayIcon=false
"""


def is_installed():
    return all(shutil.which(program) for program in ("keepassxc", "keepassxc-cli", "Xvfb", "xdotool"))


class Entry:
    """One entry of the database, as the file has it."""

    def __init__(self, element):
        self.attributes = {string.findtext("Key"): string.findtext("Value") or ""
                           for string in element.findall("String")}
        self.text = self.attributes.pop("Password", "")
        for binary in element.findall("Binary"):
            self.text += base64.b64decode(binary.findtext("Value") or "").decode()
        self.earlier = [Entry(old).text for old in element.findall("History/Entry")]


class KeePassXC(Program):
    """Confirming is its default: a program is shown no secret until the user has allowed it."""

    def __init__(self, world, confirm, database=True):
        super().__init__(Client(world.address))
        self._world = world
        self._screen = XServer(world.environment)
        self._environment = world.environment | {
            "DISPLAY": self._screen.display,
            "LD_PRELOAD": world.binary("tests/desktop/libdesktop-no-usb.so")}
        self.windows = Windows(self._environment)
        self.database = os.path.join(world.home, "db.kdbx")
        self._make_database()
        self._write_settings(confirm)
        self._has_database = database
        self.start()

    def _make_database(self):
        outline = self._world.write("db.xml", DATABASE)
        self._cli(f"{PASSWORD}\n{PASSWORD}\n", "import", "-q", "-p", "-t", "100", outline,
                  self.database)
        os.unlink(outline)

    def _write_settings(self, confirm):
        directory = os.path.join(self._world.config_home, "keepassxc")
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "keepassxc.ini"), "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(confirm=str(confirm).lower()))

    def _cli(self, typed, *arguments):
        return subprocess.run(["keepassxc-cli", *arguments], env=self._world.environment, input=typed,
                              text=True, capture_output=True, check=True, timeout=60).stdout

    def start(self, locked=False):
        """Its user opens the database, unless it is to be locked."""
        self._session = None
        self.process = self._run()
        self._client.await_owner(SECRETS)
        if self._has_database:
            eventually(lambda: self._has(locked=True), "the database")
        if self._has_database and not locked:
            self.unlock()

    def _run(self):
        database = [self.database] if self._has_database else []
        with open(self._world.keyring_log, "ab") as log:
            return Process(["keepassxc", *database], env=self._environment,
                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _has(self, locked):
        """It has its name before it answers."""
        try:
            return self.collection != "/" and self.is_locked() == locked
        except BusError:
            return False

    def replace(self):
        """By one whose database is empty."""
        self.stop()
        os.unlink(self.database)
        self._make_database()
        self.start()

    # What the user does

    def lock(self):
        prompt = self.call(SECRETS_PATH, SERVICE, "Lock", "(ao)", [self.collection])[1]
        self.call(prompt, PROMPT, "Prompt", "(s)", "")
        eventually(self.is_locked, "the database to be locked")

    def unlock(self):
        """In its main window."""
        self.give_password(self.windows.await_shown(MAIN))
        eventually(lambda: not self.is_locked(), "the database to be open")

    def give_password(self, window):
        self.type_password(window, PASSWORD)

    def open_database(self):
        """Where it had none: a second start of the program hands it over to the first."""
        self._has_database = True
        process = self._run()
        process.await_end()
        process.close()
        eventually(lambda: self._has(locked=True), "the database")
        self.unlock()

    def delete_ours(self, kind):
        item, = self.ours(kind)
        prompt, = self.call(item.path, ITEM, "Delete")
        self.call(prompt, PROMPT, "Prompt", "(s)", "")
        eventually(lambda: item.path not in [other.path for other in self.ours(kind)],
                   "an entry to be deleted")

    def user(self, answer=ALLOW, password=()):
        """Somebody who gives the password, or presses these keys instead, and gives this answer to a
        program that wants to see secrets."""
        def unlock(window):
            if password:
                self.windows.press(window, *password)
            else:
                self.give_password(window)

        return User(self.windows, {UNLOCK: unlock,
                                   ACCESS: lambda window: self.windows.press(window, *answer)})

    def asks(self):
        """The names of the windows that it shows beside its main one."""
        return [name for name in super().asks() if not re.search(MAIN, name)]

    # What the file has

    def entries(self):
        """(those of the exposed group, those of the recycle bin). One of them is another program's."""
        root = ElementTree.fromstring(
            self._cli(f"{PASSWORD}\n", "export", "-q", "-f", "xml", self.database))
        groups = {group.findtext("Name"): [Entry(entry) for entry in group.findall("Entry")]
                  for group in root.findall("Root/Group/Group")}
        return groups.get("Secrets", []), groups.get("Recycle Bin", [])

    def kept(self):
        """What a daemon finds after the machine was switched off now: (attributes, text) of each."""
        return [(entry.attributes, entry.text) for entry in self.entries()[0]]

    def left_behind(self):
        """What can be read in the database without looking at the history of an entry."""
        return "\n".join(entry.text + str(entry.attributes)
                         for group in self.entries() for entry in group)
