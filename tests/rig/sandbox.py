# SPDX-License-Identifier: MIT
"""The session bus as a program in a sandbox reaches it: through xdg-dbus-proxy, which lets it talk to
nobody but the bus."""

import os
import select
import socket
import threading
from contextlib import suppress

from .process import Process


class Sandbox:
    """The options of the proxy let more through: --see=NAME, --talk=NAME. Without a filter everything."""

    def __init__(self, bus, directory, environment, *options, filtering=True):
        path = os.path.join(directory, f"proxy-{id(self)}")
        reading, writing = os.pipe()
        if filtering:
            options = ("--filter", *options)
        self._proxy = Process(["xdg-dbus-proxy", f"--fd={writing}", bus, path, *options],
                              env=environment, pass_fds=[writing])
        os.close(writing)
        self._ready = reading  # closed, it ends the proxy
        if not os.read(reading, 1):
            raise RuntimeError("the proxy did not start")
        self.bare_address = f"unix:path={path}"
        self._patience = Patience(path)
        self.address = f"unix:path={self._patience.path}"

    def close(self):
        self._patience.close()
        os.close(self._ready)
        self._proxy.end()


class Patience:
    """Between a program and the proxy, which up to version 0.1.5 gets confused by those that do not wait
    for an answer to each line when they begin: it gets the lines one by one."""

    def __init__(self, proxy):
        self.path = proxy + "-patient"
        self._proxy = proxy
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(self.path)
        self._listening.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self):
        try:
            while True:
                program, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(program,), daemon=True).start()
        except OSError:  # closed
            pass

    def _carry(self, program):
        with suppress(OSError), program, socket.socket(socket.AF_UNIX) as proxy:
            proxy.connect(self._proxy)
            begin_patiently(program, proxy)
            pass_on(program, proxy)


def begin_patiently(program, proxy):
    """No side sends a message before the last line, BEGIN, which has no answer. Ends before that if a side hangs
    up."""
    said = receive_until(program, b"BEGIN\r\n")
    for line in said.splitlines(keepends=True):
        proxy.sendall(line)
        if line != b"BEGIN\r\n":
            answer = receive_until(proxy, b"\r\n")
            if not answer:
                return
            program.sendall(answer)


def receive_until(source, end):
    """Empty if it hangs up before."""
    received = b""
    while not received.endswith(end):
        more = source.recv(4096)
        if not more:
            return b""
        received += more
    return received


def pass_on(one, other):
    """Until either has ended; descriptors as well."""
    while True:
        for source in select.select([one, other], [], [])[0]:
            try:
                data, fds, _, _ = socket.recv_fds(source, 65536, 16)
                if data:
                    socket.send_fds(other if source is one else one, [data], fds)
            except OSError:
                data, fds = b"", []
            for fd in fds:
                os.close(fd)
            if not data:
                return
