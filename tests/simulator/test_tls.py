#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The certificates, good and bad, and HTTP/1.1 above them."""

import socket
import ssl
import unittest
from urllib.parse import urlsplit

from rig import SimulatorTest
from simulator_client import Simulator


class TlsTest(SimulatorTest):
    def connect(self, host="oauth", name="localhost", context=None):
        port = urlsplit(self.sim.addresses[host]).port
        plain = socket.create_connection(("127.0.0.1", port))
        self.addCleanup(plain.close)
        secure = (context or self.sim.tls_context()).wrap_socket(plain, server_hostname=name)
        self.addCleanup(secure.close)
        return secure

    def refusal(self, **how):
        with self.assertRaises(ssl.SSLCertVerificationError) as caught:
            self.connect(**how)
        return caught.exception.verify_message


class Certificates(TlsTest):
    def test_good_for_localhost_and_its_address_on_all_hosts(self):
        for host in ("oauth", "login", "disk"):
            for name in ("localhost", "127.0.0.1"):
                self.connect(host, name)

    def test_unknown_to_the_rest_of_the_world(self):
        self.assertIn("unable to get local issuer",
                      self.refusal(context=ssl.create_default_context()))

    def test_expired(self):
        self.sim.knobs(certificate="expired")
        self.assertIn("expired", self.refusal())

    def test_self_signed(self):
        self.sim.knobs(certificate="self-signed")
        self.assertIn("self-signed", self.refusal())

    def test_wrong_name(self):
        self.sim.knobs(certificate="wrong-name")
        self.assertIn("Hostname mismatch", self.refusal())

    def test_common_name(self):
        """Clients that take the host name from there accept it."""
        self.sim.knobs(certificate="common-name")
        context = self.sim.tls_context()
        context.hostname_checks_common_name = True
        self.connect(context=context)
        context.hostname_checks_common_name = False
        self.assertIn("Hostname mismatch", self.refusal(context=context))

    def test_good_again(self):
        self.sim.knobs(certificate="expired")
        self.sim.knobs(certificate="good")
        self.connect()

    def test_bad_from_the_start(self):
        with Simulator(bad_certificate="expired") as sim:
            self.assertEqual(sim.knobs()["certificate"], "expired")

    def test_no_session_spares_the_client_a_look_at_the_certificate(self):
        secure = self.connect()
        secure.sendall(b"GET /device HTTP/1.1\r\nHost: localhost\r\n\r\n")
        secure.recv(1)
        self.assertFalse(secure.session and secure.session.has_ticket)


class Http(TlsTest):
    def answers(self, text, count):
        """Sends raw text and reads this many answers off one connection: their status lines."""
        secure = self.connect()
        secure.sendall(text.replace("\n", "\r\n").encode())
        stream, lines = secure.makefile("rb"), []
        for _ in range(count):
            lines.append(stream.readline().decode().strip())
            length = 0
            for line in iter(stream.readline, b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            stream.read(length)
        return lines

    def test_connections_are_kept(self):
        connection = self.open_connection()
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request("GET", "/device")
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.headers["Connection"], "keep-alive")

    def test_connection_close_is_honoured(self):
        reply = self.call("oauth", "GET", "/device", headers={"Connection": "close"})
        self.assertEqual(reply.headers["Connection"], "close")

    def test_pipelined_requests(self):
        self.assertEqual(self.answers("GET /device HTTP/1.1\nHost: x\n\n" * 2, 2),
                         ["HTTP/1.1 200 OK"] * 2)

    def test_expect_100_continue(self):
        text = ("POST /token HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 3\n"
                "Content-Type: application/x-www-form-urlencoded\n\na=b")
        self.assertEqual(self.answers(text, 2), ["HTTP/1.1 100 Continue",
                                                 "HTTP/1.1 400 Bad Request"])

    def test_what_is_not_http(self):
        for text in ("hello\n\n", "GET / HTTP/9\n\n", "GET / HTTP/1.1\nno colon\n\n",
                     "GET / HTTP/1.1\nContent-Length: x\n\n"):
            self.assertEqual(self.answers(text, 1), ["HTTP/1.1 400 Bad Request"])

    def test_too_much(self):
        line, = self.answers("POST / HTTP/1.1\nContent-Length: 99999999\n\n", 1)
        self.assertTrue(line.startswith("HTTP/1.1 413 "), line)  # the words are Python's


if __name__ == "__main__":
    unittest.main()
