#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Connections whose process has ended, and whose number another program of the user has got. Everything runs in a
PID namespace of its own, where the next number can be chosen."""

import unittest

from gi.repository import Gio, GLib

from rig.bus import MANAGER, MANAGER_PATH, TOKENS, BusError
from rig.case import EndToEndTest, main
from rig.namespaces import run_with_own_pids
from rig.process import Process
from rig.sandbox_caller import connect_and_leave, socket_of


class Left:
    """A connection that somebody has made who is gone, and that we use."""

    def __init__(self, address):
        fd, self.pid = connect_and_leave(socket_of(address))
        stream = Gio.Socket.new_from_fd(fd.detach()).connection_factory_create_connection()
        self._connection = Gio.DBusConnection.new_sync(
            stream, None, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def get_token(self):
        try:
            return self._connection.call_sync(TOKENS, MANAGER_PATH, MANAGER, "GetToken", GLib.Variant("(sa{sv})", ("", {})),
                                              None, Gio.DBusCallFlags.NONE, 30000, None).unpack()[0]
        except GLib.Error as error:
            raise BusError(error) from None

    def close(self):
        self._connection.close_sync(None)


def start_with(pid, *command):
    """A program that has that number, which is free."""
    with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
        file.write(str(pid - 1))
    process = Process(command)
    assert process.pid == pid, (process.pid, pid)
    return process


class Pids(EndToEndTest):
    def setUp(self):
        super().setUp()
        self.token = self.sign_in().get_token().value
        self.left = Left(self.world.address)
        self.addCleanup(self.left.close)

    def take_its_pid(self):
        program = start_with(self.left.pid, "sleep", "infinity")
        self.addCleanup(program.end)

    def assert_denied(self):
        self.assert_refused("AccessDenied", self.left.get_token)
        self.assertEqual(self.client.get_token().value, self.token)

    def test_a_program_that_has_ended(self):
        self.assert_denied()

    def test_one_whose_pid_was_reused(self):
        self.take_its_pid()
        self.assert_denied()

    def test_one_whose_pid_was_reused_after_it_had_asked(self):
        self.assert_denied()
        self.take_its_pid()
        self.assert_denied()


class PidsInside(unittest.TestCase):
    def test_pids(self):
        run_with_own_pids(self, "Pids")


def load_tests(loader, _tests, _pattern):
    """Those that run here."""
    return loader.loadTestsFromTestCase(PidsInside)


if __name__ == "__main__":
    main()
