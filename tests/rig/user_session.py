# SPDX-License-Identifier: MIT
"""The inside of user-session: a user who logs in and out. Each login has a systemd of its own, which starts
the bus, what is enabled, and the installed daemon; the home outlives them all."""

import os
import select
import shutil
import signal
import subprocess

from .bus import TOKENS, Client
from .canary import Canary
from .daemon import NotifySocket
from .journal import Journal
from .keyring import Keyring, SecretService
from .process import Process
from .waiting import await_until

UNIT = "yadisk-tokend.service"
MANAGER = "/lib/systemd/systemd"

# Which bus a session has, and its unit.
DBUS_DAEMON = "dbus-daemon"
DBUS_BROKER = "dbus-broker"
BUSES = (DBUS_DAEMON, DBUS_BROKER)
BUS_UNITS = {DBUS_DAEMON: "dbus.service", DBUS_BROKER: "dbus-broker.service"}

UNITS = ("/usr/local/lib/systemd/user", "/usr/lib/systemd/user")
ENABLED = "/etc/systemd/user"
SERVICES = "/usr/share/dbus-1/services"
ALL_SERVICES = "/run/services"
CGROUPS = "/sys/fs/cgroup"

# As packages enable them: ours, and Debian's keyring, of which PAM finds the control socket.
OURS = ("default.target", UNIT)
KEYRING_SOCKET = ("sockets.target", "gnome-keyring-daemon.socket")
KEYRING_UNIT = "gnome-keyring-daemon.service"

# What logind allows user@.service for its end, less than which a test may wait.
LOGOUT_SECONDS = 60


def has_bus(bus):
    return shutil.which(bus + "-launch" if bus == DBUS_BROKER else bus) is not None


def systemd_version():
    """The number before the first dot."""
    text = subprocess.run([MANAGER, "--version"], capture_output=True, text=True, check=True).stdout
    return int(text.split()[1].split(".")[0])


def find_unit(name):
    """Its path, or None."""
    return next(filter(os.path.exists, (os.path.join(directory, name) for directory in UNITS)), None)


def empty(directory):
    """File systems that are mounted in there stay, and are emptied."""
    for path, directories, files in os.walk(directory):
        for name in directories:
            if not os.path.islink(os.path.join(path, name)):
                os.chmod(os.path.join(path, name), 0o700)  # systemd has some that nobody may enter
    for path, directories, files in os.walk(directory, topdown=False):
        for name in files + [name for name in directories if os.path.islink(os.path.join(path, name))]:
            os.unlink(os.path.join(path, name))
        if path != directory and not os.path.ismount(path) and not os.listdir(path):
            os.rmdir(path)


class UserSession:
    """The manager, its bus, and a keyring. That is a child of the test, unlocked, or else whatever the session
    starts by itself."""

    def __init__(self, bus=DBUS_DAEMON, enabled=(), keyring=True, services=None, logged_in=True):
        """Enabled are pairs of a target and a unit. The bus can start the daemon, and either all that it can on
        this machine or the services named."""
        self.home, self.runtime = os.environ["HOME"], os.environ["XDG_RUNTIME_DIR"]
        self.daemon_log = os.path.join(self.home, "daemon.log")
        self.environment = {
            name: os.environ[name] for name in ("HOME", "XDG_RUNTIME_DIR", "LANG", "PATH")}
        self.address = f"unix:path={self.runtime}/bus"
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.address
        self.bus, self._enabled, self._has_keyring = bus, enabled, keyring
        self._services = services
        self._logins = 0
        self.client = self.keyring = self._manager = None
        self.journal = Journal()
        self.put = set()  # files that the test itself has written
        self.canary = Canary.if_wanted()
        if self.canary:
            self.environment["YADISK_TOKEND_LOG_LEVEL"] = "debug"
        if logged_in:
            self.log_in()

    # Logging in

    def empty_home(self):
        """As of somebody who has never logged in."""
        empty(self.home)

    def log_in(self):
        """Returns as pam_systemd does: there is a bus, and what is enabled for the default target is only being
        started."""
        self._enable()
        self._start_manager()
        self.client = Client(self.address)
        if self.canary:
            self.canary.record(self.address)
        if self._has_keyring:
            self.start_keyring()
        else:
            self.keyring = SecretService(self.client)

    def await_started(self):
        """Until all that is enabled has been started."""
        self.systemctl("start", "default.target")

    def _enable(self):
        """The links that "systemctl enable" makes, and no others."""
        empty(ENABLED)
        if self.bus != DBUS_DAEMON:
            os.symlink(find_unit(BUS_UNITS[self.bus]), os.path.join(ENABLED, "dbus.service"))
        for target, unit in self._enabled:
            wants = os.path.join(ENABLED, target + ".wants")
            os.makedirs(wants, exist_ok=True)
            os.symlink(find_unit(unit), os.path.join(wants, unit))

        empty(SERVICES)
        for name in os.listdir(ALL_SERVICES):
            if self._services is None or name.removesuffix(".service") in (TOKENS, *self._services):
                shutil.copy(os.path.join(ALL_SERVICES, name), SERVICES, follow_symlinks=False)

    def _start_manager(self):
        self._logins += 1
        with open("/proc/self/cgroup", encoding="ascii") as file:
            own = next(line for line in file if line.startswith("0::"))[3:].strip()
        self._group = f"{CGROUPS}{own}/login-{self._logins}"
        os.mkdir(self._group)

        notify = NotifySocket(os.path.join(self.home, "notify"))
        self._manager_log = open(os.path.join(self.home, "manager.log"), "ab")
        self._manager = Process(
            [MANAGER, "--user"], self._enter_group, stdin=subprocess.DEVNULL,
            stdout=self._manager_log, stderr=self._manager_log,
            env=self.environment | {"NOTIFY_SOCKET": notify.path, "SYSTEMD_LOG_TARGET": "console"})
        notify.await_line("READY=1", self._manager)
        notify.close()

    def _enter_group(self):
        with open(self._group + "/cgroup.procs", "w", encoding="ascii") as file:
            file.write(str(os.getpid()))

    def start_keyring(self):
        with open(os.path.join(self.home, "keyring.log"), "ab") as log:
            self.keyring = Keyring(self.address, self.environment, log)

    # Logging out

    def begin_log_out(self):
        """As user@.service is stopped: the manager is told, and stops what it runs."""
        if self.canary:
            self.canary.catch_up(self.client)
            for pid in self.processes():
                self.canary.look_at(pid)
        self._manager.terminate()

    def end_log_out(self, seconds=LOGOUT_SECONDS):
        """What is still there after so many seconds is killed. Returns whether it was not."""
        ended = self._await_manager(seconds)
        self._clear()
        return ended

    def log_out(self):
        self.begin_log_out()
        assert self.end_log_out(), "the manager does not end"

    def terminate_all(self):
        """As systemd-shutdown does with whoever is left, and other programs of this kind with everybody: nobody
        is asked to wait for anybody."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def processes(self):
        """Those of this login."""
        found = []
        for directory, _, _ in os.walk(self._group):
            with open(os.path.join(directory, "cgroup.procs"), encoding="ascii") as file:
                found += [int(pid) for pid in file]
        return found

    def _await_manager(self, seconds):
        try:
            self._manager.await_end(seconds)
        except AssertionError:
            return False
        return True

    def _clear(self):
        """What systemd does after the end of the manager: kills what it left, and removes the runtime
        directory."""
        if self._has_keyring:
            self.keyring.close()
        self.client.close()
        with open(self._group + "/cgroup.kill", "w", encoding="ascii") as file:
            file.write("1")
        self._await_group_empty()
        for directory, _, _ in os.walk(self._group, topdown=False):
            os.rmdir(directory)
        self._manager.end()
        self._manager = None
        self._manager_log.close()
        empty(self.runtime)

    def _await_group_empty(self):
        """The kernel tells of a change as an urgent event."""
        with open(self._group + "/cgroup.events", encoding="ascii") as events:
            waiting = select.poll()
            waiting.register(events, select.POLLPRI)
            while "populated 1" in events.read():
                assert waiting.poll(LOGOUT_SECONDS * 1000), "processes that cannot be killed"
                events.seek(0)

    def close(self):
        if self._manager:
            self.begin_log_out()
            self.end_log_out()
        self.journal.close()
        if self.canary:
            findings = self.canary.search_all(self.home, self.put, self.journal.text())
            assert not findings, findings

    # Programs

    def run(self, *arguments, stdin=None, **environment):
        done = subprocess.run(arguments, env=self.environment | environment, cwd=self.home, timeout=60,
                              input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if self.canary:
            self.canary.hear(arguments, done.stdout, done.stderr)
        return done

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.put.add(path)
        return path

    def configure(self, **keys):
        """The configuration file: the keys of its group."""
        return self.write(".config/yadisk-tokend/yadisk-tokend.conf", "\n".join(
            ["[Yandex]"] + [f"{key}={value}" for key, value in keys.items()]) + "\n")

    def configure_for(self, simulator):
        addresses = simulator.addresses
        return self.configure(OAuthURL=addresses["oauth"], LoginURL=addresses["login"], DiskURL=addresses["disk"],
                              CAFile=addresses["ca"])

    # systemd

    def systemctl(self, *arguments):
        done = self.run("systemctl", "--user", *arguments)
        if done.returncode != 0:
            raise AssertionError(f"systemctl {arguments}: {done.stderr}{self.log()}")
        return done.stdout

    def show(self, name, unit=UNIT):
        return self.systemctl("show", "--value", "--property", name, unit).strip()

    @property
    def pid(self):
        """Of the daemon, which runs."""
        pid = int(self.show("MainPID"))
        assert pid > 0
        return pid

    @property
    def manager_pid(self):
        return self._manager.pid

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
        return text + f"--- journal\n{self.journal.text()}"
