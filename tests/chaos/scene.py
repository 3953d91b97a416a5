# SPDX-License-Identifier: MIT
"""Who takes part: the daemon as a unit of a real `systemd --user`, a real gnome-keyring, a Yandex that
kills the old refresh token at once, a desktop that shows notifications, and one client."""

import os
import shutil
import signal

from gi.repository import GLib
from rig.bus import TOKENS
from rig.desktop import Desktop
from rig.user_session import UNIT, UserSession
from rig.waiting import await_until
from simulator_client import Simulator

from killer import Log

LINES_SHOWN = 30
SYSTEMD = "org.freedesktop.systemd1"
SYSTEMD_PATH = "/org/freedesktop/systemd1"
UNIT_INTERFACE = SYSTEMD + ".Unit"
SERVICE_INTERFACE = SYSTEMD + ".Service"

# What differs from the unit as installed: it dies often, and of a library that we bring along.
DROP_IN = """[Unit]
StartLimitIntervalSec=0

[Service]
RestartSec=10ms
StandardOutput=append:{log}
StandardError=append:{log}
Environment=LD_PRELOAD={killer}
Environment=CHAOS_LOG={chaos_log}
Environment=YADISK_TOKEND_LOG_LEVEL=debug
Environment=ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
"""


class Unit:
    """The daemon's unit, over the bus of its manager."""

    def __init__(self, client):
        self._client = client
        self._call(SYSTEMD_PATH, SYSTEMD + ".Manager", "Subscribe")
        self._path = self._call(SYSTEMD_PATH, SYSTEMD + ".Manager", "LoadUnit", "(s)", UNIT)[0]

    def _call(self, path, interface, member, signature="()", *arguments):
        return self._client.call(path, interface, member, signature, *arguments,
                                 destination=SYSTEMD)

    def get(self, name, interface=SERVICE_INTERFACE):
        return self._call(self._path, "org.freedesktop.DBus.Properties", "Get", "(ss)", interface,
                          name)[0]

    def stop(self):
        self._call(self._path, UNIT_INTERFACE, "Stop", "(s)", "replace")

    @property
    def state(self):
        return self.get("ActiveState", UNIT_INTERFACE)

    @property
    def stored(self):
        """How many descriptors the manager keeps."""
        return self.get("NFileDescriptorStore")


class Scene:
    """Everything is set up, and one account is signed in."""

    def __init__(self, killer, bus):
        self.home = os.environ["HOME"]
        self.daemon_log = os.path.join(self.home, "daemon.log")
        self.keyring_kills = 0
        self.killer = Log(os.path.join(self.home, "chaos-log"))

        self.sim = Simulator(refresh_mode="B", old_refresh_token="dies", interval=1)
        self.sim.start()
        self._drop_in(killer)
        self._configure()
        self.session = UserSession(bus, services=())
        self.client = self.session.client
        self.desktop = Desktop(self.session.address)
        self.unit = Unit(self.client)
        self.account = self.sign_in()
        self.check_sandbox()

    def close(self):
        self.unit.stop()
        self.client.await_no_owner(TOKENS)
        self.desktop.close()
        self.session.close()
        self.sim.stop()

    def end_of_log(self):
        """What the daemon said last."""
        with open(self.daemon_log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-LINES_SHOWN:])

    def sanitizer_reports(self):
        with open(self.daemon_log, encoding="utf-8", errors="replace") as file:
            return [line.strip() for line in file
                    if "Sanitizer" in line or "runtime error:" in line]

    def keep_logs(self, directory):
        for name in os.listdir(self.home):
            if name.endswith(".log"):
                shutil.copy(os.path.join(self.home, name), directory)

    # Preparations

    def _drop_in(self, killer):
        path = os.path.join(self.home, ".config", "systemd", "user", UNIT + ".d")
        os.makedirs(path)
        with open(os.path.join(path, "chaos.conf"), "w", encoding="utf-8") as file:
            file.write(DROP_IN.format(log=self.daemon_log, killer=killer, chaos_log=self.killer.path))

    def _configure(self):
        path = os.path.join(self.home, ".config", "yadisk-tokend")
        os.makedirs(path)
        addresses = self.sim.addresses
        with open(os.path.join(path, "yadisk-tokend.conf"), "w", encoding="utf-8") as file:
            file.write("[Yandex]\n"
                       f"OAuthURL={addresses['oauth']}\nLoginURL={addresses['login']}\n"
                       f"DiskURL={addresses['disk']}\nCAFile={addresses['ca']}\n")

    def check_sandbox(self):
        """The daemon is killed inside its sandbox, and not without it."""
        assert self.killer.lives == 1, "the library was not preloaded"
        assert self.unit.get("MemoryDenyWriteExecute") and self.unit.get("NoNewPrivileges")
        assert self.unit.get("SystemCallFilter")[1]
        assert self.unit.get("FileDescriptorStoreMax") > 0

    # The keyring

    @property
    def keyring(self):
        return self.session.keyring

    def start_keyring(self):
        """With what it had on disk, unlocked."""
        self.session.start_keyring()

    def kill_keyring(self):
        self.keyring_kills += 1
        self.keyring.process.kill()
        self.keyring.close()
        self.client.await_no_owner("org.freedesktop.secrets")

    def kept(self):
        """The grant that the keyring holds."""
        return self.keyring.account()["grant"]

    # The daemon

    def owner(self):
        return self.client.owner_of(TOKENS)

    def pid(self):
        return self.client.bus("GetConnectionUnixProcessID", "(s)", TOKENS)

    def kill_daemon(self):
        """Returns the pid of the victim."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        return pid

    def await_rebirth(self, old):
        """By the manager, or by our own call to a name that nobody owns."""
        await_until(lambda: self.owner() not in ("", old), "the daemon to be restarted")
        self.client.ping()

    # The account

    def sign_in(self, **given):
        self.client.signals.clear()  # each life numbers its requests from 1
        request = self.client.sign_in(client_id=self.sim.client_id,
                                      client_secret=self.sim.client_secret, **given)
        self.sim.allow(request.prompt()["user_code"])
        account = request.await_account()
        account.await_is("Saved", True)
        return account

    def sign_in_again(self):
        self.sign_in(account=GLib.Variant("o", self.account.path))
        assert self.account.state == "active", self.account.all()

    def rotations(self):
        """Refreshes that Yandex granted since the last forget_requests()."""
        return len(self.sim.requests(path="/token", grant_type="refresh_token", status=200))

    def asked(self):
        return len(self.sim.requests(path="/token", grant_type="refresh_token"))
