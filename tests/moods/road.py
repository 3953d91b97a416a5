# SPDX-License-Identifier: MIT
"""The road between the daemon and Yandex: a port of its own that passes bytes on, or does not."""

import socket
import threading

OPEN, SILENT = "open", "silent"


class Road:
    def __init__(self, port):
        """The port is where it leads."""
        self._there = ("127.0.0.1", port)
        # Keeps the port ours while nobody listens there.
        self._claim = new_socket(0)
        self.port = self._claim.getsockname()[1]
        self._connections = []
        self._listener = None
        self._mode = OPEN
        self.open()

    def open(self):
        self._listen(OPEN)

    def fall_silent(self):
        """Whoever connects is accepted, and hears nothing ever."""
        self._listen(SILENT)

    def break_off(self):
        """Connections are reset, new ones are refused."""
        listener, self._listener = self._listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        while self._connections:
            connection = self._connections.pop()
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def close(self):
        self.break_off()
        self._claim.close()

    def _listen(self, mode):
        self.break_off()
        self._mode = mode
        self._listener = new_socket(self.port)
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                here = listener.accept()[0]
            except OSError:
                return
            self._connections.append(here)
            if self._mode == SILENT:
                continue
            there = socket.create_connection(self._there)
            self._connections.append(there)
            for pair in ((here, there), (there, here)):
                threading.Thread(target=pass_on, args=pair, daemon=True).start()


def new_socket(port):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    return made


def pass_on(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
