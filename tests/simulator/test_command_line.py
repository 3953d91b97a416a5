#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The executable: its options, its one line of JSON, its end."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

from loopback import connection_to
from simulator_client import EXECUTABLE, Simulator

WAIT = 60


class CommandLine(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def start(self, *arguments, **how):
        process = subprocess.Popen(["/usr/bin/python3", EXECUTABLE, *arguments], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        return process

    def ready(self, *arguments):
        process = self.start(*arguments)
        return process, json.loads(process.stdout.readline())

    def run_to_end(self, *arguments):
        return subprocess.run(["/usr/bin/python3", EXECUTABLE, *arguments], text=True,
                              capture_output=True, timeout=WAIT)

    # What it says

    def test_help_names_every_knob_trouble_and_control_call(self):
        sys.path.insert(0, os.path.dirname(EXECUTABLE))
        from simulator.knobs import KNOBS
        from simulator.troubles import KINDS
        text = self.run_to_end("--help").stdout
        for word in [knob.name for knob in KNOBS] + list(KINDS) + ["/wait-pending", "/secrets"]:
            self.assertIn(word, text)

    def test_help_fits_100_columns(self):
        self.assertLessEqual(max(map(len, self.run_to_end("--help").stdout.splitlines())), 100)

    def test_one_line_with_addresses_applications_and_users(self):
        _, line = self.ready()
        self.assertEqual(set(line), {"oauth", "login", "disk", "control", "plain", "ca",
                                     "directory", "applications", "users"})

    def test_addresses_json(self):
        _, line = self.ready("--directory", self.directory)
        with open(os.path.join(self.directory, "addresses.json"), encoding="utf-8") as file:
            addresses = json.load(file)
        self.assertEqual(set(addresses), {"oauth", "login", "disk", "control", "plain", "ca"})
        self.assertEqual(addresses, {name: line[name] for name in addresses})

    def test_line_on_another_descriptor(self):
        reading, writing = os.pipe()
        process = self.start("--ready-fd", str(writing), pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.assertIn("oauth", json.loads(pipe.read()))
        process.terminate()
        self.assertEqual(process.stdout.read(), "")

    # What it takes

    def test_clients_and_users(self):
        _, line = self.ready("--client", "one:secret", "--user", "olga:42", "--client",
                             "two:geheim:login:info,cloud_api:disk.read", "--user", "pavel")
        one, two = line["applications"]
        self.assertEqual((one["client_id"], one["client_secret"]), ("one", "secret"))
        self.assertEqual(two["scopes"], ["login:info", "cloud_api:disk.read"])
        self.assertEqual(line["users"][0], {"login": "olga", "uid": "42"})
        self.assertEqual(line["users"][1]["login"], "pavel")

    def test_default_credentials_differ_each_time(self):
        first, second = (self.ready()[1]["applications"][0] for _ in range(2))
        self.assertNotEqual(first["client_id"], second["client_id"])
        self.assertNotEqual(first["client_secret"], second["client_secret"])

    def test_knobs(self):
        with Simulator(token_life=7, interval=1, refresh_mode="B", trouble="502@/token*3") as sim:
            knobs = sim.knobs()
        self.assertEqual((knobs["token_life"], knobs["interval"]), (7, 1))
        self.assertEqual(knobs["refresh_mode"], "B")
        self.assertEqual(knobs["trouble"], [{"kind": "502", "path": "/token", "count": 3}])

    def test_bad_arguments(self):
        for arguments in (["--knob", "interval"], ["--knob", "interval=x"], ["--knob", "nothing=1"],
                          ["--interval", "x"], ["--bad-certificate", "ugly"], ["--interval", "-1"],
                          ["--port-base", "65532"], ["--knob", "trouble=no-such-kind"]):
            ended = self.run_to_end(*arguments)
            self.assertEqual(ended.returncode, 2, ended.stderr)
            self.assertIn("yandex-simulator: error: ", ended.stderr)

    def test_a_port_that_is_taken(self):
        _, line = self.ready()
        port = line["oauth"].rpartition(":")[2]
        ended = self.run_to_end("--port-base", port)
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertIn("yandex-simulator: ", ended.stderr)
        self.assertNotIn("Traceback", ended.stderr)

    def test_a_directory_that_cannot_be_made(self):
        ended = self.run_to_end("--directory", "/proc/nowhere")
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, r"^yandex-simulator: .*/proc/nowhere.*\n$")

    # How it ends

    def test_ends_cleanly_on_both_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process, _ = self.ready()
            process.send_signal(number)
            self.assertEqual(process.wait(WAIT), 0)
            self.assertEqual(process.stderr.read(), "")

    def test_ends_while_somebody_waits(self):
        for trouble in ({"kind": "slow", "seconds": 3600}, "held"):
            sim = Simulator(trouble=trouble)
            sim.start()
            self.addCleanup(sim.stop)
            connection = connection_to(sim.addresses["oauth"], sim.tls_context())
            self.addCleanup(connection.close)
            connection.request("GET", "/device")
            sim.wait("/device")
            self.assertEqual(sim.stop(), 0)

    def test_the_temporary_directory_goes_with_it(self):
        process, line = self.ready()
        self.assertEqual(stat.S_IMODE(os.stat(line["directory"]).st_mode), 0o700)
        process.terminate()
        process.wait(WAIT)
        self.assertFalse(os.path.exists(line["directory"]))

    def test_a_directory_that_was_named_stays(self):
        process, _ = self.ready("--directory", self.directory)
        process.terminate()
        process.wait(WAIT)
        self.assertIn("ca.pem", os.listdir(self.directory))

    def test_ends_with_its_parent(self):
        """The parent is killed; the pipe of both reaches its end when the simulator ended too."""
        parent = subprocess.Popen(
            ["/usr/bin/python3", "-c", "import subprocess, sys\n"
             "subprocess.run(['/usr/bin/python3'] + sys.argv[1:])",
             EXECUTABLE, "--exit-with-parent"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(parent.stdout.close)
        self.assertIn("oauth", json.loads(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        self.assertEqual(parent.stdout.read(), "")


if __name__ == "__main__":
    unittest.main()
