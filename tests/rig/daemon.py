# SPDX-License-Identifier: MIT
"""yadisk-tokend, as a child of the test."""

import os
import signal
import socket
import threading

from gi.repository import GLib

from .bus import TOKENS
from .process import Process
from .waiting import await_until

UNITS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../systemd")


def environment_of_unit(name):
    with open(os.path.join(UNITS, name + ".service.in"), encoding="utf-8") as file:
        lines = [line.strip().split("=", 2) for line in file if line.startswith("Environment=")]
    return {name: value for _, name, value in lines}


class Daemon:
    """In the environment that its unit makes. Its standard error goes to a file, behind that of those
    before it."""

    def __init__(self, world, environment, preparation=None):
        """See Process."""
        self._world = world
        self._notify = NotifySocket(os.path.join(world.runtime, f"notify-{id(self)}"))
        self._log = open(world.daemon_log, "ab")
        self._start_of_log = self._log.tell()
        self.process = Process(
            [world.binary("daemon/yadisk-tokend")], stdin=0, stdout=self._log, stderr=self._log,
            env=environment_of_unit("yadisk-tokend") | environment | {"NOTIFY_SOCKET": self._notify.path},
            cwd=world.home, preparation=preparation)

    @property
    def pid(self):
        return self.process.pid

    def name(self):
        """Its unique name on the bus."""
        return self._world.client.owner_of(TOKENS)

    def names(self):
        """The unique names of all its connections: it speaks with the keyring on one of its own."""
        return self._world.client.names_of(self.pid)

    def log(self):
        """What this one has said so far."""
        with open(self._world.daemon_log, encoding="utf-8") as file:
            file.seek(self._start_of_log)
            return file.read()

    def await_ready(self):
        self._notify.await_line("READY=1", self.process)
        return self

    def send(self, number):
        self._show_canary()
        os.kill(self.process.pid, number)

    def await_end(self):
        """Returns the exit status."""
        status = self.process.await_end()
        self._close()
        return status

    def begin_stop(self):
        """SIGTERM; returns when it heeds that."""
        self.send(signal.SIGTERM)
        self._notify.await_line("STOPPING=1", self.process)

    def stop(self):
        """SIGTERM; returns the exit status."""
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
        return self.await_end()

    def kill(self):
        self.send(signal.SIGKILL)
        return self.await_end()

    def close(self):
        self._show_canary()
        self.process.end()
        self._close()

    def _show_canary(self):
        if self._world.canary and self.process.poll() is None:
            self._world.canary.look_at(self.pid)

    def _close(self):
        self.process.close()
        self._log.close()
        self._notify.close()


class NotifySocket:
    """What sd_notify() tells the service manager; read at any time, as a manager does."""

    def __init__(self, path):
        self.path = path
        self._lines = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        """An empty message is the end."""
        while message := self._socket.recv(4096):
            self._lines += message.decode().splitlines()
            GLib.MainContext.default().wakeup()

    def await_line(self, line, process):
        """Raises AssertionError if the process ends before it says so."""
        source = GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, process.pidfd, GLib.IOCondition.IN,
                                       lambda *_: GLib.SOURCE_CONTINUE)
        try:
            await_until(lambda: line in self._lines or process.poll() is not None, line)
        finally:
            GLib.source_remove(source)
        if line not in self._lines:
            raise AssertionError(f"ended with {process.returncode} instead of {line}")

    def close(self):
        if self._socket.fileno() < 0:
            return
        self._socket.sendto(b"", self.path)
        self._reader.join()
        self._socket.close()
        os.unlink(self.path)
