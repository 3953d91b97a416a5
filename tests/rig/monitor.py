# SPDX-License-Identifier: MIT
"""Everything that passes a bus, as the bus shows it to a monitor."""

import os
import socket
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


class Monitor:
    """Reads in a thread of its own. Messages are in the order in which the bus passed them on."""

    def __init__(self, address):
        self.messages = []
        self._calls = {}
        self._marks = 0
        self._socket = connect(address)
        self._call(1, "Hello")
        self._call(2, "BecomeMonitor", "(asu)", [], 0)
        self._ready = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        await_until(lambda: self._ready, "the bus to be watched")

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def catch_up(self, client, *others):
        """Until everything is here that the client, or others who answer a ping, have sent."""
        for other in others:
            client.ping(other)
        self._marks += 1
        member = f"Mark{id(self)}x{self._marks}"
        client.connection.emit_signal(None, PATH_OF_MARKS, "io.github.yadiskctl.Rig", member, None)
        client.connection.flush_sync(None)
        await_until(lambda: any(m.member == member for m in list(self.messages)),
                    "the monitor to catch up")

    def calls(self, **wanted):
        """The method calls whose fields are these."""
        return self.select(type="call", **wanted)

    def select(self, **wanted):
        return [m for m in list(self.messages)
                if all(getattr(m, name) == value for name, value in wanted.items())]

    # Reading

    def _call(self, serial, member, signature="()", *arguments):
        message = Gio.DBusMessage.new_method_call(BUS, BUS_PATH, "org.freedesktop.DBus.Monitoring"
                                                  if member == "BecomeMonitor" else BUS, member)
        message.set_body(GLib.Variant(signature, arguments))
        message.set_serial(serial)
        self._socket.sendall(message.to_blob(Gio.DBusCapabilityFlags.NONE))

    def _read(self):
        data = b""
        while received := receive(self._socket):
            data += received
            while (needed := size_of(data)) and len(data) >= needed:
                self._take(data[:needed])
                data = data[needed:]
            wake_up()

    def _take(self, blob):
        message = Message(Gio.DBusMessage.new_from_blob(
            blob, Gio.DBusCapabilityFlags.UNIX_FD_PASSING))
        if not self._ready:
            self._ready = message.reply_serial == 2
            return
        if message.type == "call":
            self._calls[message.sender, message.serial] = message
        elif message.reply_serial:
            message.call = self._calls.get((message.destination, message.reply_serial))
        self.messages.append(message)


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
