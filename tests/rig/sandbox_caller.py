# SPDX-License-Identifier: MIT
"""A program in a sandbox that calls the daemon, as the test tells it."""

import json
import os
import shutil
import socket
import subprocess
import tempfile

from .bus import MANAGER, MANAGER_PATH, TOKENS, short
from .process import Process
from .sandbox_bwrap import Bubblewrap, flatpak

INSIDE = "/run/bus"

# Each line of its input is a call; each line that it writes is the error and the answer. In place of a descriptor
# stands what it holds.
PROGRAM = """
import json, os, sys
from gi.repository import Gio, GLib
bus = Gio.DBusConnection.new_for_address_sync(
    sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
    None, None)
print(os.getpid(), flush=True)
for line in sys.stdin:
    name, path, interface, member, arguments = json.loads(line)
    try:
        reply, fds = bus.call_with_unix_fd_list_sync(
            name, path, interface, member, GLib.Variant.parse(None, arguments, None, None), None,
            Gio.DBusCallFlags.NONE, 30000, None, None)
        answer = reply.unpack()
        if fds:
            answer = (os.pread(fds.get(0), 4096, 0).decode(), *answer[1:])
        print(json.dumps([None, answer]), flush=True)
    except GLib.Error as error:
        text = error.message.partition(": ")[2].partition(": ")[2] or error.message
        print(json.dumps([Gio.DBusError.get_remote_error(error) or error.domain, text]), flush=True)
"""


class Refused(Exception):
    def __init__(self, name, message):
        self.name, self.message = short(name), message
        super().__init__(f"{self.name}: {message}")


class Caller:
    def __init__(self, address, prefix=(), program=PROGRAM, **keywords):
        self._process = Process([*prefix, "/usr/bin/python3", "-c", program, address],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **keywords)
        self.pid = int(self._process.stdout.readline())

    def close(self):
        """What the prefix has made ends with it, or with the input, but a moment later: the last closes the output."""
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.read()
        self._process.close()

    def call(self, path, interface, member, arguments="()", destination=TOKENS):
        """The arguments are written as gdbus(1) wants them, all in parentheses."""
        self._process.stdin.write(json.dumps([destination, path, interface, member, arguments]) + "\n")
        self._process.stdin.flush()
        error, answer = json.loads(self._process.stdout.readline())
        if error:
            raise Refused(error, answer)
        return answer

    def get_token(self, account="", member="GetToken"):
        """Its value."""
        return self.call(MANAGER_PATH, MANAGER, member, f"('{account}', @a{{sv}} {{}})")[0]

    def get_token_fd(self, account=""):
        return self.get_token(account, "GetTokenFD")


class Sandboxes:
    """Those of a test; closed, they end."""

    def __init__(self, world):
        self._world, self._closing = world, []
        self._directory = tempfile.mkdtemp(prefix="sandboxes-", dir=world.directory)
        self.socket = socket_of(world.address)

    def close(self):
        while self._closing:
            self._closing.pop()()

    def start(self, prefix=(), address=None, **keywords):
        """Outside of a bubblewrap, in what the command makes that runs the rest of its arguments."""
        caller = Caller(address or self._world.address, prefix, env=self._world.environment, **keywords)
        self._closing.append(caller.close)
        return caller

    def start_in(self, bubblewrap, **keywords):
        """The caller, which sees the bus, or its proxy, at INSIDE."""
        caller = self.start(bubblewrap.prefix, f"unix:path={INSIDE}", pass_fds=bubblewrap.fds, **keywords)
        bubblewrap.close()
        return caller

    def on_bus(self, path=None):
        """The options for a bubblewrap that let a caller see it."""
        return "--ro-bind", path or self.socket, INSIDE

    def start_proxy(self, bubblewrap=None, executable="xdg-dbus-proxy"):
        """It lets programs speak with the daemon alone. Returns where it listens."""
        path = tempfile.mktemp(prefix="proxy-", dir=self._directory)
        reading, writing = os.pipe()
        prefix, fds = (bubblewrap.prefix, bubblewrap.fds) if bubblewrap else ((), ())
        proxy = Process([*prefix, executable, f"--fd={writing}", f"unix:path={self.socket}", path, "--filter",
                         f"--talk={TOKENS}"], env=self._world.environment, pass_fds=[writing, *fds])
        os.close(writing)
        if bubblewrap:
            bubblewrap.close()

        def close():
            proxy.end()
            while os.read(reading, 1):  # until the one in the bubblewrap is gone as well
                pass
            os.close(reading)

        self._closing.append(close)
        if not os.read(reading, 1):
            raise RuntimeError("the proxy did not start")
        return path

    def proxy_options(self):
        return "--bind", self._directory, self._directory, "--ro-bind", self.socket, self.socket

    def start_flatpak(self, app, *options):
        """As Flatpak makes it: the application and its proxy, each in a bubblewrap."""
        proxy = self.start_proxy(flatpak(app, *self.proxy_options(), *options, way="--file"))
        return self.start_in(flatpak(app, *self.on_bus(proxy), *options))


def can_be_had():
    return all(shutil.which(name) for name in ("bwrap", "xdg-dbus-proxy"))


def socket_of(address):
    """The path of the socket of a bus."""
    return address.partition("path=")[2].partition(",")[0]


def connect_and_leave(path):
    """Returns a connection to the bus whose process has ended, and its pid."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        socket.send_fds(theirs, [b"."], [connection.fileno()])
        os._exit(0)
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    os.waitpid(child, 0)
    for end in (ours, theirs):
        end.close()
    return socket.socket(fileno=fds[0]), child
