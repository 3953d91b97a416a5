#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The token endpoint, a bus that breaks, and a daemon that is none of ours."""

import fcntl
import os
import signal
import socket
import threading
import time
from contextlib import suppress

from gi.repository import Gio, GLib
from rig import EndToEndTest, main
from rig.bus import MANAGER_PATH, TOKENS, Client
from rig.endpoint import Feeds, connect, read_answer, token_form
from rig.sandbox import pass_on
from rig.waiting import await_until, eventually, wake_up

INTERFACES = """<node><interface name="io.github.yadiskctl.Tokens1.Manager"><method name="GetTokenFD">
  <arg type="s" direction="in"/><arg type="a{sv}" direction="in"/><arg type="h" direction="out"/>
  <arg type="t" direction="out"/><arg type="u" direction="out"/><arg type="a{sv}" direction="out"/>
</method></interface></node>"""
SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK


class Relay:
    """Between a program and the bus, until it is cut."""

    def __init__(self, bus, path):
        self._bus, self._programs = bus, []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(path)
        self._listening.listen()
        self.address = f"unix:path={path}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            while True:
                program, _ = self._listening.accept()
                self._programs.append(program)
                threading.Thread(target=self._carry, args=(program,), daemon=True).start()

    def _carry(self, program):
        with suppress(OSError), program, socket.socket(socket.AF_UNIX) as bus:
            bus.connect(self._bus)
            pass_on(program, bus)

    def cut(self):
        while self._programs:
            with suppress(OSError):
                self._programs.pop().shutdown(socket.SHUT_RDWR)

    def close(self):
        self.cut()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


class OtherDaemon:
    """It has the name of ours, and answers as it is told."""

    def __init__(self, address):
        self.seals = SEALS
        self.details = {}
        self.token = lambda: "token"
        self._client = Client(address)
        connection = self._client.connection
        for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces:
            connection.register_object(MANAGER_PATH, interface, self._on_call, None, None)
        self._client.bus("RequestName", "(su)", TOKENS, 0)

    def close(self):
        self._client.close()

    def _on_call(self, _connection, _sender, _path, _interface, _member, _arguments, invocation):
        fd = os.memfd_create("token", os.MFD_ALLOW_SEALING)
        os.write(fd, self.token().encode())
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, self.seals)
        fds = Gio.UnixFDList.new_from_array([fd])
        invocation.return_value_with_unix_fd_list(
            GLib.Variant("(htua{sv})", (0, 0, 1, self.details)), fds)


class FeedBusTest(EndToEndTest):
    def start_feed(self, account, **environment):
        self.feeds = Feeds(self.world.environment)
        self.handle = self.feeds.add(account)
        self.endpoint = self.world.new_endpoint(**environment).start()

    def ask(self):
        """In a thread, while this one serves the bus."""
        answers = []

        def run():
            with connect(self.endpoint.port) as connection:
                connection.sendall(self.endpoint.request(token_form(self.handle)))
                answers.append(read_answer(connection))
            wake_up()
        threading.Thread(target=run).start()
        return await_until(lambda: answers, "the answer")[0]


class BrokenBus(FeedBusTest):
    def test_the_next_program_finds_another_connection(self):
        relay = Relay(os.path.join(self.world.runtime, "bus"), os.path.join(self.world.runtime, "relay"))
        self.addCleanup(relay.close)
        account = self.sign_in().id
        self.start_feed(account, DBUS_SESSION_BUS_ADDRESS=relay.address)
        self.assertEqual(self.ask().status, 200)
        relay.cut()
        self.assertEqual(self.ask().status, 200)
        self.daemon.send(signal.SIGSTOP)
        self.handle = self.feeds.add(account)
        with connect(self.endpoint.port) as connection:
            connection.sendall(self.endpoint.request(token_form(self.handle)))
            eventually(lambda: self.feeds.last_use(self.handle), "the daemon to be asked")
            relay.cut()
            self.assertEqual(read_answer(connection).status, 503)
        self.daemon.send(signal.SIGCONT)
        self.assertEqual(self.ask().status, 200)


class Strange(FeedBusTest):
    DAEMON = KEYRING = False

    def setUp(self):
        super().setUp()
        self.other = OtherDaemon(self.world.address)
        self.addCleanup(self.other.close)
        self.start_feed("a1")

    def test_what_a_later_daemon_may_tell(self):
        self.other.details = {"colour": GLib.Variant("(su)", ("red", 1)),
                              "next_refresh_at": GLib.Variant("t", int(time.time()) - 1)}
        self.assertEqual(self.ask().json["expires_in"], 1)
        self.other.details = {}
        self.assertEqual(self.ask().json["expires_in"], 60)

    def test_answers_that_make_no_sense(self):
        for name, value in (("seals", 0), ("token", lambda: ""), ("token", lambda: "a\r\nb"),
                            ("details", {"next_refresh_at": GLib.Variant("s", "soon")})):
            good = getattr(self.other, name)
            setattr(self.other, name, value)
            answer = self.ask()
            self.assertEqual((answer.status, answer.headers["retry-after"]), (503, "5"), (name, answer))
            setattr(self.other, name, good)
        self.assertEqual(self.ask().status, 200)

    def test_a_token_is_quoted(self):
        self.other.token = lambda: '"},{\\'
        self.assertEqual(self.ask().json["access_token"], '"},{\\')


if __name__ == "__main__":
    main()
