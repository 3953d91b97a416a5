# SPDX-License-Identifier: MIT
"""A browser that xdg-open finds where the desktop is GNOME. It shows nothing, but tells what it was given, and
then runs until it is ended."""

import os

from gi.repository import GLib

from .waiting import await_until

NAME = "browser"

DESKTOP_FILE = """[Desktop Entry]
Type=Application
Name=Browser
Exec={program} %u
"""

HANDLERS = f"""[Default Applications]
x-scheme-handler/https={NAME}.desktop
"""

SCRIPT = """#!/bin/sh
printf '%s %s %s\\n' $$ $# "$1" >'{pipe}'
exec sleep infinity
"""


class Browser:
    """Session is a UserSession, whose desktop becomes GNOME."""

    def __init__(self, session):
        self.opened = []  # the addresses
        self.pids = []
        pipe = os.path.join(session.home, "pipe")
        os.mkfifo(pipe)
        self._pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self._source = GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, self._pipe, GLib.IOCondition.IN,
                                             self._on_told)
        program = session.write("browser", SCRIPT.format(pipe=pipe))
        os.chmod(program, 0o700)
        self._files = [
            pipe, program,
            session.write(f".local/share/applications/{NAME}.desktop",
                          DESKTOP_FILE.format(program=program)),
            session.write(".config/mimeapps.list", HANDLERS),
            session.write(".config/environment.d/desktop.conf", "XDG_CURRENT_DESKTOP=GNOME\n")]
        session.systemctl("daemon-reload")

    def close(self):
        GLib.source_remove(self._source)
        os.close(self._pipe)
        for path in self._files:
            os.remove(path)

    def await_opened(self, count=1):
        """Until it was started that often; returns the address that it was given last."""
        await_until(lambda: len(self.opened) >= count, f"page {count}")
        return self.opened[-1]

    def _on_told(self, *_):
        for line in os.read(self._pipe, 4096).decode().splitlines():
            pid, count, address = line.split(" ", 2)
            assert count == "1", line
            self.pids.append(int(pid))
            self.opened.append(address)
        return GLib.SOURCE_CONTINUE
