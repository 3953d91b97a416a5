# SPDX-License-Identifier: MIT
"""Connections to "localhost", which not every machine can look up: a chroot need not have an /etc/hosts. The
name stays in the request and in the handshake."""

import http.client
import socket
from urllib.parse import urlsplit

ADDRESS = "127.0.0.1"


class _Plain(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.create_connection((ADDRESS, self.port), self.timeout)


class _Secure(http.client.HTTPSConnection):
    def __init__(self, host, port, context, timeout):
        super().__init__(host, port, context=context, timeout=timeout)
        self._trust = context

    def connect(self):
        plain = socket.create_connection((ADDRESS, self.port), self.timeout)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


def connection_to(url, context=None, timeout=30):
    """With a context, TLS. It is opened by its first request."""
    where = urlsplit(url)
    if context:
        return _Secure(where.hostname, where.port, context, timeout)
    return _Plain(where.hostname, where.port, timeout=timeout)
