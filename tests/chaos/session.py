# SPDX-License-Identifier: MIT
"""A `systemd --user` of its own, on a machine that need not have been booted with systemd.

Root is needed to begin with: private mount and PID namespaces, a cgroup of its own, a user that
exists only in there. run() calls itself again, stage by stage:

    outside     the temporary directory; removes it and the cgroup when everything is over
    mounts      private mounts: cgroup2, /run, the user, no services that the bus could start
    processes   a PID namespace, so that nothing outlives it; becomes the user
    inside      the manager, and what is to be done in its session
"""

import glob
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile

from rig.daemon import NotifySocket
from rig.process import Process

USER = "chaos"
UID = 54321
GID = 65534
SKIPPED = 77
STAGE = "CHAOS_STAGE"
DIRECTORY = "CHAOS_DIRECTORY"
CGROUPS = "/sys/fs/cgroup"
RUNTIME = f"/run/user/{UID}"
ADDRESS = f"unix:path={RUNTIME}/bus"
NO_SERVICES = "/usr/share/dbus-1/services"
PATIENCE_MS = 10000


def run(prepare, main, keep=False):
    """Calls prepare(directory) as root and main(directory) inside, and returns the exit status. The
    directory is a temporary one; the user has his home in it."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    stages = {None: lambda: outside(prepare, keep), "mounts": mounts, "processes": processes,
              "inside": lambda: main(os.environ[DIRECTORY])}
    return stages[os.environ.get(STAGE)]()


def skip(why):
    print(f"skipped: {why}")
    return SKIPPED


def again(stage, prefix=(), **environment):
    """Runs this program anew, in the next stage; it ends when we do."""
    child = Process([*prefix, sys.executable, *sys.argv],
                    env=os.environ | environment | {STAGE: stage})
    try:
        return child.wait()
    finally:
        if stage == "processes":
            child.kill()  # unshare heeds nothing else; its namespace goes with it
        child.end()


def is_possible():
    probe = "mount -t tmpfs tmpfs /run && umount -R /sys/fs/cgroup; " \
            "mount -t cgroup2 none /sys/fs/cgroup && " \
            "rmdir $(mktemp -d /sys/fs/cgroup/chaos-probe-XXXXXX)"
    return subprocess.run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", probe], check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def outside(prepare, keep):
    if os.getuid() != 0:
        return skip("needs root, for namespaces and a cgroup")
    if not is_possible():
        return skip("no namespaces or no cgroup2 here")
    if not os.path.exists("/lib/systemd/systemd") or not shutil.which("gnome-keyring-daemon"):
        return skip("needs systemd and gnome-keyring")

    directory = tempfile.mkdtemp(prefix="chaos-")
    os.chmod(directory, 0o755)
    try:
        prepare(directory)
        return again("mounts", ["unshare", "--mount", "--propagation", "private", "--"],
                     **{DIRECTORY: directory})
    finally:
        if keep:
            print(f"kept: {directory}")
        else:
            shutil.rmtree(directory)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def mount_user(directory):
    """One more line in /etc/passwd, for us alone."""
    path = os.path.join(directory, "passwd")
    home = os.path.join(directory, "home")
    with open("/etc/passwd", encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + f"{USER}:x:{UID}:{GID}::{home}:/bin/sh\n")
    mount("--bind", path, "/etc/passwd")
    os.mkdir(home, mode=0o700)
    os.chown(home, UID, GID)


def mounts():
    subprocess.run(["umount", "-R", CGROUPS], check=False, stderr=subprocess.DEVNULL)
    mount("-t", "cgroup2", "none", CGROUPS)
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    mount("-t", "tmpfs", "tmpfs", NO_SERVICES)
    mount_user(os.environ[DIRECTORY])
    os.makedirs("/run/systemd/system")
    os.makedirs(RUNTIME, mode=0o700)
    os.chown(RUNTIME, UID, GID)

    group = os.path.join(CGROUPS, f"chaos-{os.getpid()}")
    os.mkdir(group)
    for path in (group, *glob.glob(group + "/*")):
        os.chown(path, UID, GID)
    try:
        return again("processes", ["sh", "-c", f"echo $$ > {group}/cgroup.procs && exec \"$@\"", "sh",
                                   "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"])
    finally:
        remove_group(group)


def remove_group(group):
    await_nobody_in(group)
    for path, _, _ in os.walk(group, topdown=False):
        os.rmdir(path)


def await_nobody_in(group):
    """Those who were killed with their namespace need a moment."""
    with open(os.path.join(group, "cgroup.events"), encoding="ascii") as events:
        poll = select.poll()
        poll.register(events, select.POLLPRI)
        while "populated 1" in events.read() and poll.poll(PATIENCE_MS):
            events.seek(0)


def processes():
    return again("inside", ["setpriv", "--reuid", str(UID), "--regid", str(GID), "--clear-groups",
                            "--pdeathsig", "keep"])


class Manager:
    """The user's service manager, and with it the session bus."""

    def __init__(self, environment, log):
        self._notify = NotifySocket(os.path.join(RUNTIME, "ready"))
        self.environment = environment | {
            "XDG_RUNTIME_DIR": RUNTIME, "DBUS_SESSION_BUS_ADDRESS": ADDRESS}
        self.process = Process(
            ["/lib/systemd/systemd", "--user"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=self.environment | {"NOTIFY_SOCKET": self._notify.path,
                                    "SYSTEMD_LOG_TARGET": "console"})
        self._notify.await_line("READY=1", self.process)

    def close(self):
        self.process.end()
        self._notify.close()
