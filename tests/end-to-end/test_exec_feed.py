#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl exec --rclone beside a token endpoint, as it is installed: rclone gets a feed that lasts as long as the
program, and its tokens through any renewal."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request

from lending import LOOK
from rig import Simulator
from rig.inside import main_inside
from rig.process import Process
from rig.tunnel import Tunnel
from rig.user_session import UserSession
from rig.waiting import eventually

# Tells what it sees, and goes on until its standard input ends or a signal ends it.
HOLD = LOOK + """
print(flush=True)
sys.stdin.read()
"""


class ExecFeed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.session = UserSession()
        cls.addClassCleanup(cls.session.close)
        cls.session.configure_for(cls.sim)
        cls.session.drop_in()
        cls.tunnel = Tunnel(cls.sim.addresses["disk"])
        cls.addClassCleanup(cls.tunnel.end)
        cls.session.environment |= {"RCLONE_NO_CHECK_CERTIFICATE": "true", **cls.tunnel.environment}

    def setUp(self):
        """Each test has an account of its own, which it may renew at once."""
        self.addCleanup(self.tell)
        self.app = self.sim.application()
        request = self.session.client.sign_in(client_id=self.app["client_id"],
                                              client_secret=self.app["client_secret"])
        self.sim.allow(request.prompt()["user_code"])
        self.account = request.await_account()
        done = self.session.run("yadiskctl", "feed", "add", "rclone", self.account.id)
        self.assertEqual(done.returncode, 0, done)
        self.sim.forget_requests()

    def tell(self):
        if any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)

    def command(self, *arguments):
        return "yadiskctl", "exec", "--account", self.account.id, "--rclone", "disk", *arguments

    def start(self, *arguments):
        process = Process(self.command(*arguments), env=self.session.environment, cwd=self.session.home,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.end)
        return process

    def hold(self, *options):
        """A program that goes on, and what it saw."""
        program = self.session.write("program.py", HOLD)
        process = self.start(*options, "--", "/usr/bin/python3", "-I", program)
        return process, json.loads(process.stdout.readline())

    def end(self, process):
        process.stdin.close()
        self.assertEqual((process.await_end(), process.stderr.read()), (0, ""))

    def ask(self, seen):
        """As rclone does; returns the status and the access token."""
        token = json.loads(seen["environment"]["RCLONE_CONFIG_DISK_TOKEN"])
        self.assertEqual((token["access_token"], token["token_type"]), ("-", "OAuth"))
        form = urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": token["refresh_token"]})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(seen["environment"]["RCLONE_CONFIG_DISK_TOKEN_URL"], form.encode()) as answer:
                return answer.status, json.load(answer)["access_token"]
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def live(self):
        return self.sim.grants(client_id=self.app["client_id"], alive=True)[-1]["access_token"]

    def feeds(self):
        return json.loads(self.session.run("yadiskctl", "--json", "feed", "list").stdout)["feeds"]

    def test_rclone_goes_on_through_a_renewal(self):
        before = self.live()
        done = self.session.run(*self.command("--", "sh", "-c", "rclone lsd disk: && yadiskctl token --force "
                                              f"{self.account.id} >token && rclone lsd disk:"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        shown = [request["headers"]["authorization"] for request in self.sim.requests(host="disk")]
        self.assertNotEqual(before, self.live())
        self.assertEqual(list(dict.fromkeys(shown)), [f"OAuth {before}", f"OAuth {self.live()}"])
        self.assertFalse(os.path.exists(os.path.join(self.session.home, ".config/rclone")))

    def test_it_lasts_as_long_as_the_program(self):
        process, seen = self.hold()
        self.assertEqual(self.ask(seen), (200, self.live()))
        self.assertEqual([(feed["program"], feed["remote"], feed["account"]) for feed in self.feeds()
                          if feed["temporary"]], [("rclone", "disk", self.account.id)])
        self.end(process)
        self.assertEqual(self.ask(seen), (400, None))
        self.assertEqual([feed for feed in self.feeds() if feed["temporary"]], [])

    def test_it_is_not_made_while_the_endpoint_may_be_stopped(self):
        """As it is by "feed remove" of the last feed."""
        runtime = os.open(self.session.environment["XDG_RUNTIME_DIR"], os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(runtime, fcntl.LOCK_EX)
        process = self.start("--", "true")
        eventually(lambda: process.poll() is not None or self.waits_for_lock(process.pid), "it to wait or to end")
        self.assertIsNone(process.poll())
        self.assertEqual([feed for feed in self.feeds() if feed["temporary"]], [])
        os.close(runtime)
        self.end(process)

    def waits_for_lock(self, pid):
        with open("/proc/locks", encoding="ascii") as file:
            return any(re.search(rf"-> FLOCK .* {pid} ", line) for line in file)

    def test_also_if_the_program_is_killed(self):
        process, seen = self.hold()
        process.send_signal(signal.SIGKILL)
        process.await_end()
        self.assertEqual(self.ask(seen), (400, None))

    def test_the_program_has_one_descriptor_more(self):
        for options in (), ("--restart",):
            process, seen = self.hold(*options)
            self.assertEqual(len(seen["descriptors"]), 4, seen["descriptors"])
            self.assertEqual((seen["environment"]["RCLONE_CONFIG"], process.poll()), ("", None))
            self.end(process)

    def test_it_is_the_same_feed_after_a_restart(self):
        """rclone names its cache, and what waits there to be uploaded, after it."""
        process, seen = self.hold("--restart")
        self.assertEqual(self.session.run("yadiskctl", "token", "--force", self.account.id).returncode, 0)
        again = json.loads(process.stdout.readline())
        self.assertNotEqual(again["pid"], seen["pid"])
        self.assertEqual(again["environment"], seen["environment"])
        self.assertEqual(self.ask(again), (200, self.live()))


if __name__ == "__main__":
    main_inside(__file__, programs=("rclone",))
