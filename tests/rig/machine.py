# SPDX-License-Identifier: MIT
"""A machine that is booted and powered off, see machine: a systemd that is PID 1, a user who is there only now and
then, and nobody at a screen. Its disk outlives each boot."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from .case import main, skip
from .daemon import NotifySocket
from .inside import install
from .process import Process
from .terminal import Terminal
from .tree import SOURCE

LAYER = "MACHINE"
TREE = "MACHINE_TREE"
USER = "anna"
RUN_TIMEOUT = 100

PROGRAMS = ("systemd-nspawn", "systemd-creds", "gnome-keyring-daemon", "ip", "runuser")


def main_on_machine(program, programs=()):
    """What a test program ends with: it runs once more where the machine is to be had."""
    if LAYER in os.environ:
        main()
    if os.environ.get("YADISK_SANITIZE"):
        skip("the sandbox of the unit does not let the sanitizers work")
    if os.getuid() != 0:
        skip("needs root")
    for name in (*PROGRAMS, *programs):
        if not shutil.which(name):
            skip(f"needs {name}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="yadisk-") as directory:
        os.chmod(directory, 0o755)
        install(directory)
        process = Process([os.path.join(SOURCE, "tests", "rig", "machine"), directory, "/usr/bin/python3",
                           program, *sys.argv[1:]])
        try:
            sys.exit(process.wait())
        finally:
            process.end()


class Machine:
    """Off, and as new."""

    def __init__(self):
        self._directory = tempfile.mkdtemp(prefix="machine-")
        upper, work, self.root = (os.path.join(self._directory, name) for name in ("upper", "work", "root"))
        for path in (upper, work, self.root):
            os.mkdir(path)
        lower = f"{os.environ[LAYER]}:{os.environ.get(TREE, '/')}"
        subprocess.run(["mount", "-t", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}",
                        "overlay", self.root], check=True)
        self._console = open(os.path.join(self._directory, "console"), "ab")
        self._nspawn = None
        self._leader = None

    @property
    def is_on(self):
        return self._nspawn is not None

    # Power

    def boot(self):
        """Returns when all that is enabled is started, as far as systemd waits for it."""
        assert not self.is_on
        notify = NotifySocket(os.path.join(self._directory, "notify"))
        self._nspawn = Process(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--notify-ready=yes",
             "--directory", self.root, "--hostname=server", "--link-journal=no", "--resolv-conf=off",
             "--timezone=off", "--console=pipe", "--boot", "multi-user.target"],
            stdin=subprocess.DEVNULL, stdout=self._console, stderr=self._console,
            env={"PATH": os.environ["PATH"], "NOTIFY_SOCKET": notify.path,
                 "UNIFIED_CGROUP_HIERARCHY": "1"})
        notify.await_line("READY=1", self._nspawn)
        notify.close()
        with open(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children", encoding="ascii") as file:
            self._leader = int(file.read())

    def power_off(self):
        """As somebody does who has root there."""
        self.run("systemctl poweroff")
        assert self._await_off() == 0

    def _await_off(self):
        status = self._nspawn.await_end()
        self._nspawn.close()
        self._nspawn = None
        return status

    def close(self):
        if self.is_on:
            os.kill(self._leader, signal.SIGKILL)
            self._await_off()
        self._console.close()
        subprocess.run(["umount", self.root], check=True)
        shutil.rmtree(self._directory)

    # What is typed

    def command(self, text, user="root", *options):
        """The user comes over the network, and leaves when the commands have ended."""
        return ["nsenter", "--all", "--root", "--target", str(self._leader), "systemd-run", "--quiet", "--wait",
                "--collect", "--description=What is typed", *options, f"--property=User={user}",
                "--property=PAMName=login-from-afar", "--property=WorkingDirectory=~", "bash", "-c", text]

    def run(self, text, user="root", stdin=""):
        return subprocess.run(self.command(text, user, "--pipe"), input=stdin, timeout=RUN_TIMEOUT,
                              capture_output=True, text=True, check=False)

    def run_without_bus(self, text, seconds=RUN_TIMEOUT):
        """By root, on a machine that may lack all that a login needs."""
        return subprocess.run(["nsenter", "--all", "--root", "--target", str(self._leader), "env", "--ignore-environment",
                               "HOME=/root", "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                               "sh", "-c", text], stdin=subprocess.DEVNULL, timeout=seconds,
                              capture_output=True, text=True, check=False)

    def at_terminal(self, text, user="root"):
        return Terminal(self.command(text, user, "--pty"), os.environ | {"TERM": "xterm-256color"}, "/")

    # What is there

    def path(self, name):
        """Of a file of the machine, which may be off."""
        return os.path.join(self.root, name.lstrip("/"))

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        """The owner of a file that is there stays the same."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def copy(self, path, name):
        with open(path, encoding="utf-8") as file:
            self.write(name, file.read())

    def log(self):
        done = subprocess.run(["journalctl", "--no-pager", "--directory", self.path("/var/log/journal")],
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr
