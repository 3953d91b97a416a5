# SPDX-License-Identifier: MIT
"""A home, a session bus, a keyring, the daemon and yadiskctl, apart from everything else on the
machine. close() ends and removes all of it, and tells what should not have been there."""

import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile

from . import outside as hidden
from . import process
from .bus import BUS, BUS_PATH, TOKENS, Client, PrivateBus
from .canary import Canary
from .clock import Clock, in_a_hurry
from .daemon import Daemon
from .desktop import Desktop, ServiceManager
from .endpoint import Endpoint
from .keyring import Keyring, Prompter
from .monitor import Monitor
from .sandbox import Sandbox
from .terminal import Terminal
from .tree import SOURCE, build_directory

LEAKS = os.path.join(SOURCE, "tests", "rig", "leaks")
RUN_TIMEOUT = 60
SANITIZER_STATUS = 99


class Result:
    """How a program ended and what it said."""

    def __init__(self, arguments, status, out, err):
        self.arguments, self.status, self.out, self.err = arguments, status, out, err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return self.out.splitlines()

    def __repr__(self):
        return f"<{self.arguments}: {self.status}, {self.out!r}, {self.err!r}>"


class World:
    """Only the bus is there at first."""

    def __init__(self, bus=True):
        self.directory = tempfile.mkdtemp(prefix="yadisk-")
        self.home = self._make("home")
        self.runtime = self._make("run")
        self.scratch = self._make("tmp")
        self.config_home = os.path.join(self.home, ".config")
        self.daemon_log = os.path.join(self.directory, "daemon.log")
        self.keyring_log = os.path.join(self.directory, "keyring.log")
        self.results = []
        self.put = set()  # files that the test itself has written
        self.clock = None
        self.canary = Canary.if_wanted()
        self._closing = []
        self._known = process.children()

        process.adopt_orphans()
        self.environment = self._make_environment()
        if bus:
            self._start_bus()

    def _make(self, name):
        path = os.path.join(self.directory, name)
        os.mkdir(path, mode=0o700)
        return path

    def _make_environment(self):
        sanitizers = f"log_path={self.directory}/sanitizer:exitcode={SANITIZER_STATUS}"
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": self.home,
            "TMPDIR": self.scratch,
            "XDG_RUNTIME_DIR": self.runtime,
            "XDG_CONFIG_HOME": self.config_home,
            "XDG_CONFIG_DIRS": os.path.join(self.directory, "etc-xdg"),
            "XDG_DATA_HOME": os.path.join(self.home, ".local/share"),
            "XDG_CACHE_HOME": os.path.join(self.home, ".cache"),
            "XDG_STATE_HOME": os.path.join(self.home, ".local/state"),
            "LANG": "C.UTF-8",
            "YADISK_TOKEND_LOG_LEVEL": "debug",
            "ASAN_OPTIONS": sanitizers + ":detect_leaks=1:strict_string_checks=1",
            "LSAN_OPTIONS": sanitizers + f":print_suppressions=0:suppressions={LEAKS}",
            "UBSAN_OPTIONS": sanitizers + ":print_stacktrace=1",
        }

    def _start_bus(self):
        with open(os.path.join(self.directory, "bus.log"), "ab") as log:
            bus = PrivateBus(self.runtime, self.environment, log)
        self._bus, self._services, self._write_policy = bus.process, bus.services, bus.write_policy
        self._closing.append(bus.process.end)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.address = bus.address
        self.client = self.new_client()
        if self.canary:
            self.canary.record(self.address)
            self._closing.append(lambda: self.canary.catch_up(self.client))

    def end_bus(self):
        self._bus.end()

    # Who lives here

    def new_client(self):
        client = Client(self.address)
        self._closing.append(client.close)
        return client

    def new_monitor(self):
        monitor = Monitor(self.address)
        self._closing.append(monitor.close)
        return monitor

    def new_prompter(self):
        prompter = Prompter(self.address)
        self._closing.append(prompter.close)
        return prompter

    def new_desktop(self, *arguments):
        """What shows notifications."""
        desktop = Desktop(self.address, *arguments)
        self._closing.append(desktop.close)
        return desktop

    def new_service_manager(self):
        manager = ServiceManager(self.address)
        self._closing.append(manager.close)
        return manager

    def new_sandbox(self, *options, **keywords):
        """Its bus."""
        sandbox = Sandbox(self.address, self.runtime, self.environment, *options, **keywords)
        self._closing.append(sandbox.close)
        return sandbox

    def start_keyring(self):
        with open(self.keyring_log, "ab") as log:
            self.keyring = Keyring(self.address, self.environment, log)
        self._closing.append(self.keyring.close)
        return self.keyring

    def new_clock(self, ahead=0):
        """For every daemon from now on."""
        self.clock = Clock(self, ahead)
        self._closing.append(self.clock.close)
        return self.clock

    def new_endpoint(self, **keywords):
        """The token endpoint, which is not started yet."""
        endpoint = Endpoint(self, **keywords)
        self._closing.append(endpoint.close)
        return endpoint

    def launch_daemon(self, preparation=None, **environment):
        """Does not wait until it serves; a value of None takes a variable away."""
        clock = self.clock.environment() if self.clock else {}
        daemon = Daemon(self, self.environment_with(clock | environment), preparation)
        self._closing.append(daemon.close)
        return daemon

    def start_daemon(self, preparation=None, **environment):
        self.daemon = self.launch_daemon(preparation, **environment).await_ready()
        return self.daemon

    def let_the_bus_start_the_daemon(self):
        """From now on a call of any client starts it."""
        self.let_the_bus_start(TOKENS, self.binary("daemon/yadisk-tokend"))

    def let_the_bus_start(self, name, command, **environment):
        """From now on a call to that name starts it, or a program that asks the bus for its start."""
        with open(os.path.join(self._services, name + ".service"), "w", encoding="utf-8") as file:
            file.write(f"[D-BUS Service]\nName={name}\nExec={command}\n")
        self._reload_bus()
        self.client.call(BUS_PATH, BUS, "UpdateActivationEnvironment", "(a{ss})", environment,
                         destination=BUS)

    def set_bus_policy(self, rules):
        """In force from now on, also for those who are connected."""
        self._write_policy(rules)
        self._reload_bus()

    def _reload_bus(self):
        self.client.call(BUS_PATH, BUS, "ReloadConfig", destination=BUS)

    def end_started(self, name):
        """Ends the owner of that name, which the bus has started or a program has left; returns what
        os.waitpid() does."""
        pid = self.client.bus("GetConnectionUnixProcessID", "(s)", name)
        os.kill(pid, signal.SIGTERM)
        return os.waitpid(pid, 0)[1]

    def end_started_daemon(self):
        """The one that the bus has started; returns how it ended, as os.waitpid() does."""
        return self.end_started(TOKENS)

    def restart_daemon(self, **environment):
        assert self.daemon.stop() == 0
        return self.start_daemon(**environment)

    def configure(self, text="", **keys):
        """The configuration file: the text, or the keys of its group."""
        path = os.path.join(self.config_home, "yadisk-tokend", "yadisk-tokend.conf")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        lines = ["[Yandex]"] + [f"{key}={value}" for key, value in keys.items()]
        with open(path, "w", encoding="utf-8") as file:
            file.write(text or "\n".join(lines) + "\n")
        self.put.add(path)
        return path

    def configure_for(self, simulator, **keys):
        addresses = simulator.addresses
        return self.configure(**{"OAuthURL": addresses["oauth"], "LoginURL": addresses["login"],
                                 "DiskURL": addresses["disk"], "CAFile": addresses["ca"], **keys})

    def write(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.put.add(path)
        return path

    # Programs

    def binary(self, name):
        return os.path.join(build_directory(), name)

    def environment_with(self, changes):
        return {name: value for name, value in (self.environment | changes).items()
                if value is not None}

    def run(self, *arguments, stdin="", **environment):
        done = subprocess.run(arguments, env=self.environment_with(environment), cwd=self.home,
                              input=stdin.encode(), capture_output=True, timeout=RUN_TIMEOUT,
                              check=False)
        result = Result(arguments, done.returncode, done.stdout.decode("utf-8", "backslashreplace"),
                        done.stderr.decode("utf-8", "backslashreplace"))
        self.results.append(result)
        if self.canary:
            self.canary.hear(arguments, result.out, result.err)
        return result

    def ctl(self, *arguments, outside=False, hurry=False, **keywords):
        """Outside of the session there is no bus, not even the one of the user who runs the tests. In a hurry it
        waits for no longer than a moment, as if it had waited to the end."""
        command = [self.binary("client/yadiskctl"), *arguments]
        if outside:
            command = hidden.command(*command)
            keywords |= {"DBUS_SESSION_BUS_ADDRESS": None, "XDG_RUNTIME_DIR": None}
        if hurry:
            keywords |= in_a_hurry(self.environment)
        return self.run(*command, **keywords)

    def launch_ctl(self, *arguments, stdin=subprocess.DEVNULL, **environment):
        """A yadiskctl that goes on; its standard output is read line by line."""
        child = process.Process([self.binary("client/yadiskctl"), *arguments], cwd=self.home,
                                env=self.environment_with(environment), stdin=stdin,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._closing.append(child.end)
        if self.canary:
            self.canary.listen_to(child)
        return child

    def ctl_at_terminal(self, *arguments, **environment):
        terminal = Terminal([self.binary("client/yadiskctl"), *arguments],
                            self.environment_with(environment), self.home)
        self._closing.append(terminal.close)
        if self.canary:
            self.canary.watch(terminal)
        return terminal

    def ctl_on_screen(self, *arguments, **keywords):
        """As ctl_at_terminal(), with a screen that can be looked at."""
        return self.run_on_screen(self.binary("client/yadiskctl"), *arguments, **keywords)

    def run_on_screen(self, *arguments, columns=100, lines=60, **environment):
        from .screen import Screen  # needs a package that no other part of a world does

        screen = Screen(arguments, self.environment_with({"TERM": "xterm-256color"} | environment),
                        self.home, columns, lines)
        self._closing.append(screen.close)
        if self.canary:
            self.canary.watch(screen)
        return screen

    # The end

    def spare_others(self):
        """There is another world: what runs now is not taken for something that was left here."""
        self._known |= process.children()

    def close(self):
        """Returns what is wrong with what was left, one line each."""
        if self.canary:
            self.canary.learn()
        while self._closing:
            self._closing.pop()()
        wrong = [f"left running: {command}" for command in process.end_orphans(self._known)]
        wrong += self.sanitizer_reports()
        if self.canary:
            wrong += self.canary.search_all(self.directory, self.put)
        shutil.rmtree(self.directory)
        return wrong

    def sanitizer_reports(self):
        reports = []
        for path in sorted(glob.glob(os.path.join(self.directory, "sanitizer*"))):
            with open(path, encoding="utf-8", errors="replace") as file:
                reports.append(file.read())
        return reports
