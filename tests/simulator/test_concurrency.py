#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many clients at once: nobody is turned away, and no two get the same."""

import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from rig import SimulatorTest

CLIENTS = 200


class Concurrency(SimulatorTest):
    def together(self, call):
        """Runs call(number) on all clients, which start at the same moment."""
        barrier = threading.Barrier(CLIENTS)

        def run(number):
            barrier.wait()
            return call(number)
        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(run, range(CLIENTS)))

    def test_200_device_codes_all_different(self):
        answers = self.together(lambda number: self.ask_device_code().json)
        self.assertEqual(len({answer["device_code"] for answer in answers}), CLIENTS)
        self.assertEqual(len({answer["user_code"] for answer in answers}), CLIENTS)

    def test_200_requests_in_the_journal(self):
        self.together(lambda number: self.probe("y0_wrong"))
        numbers = [entry["number"] for entry in self.sim.requests(host="disk")]
        self.assertEqual(len(set(numbers)), CLIENTS)

    def test_one_refresh_token_is_rotated_once(self):
        token = self.sign_in()["refresh_token"]
        statuses = self.together(lambda number: self.refresh(token).status)
        self.assertEqual(sorted(statuses), [200] + [400] * (CLIENTS - 1))

    def test_one_code_is_exchanged_once(self):
        code = self.ask_device_code().json
        self.sim.allow(code["user_code"])
        statuses = self.together(lambda number: self.poll(code["device_code"]).status)
        self.assertEqual(sorted(statuses), [200] + [400] * (CLIENTS - 1))

    def test_200_connections_open_at_once(self):
        connections = [self.open_connection() for _ in range(CLIENTS)]
        for connection in connections:
            self.addCleanup(connection.close)
            connection.connect()
        for connection in connections:
            connection.request("GET", "/device")
        self.assertEqual({connection.getresponse().status for connection in connections}, {200})


if __name__ == "__main__":
    unittest.main()
