# SPDX-License-Identifier: MIT
"""Proxies: one that leads every CONNECT to one place, so that a program with an address of its own in it
meets the simulator there, and one that leads nowhere."""

import select
import socket
import socketserver
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class _Connection(socketserver.StreamRequestHandler):
    def handle(self):
        if not self.rfile.readline().startswith(b"CONNECT "):
            return
        while self.rfile.readline().strip():
            pass
        with suppress(ConnectionError), socket.create_connection(self.server.target) as there:
            self.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self._carry(there)

    def _carry(self, there):
        """The client speaks TLS only after our answer, so nothing of it is in rfile."""
        other = {self.connection: there, there: self.connection}
        while True:
            for source in select.select(list(other), [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                other[source].sendall(data)


class Tunnel(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), _Connection)
        self.target = ("127.0.0.1", urlsplit(url).port)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def environment(self):
        """For programs that are to go through it."""
        return {"HTTPS_PROXY": f"http://127.0.0.1:{self.server_address[1]}"}

    def end(self):
        self.shutdown()
        self.server_close()


class _Refused(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.connection.sendall(f"HTTP/1.1 {self.server.status} No\r\nContent-Length: 0\r\n\r\n".encode())


class Wall(socketserver.ThreadingTCPServer):
    """Answers every request with one status."""
    daemon_threads = True

    def __init__(self, status):
        super().__init__(("127.0.0.1", 0), _Refused)
        self.status = status
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def end(self):
        self.shutdown()
        self.server_close()
