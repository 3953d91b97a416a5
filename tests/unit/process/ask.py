# SPDX-License-Identifier: MIT
"""Processes that are made to be looked at, and the program that looks."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from rig.process import Process
from rig.tree import build_directory

# It has a connection to what it is told, which comes after the other sockets, tells its pid, and waits until its
# standard input ends.
CALLER = """
import ctypes, os, resource, socket, sys
connection, sockets, name, root, undumpable = sys.argv[1:]
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
others = [socket.socket(socket.AF_UNIX) for _ in range(min(int(sockets), limit - 50))]
if connection:
    bus = socket.socket(socket.AF_UNIX)
    bus.connect(chr(0) + connection)
if name:
    open("/proc/self/comm", "w").write(name)
if root:
    os.chroot(root)
if undumpable:
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
print(os.getpid(), flush=True)
sys.stdin.read()
"""


class Caller:
    def __init__(self, prefix, arguments, **keywords):
        self.process = Process([*prefix, "/usr/bin/python3", "-c", CALLER, *arguments],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **keywords)
        self.pid = int(self.process.stdout.readline())

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.close()


class Who:
    """What was found out."""

    def __init__(self, text):
        found = dict(line.split("=", 1) for line in text.splitlines())
        self.pid, self.host = int(found["pid"]), found["host"] == "yes"
        self.app, self.unit, self.executable = (found.get(name) for name in ("app", "unit", "executable"))

    def __repr__(self):
        return f"<{self.__dict__}>"


class AskTest(unittest.TestCase):
    """What stands for the bus is any socket to which processes connect."""

    def setUp(self):
        self.before = self.now()
        self.directory = tempfile.mkdtemp(prefix="yadisk-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.chmod(self.directory, 0o755)
        self.program = shutil.copy(os.path.join(build_directory(), "tests/unit/process/ask-process"), self.directory)
        self.listening = {}
        self.bus = self.listen("bus")
        self.connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.connection.close)
        self.connection.connect("\0" + self.bus)
        self.accept(self.bus)

    @staticmethod
    def now():
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000

    def listen(self, name):
        """Returns the abstract address of the socket."""
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        address = os.path.join(self.directory, name)
        listening.bind("\0" + address)
        listening.listen()
        self.listening[address] = listening
        return address

    def accept(self, address):
        """As a bus does; before that the kernel has no number for its end."""
        accepted, _ = self.listening[address].accept()
        self.addCleanup(accepted.close)

    def start(self, *prefix, connection="", sockets=0, name="", root="", undumpable=False, **keywords):
        """The prefix is a command that runs the rest of its arguments. Connected to the bus, if not told otherwise."""
        address = "" if connection is None else connection or self.bus
        caller = Caller(prefix, [address, str(sockets), name, root, "yes" if undumpable else ""], **keywords)
        self.addCleanup(caller.close)
        if address:
            self.accept(address)
        return caller

    def run_process(self, command, **keywords):
        process = Process(command, **keywords)
        self.addCleanup(process.end)
        return process

    def start_in(self, bubblewrap, **keywords):
        caller = self.start(*bubblewrap.prefix, pass_fds=bubblewrap.fds, **keywords)
        bubblewrap.close()
        return caller

    def ask(self, caller, *prefix, pidfd=True, heard=None, uid=None):
        """A pidfd of the caller, none, or the one given. The caller may be a number."""
        pid = getattr(caller, "pid", caller)
        if pidfd is True:
            pidfd = os.pidfd_open(pid)
            self.addCleanup(os.close, pidfd)
        passed = [] if pidfd is False else [pidfd]
        bus = self.connection.fileno()
        arguments = [pid, os.getuid() if uid is None else uid, *(passed or [-1]), bus, heard or self.now()]
        done = subprocess.run([*prefix, self.program, *map(str, arguments)], pass_fds=[bus, *passed], check=True,
                              stdout=subprocess.PIPE, text=True, timeout=20)
        return Who(done.stdout)

    def assert_unknown(self, who):
        self.assertFalse(who.host)
        self.assertEqual((who.app, who.unit, who.executable), (None, None, None))
