# SPDX-License-Identifier: MIT
"""The inside of user-session: a real systemd of a user, which starts the installed daemon."""

import os
import subprocess

from .bus import TOKENS, Client
from .daemon import NotifySocket
from .keyring import Keyring
from .process import Process
from .waiting import await_until

UNIT = "yadisk-tokend.service"
MANAGER = "/lib/systemd/systemd"


class UserSession:
    """The manager, its bus, and a keyring."""

    def __init__(self):
        self.home, self.runtime = os.environ["HOME"], os.environ["XDG_RUNTIME_DIR"]
        self.daemon_log = os.path.join(self.home, "daemon.log")
        self.environment = {
            name: os.environ[name] for name in ("HOME", "XDG_RUNTIME_DIR", "LANG", "PATH")}
        self._start_manager()
        self.address = f"unix:path={self.runtime}/bus"
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.address
        self.client = Client(self.address)
        self.start_keyring()

    def _start_manager(self):
        notify = NotifySocket(os.path.join(self.home, "notify"))
        self._manager_log = open(os.path.join(self.home, "manager.log"), "ab")
        self._manager = Process(
            [MANAGER, "--user"], stdin=subprocess.DEVNULL, stdout=self._manager_log,
            stderr=self._manager_log,
            env=self.environment | {"NOTIFY_SOCKET": notify.path, "SYSTEMD_LOG_TARGET": "console"})
        notify.await_line("READY=1", self._manager)
        notify.close()

    def start_keyring(self):
        with open(os.path.join(self.home, "keyring.log"), "ab") as log:
            self.keyring = Keyring(self.address, self.environment, log)

    def close(self):
        self.keyring.close()
        self.client.close()
        self._manager.end()
        self._manager_log.close()

    def run(self, *arguments):
        return subprocess.run(arguments, env=self.environment, cwd=self.home, timeout=60,
                              capture_output=True, text=True, check=False)

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    # systemd

    def systemctl(self, *arguments):
        done = self.run("systemctl", "--user", *arguments)
        if done.returncode != 0:
            raise AssertionError(f"systemctl {arguments}: {done.stderr}{self.log()}")
        return done.stdout

    def show(self, name):
        return self.systemctl("show", "--value", "--property", name, UNIT).strip()

    @property
    def pid(self):
        """Of the daemon, which runs."""
        pid = int(self.show("MainPID"))
        assert pid > 0
        return pid

    def drop_in(self, *lines):
        """Replaces what is changed in the unit."""
        self.write(f".config/systemd/user/{UNIT}.d/test.conf", "\n".join(
            ["[Service]", f"StandardError=append:{self.daemon_log}", *lines]) + "\n")
        self.systemctl("daemon-reload")

    def await_another_daemon(self, before):
        """Until somebody else than before, a unique name, serves; asks nobody to start it."""
        def is_another():
            owner = self.client.owner_of(TOKENS)
            return owner and owner != before
        await_until(is_another, "another daemon")

    def await_gone(self, pid):
        await_until(lambda: not os.path.exists(f"/proc/{pid}"), f"process {pid} to be gone")

    def log(self):
        text = ""
        for name in ("manager.log", "daemon.log", "keyring.log"):
            path = os.path.join(self.home, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += f"--- {name}\n{file.read()}"
        return text
