# SPDX-License-Identifier: MIT
"""Everything that passes a bus, as the bus shows it to a monitor."""

import mmap
import os
import socket
import tempfile
import threading

from gi.repository import Gio, GLib

from .bus import BUS, BUS_PATH
from .waiting import await_until, wake_up

HEADER = 16
MESSAGE_MAX = 1 << 27
READ_SIZE = 1 << 16
FDS_MAX = 253
PATH_OF_MARKS = "/mark"


class Message:
    """A message, unpacked. The type is one of call, answer, error, signal."""

    TYPES = {Gio.DBusMessageType.METHOD_CALL: "call",
             Gio.DBusMessageType.METHOD_RETURN: "answer",
             Gio.DBusMessageType.ERROR: "error",
             Gio.DBusMessageType.SIGNAL: "signal"}

    def __init__(self, message):
        self.type = self.TYPES[message.get_message_type()]
        self.sender, self.destination = message.get_sender(), message.get_destination()
        self.path, self.interface = message.get_path(), message.get_interface()
        self.member, self.error = message.get_member(), message.get_error_name()
        self.serial, self.reply_serial = message.get_serial(), message.get_reply_serial()
        body = message.get_body()
        self.body = body.unpack() if body else ()
        self.text = body.print_(False) if body else ""
        self.call = None  # what this is the answer to

    def __repr__(self):
        return f"<{self.type} {self.sender} -> {self.destination} {self.interface}.{self.member}>"


class Tap:
    """The connection of a monitor. What passes the bus is given to take(), in a thread of its own."""

    def __init__(self, address):
        self._marks = 0
        self._socket = connect(address)
        self._call(1, BUS, "Hello")
        self._call(2, BUS + ".Monitoring", "BecomeMonitor", "(asu)", [], 0)
        self._rest = self._await_answer(2)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def catch_up(self, client, *others):
        """Until everything is here that the client, or others who answer a ping, have sent."""
        for other in others:
            client.ping(other)
        self._marks += 1
        mark = f"Mark{id(self)}x{self._marks}"
        self.look_for(mark)
        client.connection.emit_signal(None, PATH_OF_MARKS, "io.github.yadiskctl.Rig", mark, None)
        client.connection.flush_sync(None)
        await_until(lambda: self.has_passed(mark), "the monitor to catch up")

    def look_for(self, mark):
        """Before it can pass."""

    def _call(self, serial, interface, member, signature="()", *arguments):
        message = Gio.DBusMessage.new_method_call(BUS, BUS_PATH, interface, member)
        message.set_body(GLib.Variant(signature, arguments))
        message.set_serial(serial)
        self._socket.sendall(message.to_blob(Gio.DBusCapabilityFlags.NONE))

    def _await_answer(self, serial):
        """Returns what came after it."""
        data = b""
        while received := receive(self._socket):
            data += received
            while (needed := size_of(data)) and len(data) >= needed:
                message, data = unpack(data[:needed]), data[needed:]
                if message.reply_serial == serial:
                    return data
        raise RuntimeError("the bus does not let us watch it")

    def _read(self):
        self.take(self._rest)
        while received := receive(self._socket):
            self.take(received)


class Monitor(Tap):
    """Messages are in the order in which the bus passed them on."""

    def __init__(self, address):
        self.messages = []
        self._calls = {}
        self._data = b""
        super().__init__(address)

    def calls(self, **wanted):
        """The method calls whose fields are these."""
        return self.select(type="call", **wanted)

    def select(self, **wanted):
        return [m for m in list(self.messages)
                if all(getattr(m, name) == value for name, value in wanted.items())]

    def has_passed(self, mark):
        return any(m.member == mark for m in list(self.messages))

    def take(self, data):
        self._data += data
        while (needed := size_of(self._data)) and len(self._data) >= needed:
            self._note(unpack(self._data[:needed]))
            self._data = self._data[needed:]
        wake_up()

    def _note(self, message):
        if message.type == "call":
            self._calls[message.sender, message.serial] = message
        elif message.reply_serial:
            message.call = self._calls.get((message.destination, message.reply_serial))
        self.messages.append(message)


class Recorder(Tap):
    """Everything, byte by byte, in a file. Nothing is taken apart, so that it keeps up with a flood."""

    def __init__(self, address):
        self._file = tempfile.TemporaryFile()
        self._mark, self._before, self._has_passed = None, b"", False
        super().__init__(address)

    def bytes(self):
        """After close()."""
        self._file.flush()
        size = self._file.tell()
        return mmap.mmap(self._file.fileno(), size, prot=mmap.PROT_READ) if size else b""

    def look_for(self, mark):
        self._has_passed = False
        self._mark = mark.encode()

    def has_passed(self, _mark):
        return self._has_passed

    def take(self, data):
        self._file.write(data)
        if self._mark and self._mark in self._before + data:
            self._mark, self._has_passed = None, True
            wake_up()
        self._before = data


def unpack(blob):
    return Message(Gio.DBusMessage.new_from_blob(blob, Gio.DBusCapabilityFlags.UNIX_FD_PASSING))


def connect(address):
    path = dict(pair.split("=") for pair in address.removeprefix("unix:").split(","))["path"]
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    uid = str(os.getuid()).encode().hex()
    connection.sendall(b"\0AUTH EXTERNAL " + uid.encode() + b"\r\nNEGOTIATE_UNIX_FD\r\n")
    lines = b""
    while lines.count(b"\r\n") < 2:
        lines += connection.recv(READ_SIZE)
    if not lines.startswith(b"OK ") or b"AGREE_UNIX_FD" not in lines:
        raise RuntimeError(f"the bus does not let us in: {lines}")
    connection.sendall(b"BEGIN\r\n")
    return connection


def receive(connection):
    """Bytes; descriptors that come along are closed."""
    try:
        data, fds, _, _ = socket.recv_fds(connection, READ_SIZE, FDS_MAX)
    except OSError:
        return b""
    for fd in fds:
        os.close(fd)
    return data


def size_of(data):
    """How long the first message is; 0 while that is not known."""
    return Gio.DBusMessage.bytes_needed(data) if len(data) >= HEADER else 0
