# SPDX-License-Identifier: MIT
"""The portal of a real desktop, xdg-desktop-portal, and what it needs: a browser to start, and somebody who
asks the user which one."""

import os
import select
import subprocess

from gi.repository import Gio, GLib

from .bus import Client
from .desktop import PORTAL, PORTAL_PATH
from .process import LIBC, Process
from .waiting import DEADLINE, InVain, await_until

PROGRAM = "/usr/libexec/xdg-desktop-portal"
STORE = "org.freedesktop.impl.portal.PermissionStore"
STORE_PROGRAM = "/usr/libexec/xdg-permission-store"
CHOOSER = "org.freedesktop.impl.portal.desktop.rig"

PR_CAPBSET_DROP = 24
CAP_SYS_PTRACE = 19

# Without it the portal opens nothing, even where nobody has to be asked.
BACKEND = f"""[portal]
DBusName={CHOOSER}
Interfaces=org.freedesktop.impl.portal.AppChooser
UseIn=rig
"""

CHOOSER_XML = """<node><interface name="org.freedesktop.impl.portal.AppChooser">
  <method name="ChooseApplication"><arg type="o" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
    <arg type="u" direction="out"/><arg type="a{sv}" direction="out"/></method>
</interface></node>"""

QUESTION_XML = """<node><interface name="org.freedesktop.impl.portal.Request">
  <method name="Close"/>
</interface></node>"""

BROWSER = "browser"

DESKTOP_FILE = """[Desktop Entry]
Type=Application
Name=Browser
Exec={program} %u
"""

HANDLERS = f"""[Default Applications]
x-scheme-handler/https={BROWSER}.desktop
"""

SCRIPT = """#!/bin/sh
printf '%s %s %s\\n' $$ $# "$1" >'{pipe}'
"""


def is_installed():
    return os.access(PROGRAM, os.X_OK) and os.access(STORE_PROGRAM, os.X_OK)


def have_no_power_over_others():
    """Root's programs may look into any process; those of a user, whose portal it is, may not. For all
    that this process starts from now on."""
    LIBC.prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0)


def write(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def await_end(pid):
    """Of a process that need not be our child."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    ended = poll.poll(DEADLINE * 1000)
    os.close(pidfd)
    if not ended:
        raise InVain(f"process {pid} does not end")


class Browser:
    """A program that the portal can start. It opens nothing, but tells what it was given."""

    def __init__(self, directory):
        self.opened = []  # the addresses
        pipe = os.path.join(directory, "pipe")
        os.mkfifo(pipe)
        self._pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self._source = GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, self._pipe, GLib.IOCondition.IN,
                                             self._on_told)
        self.program = write(os.path.join(directory, "browser"), SCRIPT.format(pipe=pipe), 0o700)

    def close(self):
        GLib.source_remove(self._source)
        os.close(self._pipe)

    def await_opened(self, count=1):
        """Until it was started that often; returns the address that it was given last."""
        await_until(lambda: len(self.opened) >= count, f"page {count}")
        return self.opened[-1]

    def _on_told(self, *_):
        for line in os.read(self._pipe, 4096).decode().splitlines():
            pid, count, address = line.split(" ", 2)
            assert count == "1", line
            await_end(int(pid))
            self.opened.append(address)
        return GLib.SOURCE_CONTINUE


class RealPortal:
    """Of the programs of the machine it sees the browser alone, and no system bus. Client and environment
    are those of the session."""

    def __init__(self, client, environment, directory, browser_is_default=True):
        self._client = client
        self._directory = os.path.join(directory, "portal")
        os.mkdir(self._directory)
        self._log = self._path("log")
        self.browser = Browser(self._directory)
        write(self._path("backends", "rig.portal"), BACKEND)
        write(self._path("share", "applications", BROWSER + ".desktop"),
              DESKTOP_FILE.format(program=self.browser.program))
        if browser_is_default:
            write(self._path("config", "mimeapps.list"), HANDLERS)
        self._environment = environment | {
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + self._path("no-system-bus"),
            "GIO_USE_PROXY_RESOLVER": "dummy",  # GNOME's would want schemas, which are not in our data
            "XDG_CONFIG_HOME": self._path("config"),
            "XDG_CURRENT_DESKTOP": "rig",
            "XDG_DATA_DIRS": self._path("share"),
            "XDG_DATA_HOME": self._path("home"),
            "XDG_DESKTOP_PORTAL_DIR": self._path("backends"),
        }
        self._store = self._launch(STORE, STORE_PROGRAM)
        self.start()

    def start(self):
        self._portal = self._launch(PORTAL, PROGRAM, "--verbose")

    def end(self):
        self._portal.end()
        self._client.await_no_owner(PORTAL)

    def close(self):
        self._portal.end()
        self._store.end()
        self.browser.close()

    def log(self):
        with open(self._log, encoding="utf-8") as file:
            return file.read()

    def _path(self, *names):
        return os.path.join(self._directory, *names)

    def _launch(self, name, *arguments):
        with open(self._log, "ab") as log:
            process = Process(arguments, env=self._environment, stdin=subprocess.DEVNULL,
                              stdout=log, stderr=log)
        self._client.await_owner(name, lambda: process.poll() is not None)
        return process


class Chooser:
    """Asks the user which program to take. The tests answer."""

    def __init__(self, address):
        self.asked = 0
        self.closed = 0  # the questions that the portal took back
        self._question = None
        self._client = Client(address)
        self._register(PORTAL_PATH, CHOOSER_XML, self._on_asked)
        self._client.bus("RequestName", "(su)", CHOOSER, 0)

    def close(self):
        self._client.close()

    def await_asked(self, count=1):
        await_until(lambda: self.asked >= count, f"question {count}")

    def await_closed(self, count=1):
        await_until(lambda: self.closed >= count, f"the end of question {count}")

    def choose(self, program):
        """The answer to the latest question."""
        self._question.return_value(
            GLib.Variant("(ua{sv})", (0, {"choice": GLib.Variant("s", program)})))

    def _register(self, path, xml, function):
        interface, = Gio.DBusNodeInfo.new_for_xml(xml).interfaces
        self._client.connection.register_object(
            path, interface, lambda *given: function(*given[-2:]))

    def _on_asked(self, arguments, invocation):
        self.asked += 1
        self._question = invocation
        self._register(arguments.unpack()[0], QUESTION_XML, self._on_closed)

    def _on_closed(self, _arguments, invocation):
        self.closed += 1
        invocation.return_value(None)
