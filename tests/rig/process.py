# SPDX-License-Identifier: MIT
"""Child processes that cannot outlive the test."""

import ctypes
import os
import select
import signal
import subprocess

from .waiting import DEADLINE, InVain

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

LIBC = ctypes.CDLL(None)


def adopt_orphans():
    """From now on whatever our descendants leave behind becomes our child."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Process(subprocess.Popen):
    """A child with a descriptor that becomes readable when it ends."""

    def __init__(self, arguments, preparation=None, **keywords):
        """The preparation is a function, called in the child before it becomes the program."""
        def prepare():
            die_with_parent()
            if preparation:
                preparation()

        super().__init__(arguments, preexec_fn=prepare, **keywords)
        self.pidfd = os.pidfd_open(self.pid)

    def await_end(self, seconds=DEADLINE):
        """Returns the exit status; that of a signal is negative."""
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        if not poll.poll(seconds * 1000):
            raise InVain(f"{self.args[0]} does not end")
        return self.wait()

    def end(self):
        """Ends it, politely first."""
        if self.poll() is None:
            self.terminate()
            try:
                self.await_end(10)
            except InVain:
                self.kill()
                self.wait()
        self.close()

    def close(self):
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream:
                stream.close()
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


def children():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return {int(pid) for pid in file.read().split()}


def end_orphans(known):
    """Ends every child that is not known; returns the command lines of those that still ran."""
    found = []
    while orphans := children() - known:
        for pid in orphans:
            command = command_line(pid)
            if command:
                found.append(command)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.waitpid(pid, 0)
    return found


def command_line(pid):
    """Empty if the process is gone, or a zombie."""
    return " ".join(read_proc(pid, "cmdline"))


def read_proc(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
            return file.read().strip("\0").split("\0")
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return []
