# SPDX-License-Identifier: MIT
"""gnome-keyring with the window in which it really asks for the password, on a screen that nobody
sees."""

import os
import shutil
import subprocess

from on_screen import Asking
from rig.keyring import PASSWORD, PROMPTER, SECRETS, Keyring
from rig.process import Process
from rig.windows import User, Windows
from rig.x_server import XServer

GCR_PROMPTER = "/usr/libexec/gcr-prompter"
UNLOCK = "^Unlock (Login )?Keyring$"

BLANK_KEYRING = """[keyring]
display-name=Login
ctime=0
mtime=0
lock-on-idle=false
lock-after=false
"""


def is_installed():
    return os.path.exists(GCR_PROMPTER) and all(map(shutil.which, ("Xvfb", "xdotool")))


class GnomeKeyring(Asking, Keyring):
    """Its password is known to the user alone."""

    def __init__(self, world):
        self._world = world
        with open(world.keyring_log, "ab") as log:
            super().__init__(world.address, world.environment, log)
        self._screen = XServer(world.environment)
        self.windows = Windows(world.environment | {"DISPLAY": self._screen.display})
        # It ends by itself when nothing was asked for ten seconds.
        world.let_the_bus_start(PROMPTER, GCR_PROMPTER, DISPLAY=self._screen.display)

    def close(self):
        super().close()
        if self._world.client.owner_of(PROMPTER):
            self._world.end_started(PROMPTER)
        self._screen.close()

    def restart(self):
        """As the next login starts and unlocks it."""
        self.stop()
        self._start_again()

    def replace(self):
        """By one that is empty."""
        self.stop()
        os.unlink(os.path.join(self._world.home, ".local/share/keyrings/login.keyring"))
        self._start_again()

    def _start_again(self):
        self._session = None
        with open(self._world.keyring_log, "ab") as log:
            self.start(self._world.environment, log)

    def delete_ours(self, kind):
        item, = self.ours(kind)
        self.delete(item)

    def user(self):
        """Somebody who gives the password."""
        return User(self.windows,
                    {UNLOCK: lambda window: self.type_password(window, PASSWORD)})

    def left_behind(self):
        """What can be read in its file without the password: nothing."""
        return ""


class BlankKeyring(GnomeKeyring):
    """Its file is plain text, as where somebody logs in without a password. It comes up locked, and
    opens to whoever asks."""

    def __init__(self, world):
        self._directory = os.path.join(world.home, ".local/share/keyrings")
        os.makedirs(self._directory)
        for name, text in (("login.keyring", BLANK_KEYRING), ("default", "login")):
            with open(os.path.join(self._directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        super().__init__(world)

    def start(self, environment, log):
        self.process = Process(["gnome-keyring-daemon", "--components=secrets", "--foreground"],
                               env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=log)
        self._client.await_owner(SECRETS)

    def left_behind(self):
        with open(os.path.join(self._directory, "login.keyring"), encoding="utf-8") as file:
            return file.read()
