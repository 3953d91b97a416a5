# SPDX-License-Identifier: MIT
"""A journal that only remembers what it was sent: as fields, by those who speak its protocol, and as lines, by
the units whose standard output and error lead here."""

import os
import socket
import struct
import threading

from .waiting import DEADLINE, await_until, wake_up

DIRECTORY = "/run/systemd/journal"
STREAM_HEAD = 7  # lines, of which the first are the identifier, the unit, and facility and priority
LARGEST = 1 << 18


class Entry(dict):
    """Of one message, its fields."""

    @property
    def message(self):
        return self.get("MESSAGE", "")

    @property
    def priority(self):
        return int(self.get("PRIORITY", "6"))

    def __str__(self):
        return f"<{self.priority}> {self.get('SYSLOG_IDENTIFIER', '')}: {self.message}"


class Journal:
    """dbus-broker does not start without one."""

    def __init__(self):
        self.entries = []
        self._native = self._bind("socket", socket.SOCK_DGRAM)
        self._stream = self._bind("stdout", socket.SOCK_STREAM)
        self._stream.listen(64)
        for serve in (self._serve_native, self._serve_stream):
            threading.Thread(target=serve, daemon=True).start()

    @staticmethod
    def _bind(name, kind):
        path = os.path.join(DIRECTORY, name)
        if os.path.exists(path):
            os.unlink(path)
        bound = socket.socket(socket.AF_UNIX, kind)
        bound.bind(path)
        return bound

    def close(self):
        for bound in (self._native, self._stream):
            bound.shutdown(socket.SHUT_RDWR)
            bound.close()

    def _note(self, fields):
        self.entries.append(Entry(fields))
        wake_up()

    def _serve_native(self):
        try:
            while datagram := self._native.recv(LARGEST):
                self._note(parse(datagram))
        except OSError:  # closed
            pass

    def _serve_stream(self):
        try:
            while True:
                unit, _ = self._stream.accept()
                threading.Thread(target=self._read_stream, args=(unit,), daemon=True).start()
        except OSError:  # closed
            pass

    def _read_stream(self, unit):
        with unit, unit.makefile(encoding="utf-8", errors="replace") as lines:
            head = [lines.readline().strip() for _ in range(STREAM_HEAD)]
            for line in lines:
                self._note({"SYSLOG_IDENTIFIER": head[0], "_SYSTEMD_USER_UNIT": head[1],
                            "PRIORITY": str(int(head[2]) & 7), "MESSAGE": line.rstrip("\n")})

    def await_entry(self, predicate, what, seconds=DEADLINE):
        """The first one for which it is true."""
        return await_until(lambda: next(filter(predicate, list(self.entries)), None), what, seconds)

    def text(self):
        return "".join(f"{entry}\n" for entry in list(self.entries))


def parse(datagram):
    """Of the journal's native protocol: NAME=VALUE, or NAME, the length in 64 bits, and the value."""
    fields = {}
    while datagram:
        name, newline, datagram = datagram.partition(b"\n")
        name, is_text, value = name.partition(b"=")
        if not is_text and newline and len(datagram) >= 8:
            size, = struct.unpack_from("<Q", datagram)
            value, datagram = datagram[8:8 + size], datagram[8 + size + 1:]
        fields[name.decode()] = value.decode(errors="replace")
    return fields
