# SPDX-License-Identifier: MIT
"""KWallet on a screen that nobody sees: kwalletd5, or what serves secrets on a Debian that has no other."""

import hashlib
import os
import shutil
import socket
import subprocess

from on_screen import Program
from rig.bus import Client
from rig.keyring import SECRETS, SECRETS_PATH, SERVICE
from rig.process import Process
from rig.waiting import eventually
from rig.windows import User, Windows
from rig.x_server import XServer

# KDE Frameworks 6.14 and later have divided kwalletd6 in two.
PROGRAM = shutil.which("kwalletd5") or shutil.which("ksecretd") or "/usr/bin/kwalletd6"
NAME = os.path.basename(PROGRAM)
KWALLETD = "org.kde." + ("secretservicecompat" if NAME == "ksecretd" else NAME)
PROMPT = "org.freedesktop.Secret.Prompt"
WINDOW = "^KDE Wallet Service$"

PASSWORD = "geheim"
BLANK = ""

# As in pam_kwallet.
ITERATIONS, KEY_SIZE, SALT_SIZE = 50000, 56, 56


def is_installed():
    return all(map(shutil.which, (PROGRAM, "Xvfb", "xdotool")))


class KWallet(Program):
    """With the wallet that every program uses, opened by PAM as at a login."""

    def __init__(self, world, password):
        super().__init__(Client(world.address))
        self._world, self._password = world, password
        self._directory = os.path.join(world.home, ".local/share/kwalletd")
        self._make_settings()
        self._screen = XServer(world.environment)
        self.environment = world.environment | {"DISPLAY": self._screen.display}
        self.windows = Windows(self.environment)
        self.start()
        eventually(self._has_wallet, "the wallet to be made")
        self.restart()  # the one which made the wallet does not show it to anybody

    def _make_settings(self):
        os.makedirs(self._world.config_home, exist_ok=True)
        with open(os.path.join(self._world.config_home, "kwalletrc"), "w", encoding="utf-8") as file:
            file.write("[Wallet]\nFirst Use=false\n")
        os.makedirs(self._directory)
        with open(os.path.join(self._directory, "kdewallet.salt"), "wb") as file:
            file.write(os.urandom(SALT_SIZE))

    def _has_wallet(self):
        path = os.path.join(self._directory, "kdewallet.kwl")
        return os.path.exists(path) and os.path.getsize(path) > 0

    def _key(self):
        with open(os.path.join(self._directory, "kdewallet.salt"), "rb") as file:
            return hashlib.pbkdf2_hmac("sha512", self._password.encode(), file.read(), ITERATIONS,
                                       KEY_SIZE)

    def start(self):
        """pam_kwallet hands it the key through a pipe, and the environment through a socket."""
        path = os.path.join(self._world.runtime, "kwallet5.socket")
        reading, writing = os.pipe()
        with socket.socket(socket.AF_UNIX) as listening, open(self._world.keyring_log, "ab") as log:
            listening.bind(path)
            listening.listen(1)
            self.process = Process(
                [PROGRAM, "--pam-login", str(reading), str(listening.fileno())],
                env=self.environment | {"PAM_KWALLET5_LOGIN": path}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, pass_fds=[reading, listening.fileno()])
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(self._key())
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
        os.unlink(path)
        self._session = None
        self._client.await_owner(SECRETS)

    def kill(self):
        self.process.kill()
        self.process.await_end()
        self._client.await_no_owner(SECRETS)
        self.process.close()

    # What the user and other programs do

    def lock(self):
        self.call(SECRETS_PATH, SERVICE, "Lock", "(ao)", [self.collection])

    def unlock(self):
        """Another program has the wallet opened, and the user does so."""
        with self.user():
            prompt = self.call(SECRETS_PATH, SERVICE, "Unlock", "(ao)", [self.collection])[1]
            if prompt != "/":
                self.call(prompt, PROMPT, "Prompt", "(s)", "")
            eventually(lambda: not self.is_locked(), "the wallet to be open")

    def user(self):
        """Somebody who gives the password."""
        return User(self.windows,
                    {WINDOW: lambda window: self.type_password(window, self._password)})

    # What it holds

    def left_behind(self):
        """Its file is encrypted and without a history; beside it is one with attributes and labels."""
        with open(os.path.join(self._directory, "kdewallet_attributes.json"), encoding="utf-8") as file:
            return file.read()
