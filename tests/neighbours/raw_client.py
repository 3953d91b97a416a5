# SPDX-License-Identifier: MIT
"""A client of the bus that writes its messages itself, so that it can write any (D-Bus specification, message format).
It says hello, and reads no answer but to that and to pings."""

import os
import socket
import struct

from rig.bus import BUS, BUS_PATH, MANAGER, MANAGER_PATH, TOKENS

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE, UNIX_FDS = range(1, 10)
TYPES = {PATH: "o", REPLY_SERIAL: "u", SIGNATURE: "g", UNIX_FDS: "u"}  # of the others it is "s"

TO_US = {PATH: MANAGER_PATH, INTERFACE: MANAGER, MEMBER: "X", DESTINATION: TOKENS}


def padded(data, to):
    return data + bytes(-len(data) % to)


def field(before, code, value):
    kind = TYPES.get(code, "s")
    data = padded(before, 8) + bytes([code, 1]) + kind.encode() + b"\0"
    if kind == "u":
        return data + struct.pack("<I", value)
    text = value.encode()
    return data + struct.pack("<B" if kind == "g" else "<I", len(text)) + text + b"\0"


def message(kind, serial, fields, body_length=0):
    """Without its body."""
    data = b""
    for code, value in fields.items():
        data = field(data, code, value)
    return struct.pack("<cBBBIII", b"l", kind, 0, 1, body_length, serial, len(data)) + padded(data, 8)


class RawClient:
    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address.partition("path=")[2].partition(",")[0])
        for line in f"\0AUTH EXTERNAL {str(os.getuid()).encode().hex()}\r\n", "NEGOTIATE_UNIX_FD\r\n":
            self._socket.sendall(line.encode())
            while not self._socket.recv(1000).endswith(b"\r\n"):
                pass
        self._socket.sendall(b"BEGIN\r\n")
        self._serial = 0
        self._await_answer(self.send(CALL, self.to_bus("Hello")))

    def close(self):
        self._socket.close()

    @staticmethod
    def to_bus(member):
        return {PATH: BUS_PATH, INTERFACE: BUS, MEMBER: member, DESTINATION: BUS}

    def send(self, kind, fields, fds=(), body=()):
        """The body is of parts. Returns the serial number."""
        self._serial += 1
        if fds:
            fields = fields | {UNIX_FDS: len(fds)}
        data = message(kind, self._serial, fields, sum(map(len, body)))
        socket.send_fds(self._socket, [data], fds) if fds else self._socket.sendall(data)
        for part in body:
            self._socket.sendall(part)
        return self._serial

    def ping(self):
        """Returns when the bus has passed on what was sent before."""
        self._await_answer(self.send(CALL, self.to_bus("GetId")))

    def _await_answer(self, serial):
        wanted = padded(field(b"", REPLY_SERIAL, serial), 8)[:12]
        data = b""
        while wanted not in data:
            part = self._socket.recv(1 << 16)
            assert part, "the bus has hung up"
            data = data[-len(wanted):] + part
