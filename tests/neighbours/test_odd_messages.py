#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Messages that no program has a reason to send, and that a bus passes on: libsystemd keeps the descriptors that come
with some of them, and fails at others. Some also come through the proxy of a sandbox."""

import os

from neighbour import NeighbourTest
from raw_client import CALL, DESTINATION, MEMBER, REPLY_SERIAL, RETURN, SIGNAL, SIGNATURE, TO_US, RawClient
from rig import main
from rig.bus import TOKENS, BusError, Client

MESSAGES = 100
FDS = 16  # in a message
HUGE = 2 ** 27 - 8  # bytes: libsystemd reads less, and the bus adds the name of the sender
ARRAY_MAX = 2 ** 26  # the longest array that there may be


class OddMessages(NeighbourTest):
    def setUp(self):
        super().setUp()
        self.fd = os.open("/dev/null", os.O_RDONLY)
        self.addCleanup(os.close, self.fd)

    def odd_one(self, address=None):
        client = RawClient(address or self.world.address)
        self.addCleanup(client.close)
        return client

    def through_a_proxy(self):
        return self.odd_one(self.world.new_sandbox(f"--talk={TOKENS}").bare_address)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/fd"))

    def assert_keeps_no_descriptor(self, client, kind, fields):
        before = self.descriptors()
        for _ in range(MESSAGES):
            client.send(kind, fields, [self.fd] * FDS)
        client.ping()
        self.client.get_token()
        self.assertLessEqual(self.descriptors(), before + 1)

    def test_signals_that_answer(self):
        for client in self.odd_one(), self.through_a_proxy():
            self.assert_keeps_no_descriptor(client, SIGNAL, TO_US | {REPLY_SERIAL: 7})

    def test_calls_that_answer(self):
        for client in self.odd_one(), self.through_a_proxy():
            self.assert_keeps_no_descriptor(client, CALL, TO_US | {REPLY_SERIAL: 7})

    def test_calls_with_descriptors(self):
        self.assert_keeps_no_descriptor(self.odd_one(), CALL, TO_US)

    def test_a_huge_message(self):
        """It is not read into memory, and the next of the same sender is served."""
        memory = self.memory("VmHWM")
        client = self.odd_one()
        rest = HUGE - len(TO_US) * 100 - 2 * ARRAY_MAX + 2 ** 24
        parts = []
        for length in (ARRAY_MAX - 2 ** 23, ARRAY_MAX - 2 ** 23, rest):
            parts += [length.to_bytes(4, "little"), bytes(length)]
        client.send(CALL, TO_US | {SIGNATURE: "ayayay"}, body=parts)
        client.ping()
        self.client.get_token()
        self.ask()
        self.assertLess(self.memory("VmHWM") - memory, 4096)

    def test_forged_answers(self):
        """To what the daemon asks the bus: who the next caller is."""
        sandbox = self.world.new_sandbox(filtering=False)
        owner = self.client.owner_of(TOKENS)
        forger = self.odd_one(sandbox.bare_address)
        for _ in range(20):
            caller = Client(sandbox.bare_address)
            pending = caller.begin_get_token()
            for serial in range(200):
                forger.send(RETURN, {REPLY_SERIAL: serial + 1, DESTINATION: owner, MEMBER: "X"})
            forger.ping()
            with self.assertRaises(BusError) as caught:
                pending.result()
            self.assertEqual(caught.exception.name, "AccessDenied")
            caller.close()
        self.assertEqual(self.client.get_token(), self.account.get_token())


if __name__ == "__main__":
    main()
