#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who has asked for tokens, as yadiskctl status --callers tells a person and a program."""

import os

import schemas
from rig import EndToEndTest, main
from rig.bus import TOKENS, Client

APP = "xdg-dbus-proxy"  # what a proxy outside of every sandbox counts as, such as that of the rig


class CallersTest(EndToEndTest):
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in(label="home")

    def new_sandboxed(self):
        program = Client(self.world.new_sandbox(f"--talk={TOKENS}").bare_address)
        self.addCleanup(program.close)
        return program

    def callers(self, *account):
        result = self.ctl("--json", "status", "--callers", *account)
        self.assertEqual((result.status, result.err), (0, ""), result)
        self.assertEqual([e.message for e in schemas.validator("status").iter_errors(result.json)], [])
        return result.json["callers"]

    def table(self):
        screen = self.world.ctl_on_screen("status", "--callers", columns=120)
        self.assertEqual(screen.await_end(), 0, screen.shown)
        return [line.split() for line in screen.text().splitlines()]


class Callers(CallersTest):
    def test_none_at_first(self):
        result = self.ctl("status", "--callers")
        self.assertEqual((result.status, result.out), (0, ""), result)
        self.assertIn("No program has asked", result.err)
        self.assertEqual(self.callers(), [])

    def test_a_program_of_the_user(self):
        for _ in range(3):
            self.client.get_token()
        caller, = self.callers()
        self.assertEqual((caller["pid"], caller["host"], caller["app"]), (os.getpid(), True, None))
        self.assertEqual((caller["account"], caller["label"]), (self.account.id, "home"))
        self.assertEqual((caller["generation"], caller["tokens"]), (1, 3))
        self.assertLessEqual(caller["first_at"], caller["last_at"])

    def test_one_in_a_sandbox(self):
        self.ctl("allow", APP)
        self.new_sandboxed().get_token()
        caller, = self.callers()
        self.assertEqual((caller["host"], caller["app"], caller["tokens"]), (False, APP, 1))

    def test_one_that_was_denied(self):
        """By the name that it can be allowed by, once, however often it comes."""
        for _ in range(40):
            self.assert_refused("AccessDenied", self.new_sandboxed().get_token)
        self.assert_refused("AccessDenied", self.new_sandboxed().get_token, "nobody")
        caller, = self.callers()
        self.assertEqual((caller["app"], caller["label"], caller["tokens"]), (APP, "home", 0))
        self.assertIsNone(caller["generation"])

    def test_the_latest_first_and_32_at_most(self):
        for _ in range(33):
            self.world.new_client().get_token()
            self.clock.pass_by(2)
        self.ctl("token")
        callers = self.callers()
        times = [caller["last_at"] for caller in callers]
        self.assertEqual((len(callers), times), (32, sorted(times, reverse=True)))

    def test_more_than_that_take_turns(self):
        """Each is in the journal once, however often it asks, and is counted on when it comes again."""
        programs = [self.world.new_client() for _ in range(40)]
        for _ in range(3):
            for program in programs:
                program.get_token()
        callers = self.callers()
        self.assertEqual((len(callers), {caller["tokens"] for caller in callers}), (32, {3}))
        self.assertEqual(self.world.daemon.log().count("A program asked for a token"), 40)

    def test_of_one_account(self):
        self.sim.add_user("olga")
        self.sign_in(login="olga", label="work")
        self.client.get_token("home")
        self.client.get_token("work")
        self.assertEqual(sorted(caller["label"] for caller in self.callers()), ["home", "work"])
        self.assertEqual([caller["label"] for caller in self.callers("work")], ["work"])

    def test_the_account_has_gone(self):
        self.client.get_token()
        self.account.sign_out()
        caller, = self.callers()
        self.assertEqual((caller["account"], caller["label"], caller["tokens"]), (None, None, 1))

    def test_forgotten_with_the_daemon(self):
        self.client.get_token()
        self.world.restart_daemon()
        self.assertEqual(self.callers(), [])


class Shown(CallersTest):
    def test_to_a_person(self):
        self.client.get_token()
        self.assert_refused("AccessDenied", self.new_sandboxed().get_token)
        head, *rows = self.table()
        self.assertEqual(head, ["When", "Program", "Process", "Sandbox", "Account", "Tokens"])
        self.assertEqual(sorted(row[-3:] for row in rows), [["no", "home", "1"], ["yes", "home", "0"]])
        self.assertEqual([row[-5] for row in rows if row[-3] == "yes"], [APP])

    def test_to_a_program(self):
        self.client.get_token()
        caller, = self.callers()
        fields = self.ctl("status", "--callers").out.split()
        self.assertEqual(fields[0], str(caller["last_at"]))
        self.assertEqual(fields[2:], [str(os.getpid()), "host", self.account.id, "1"])

    def test_the_keyring_is_not_asked_for(self):
        self.client.get_token()
        prompter = self.world.new_prompter()
        self.keyring.lock()
        self.assertEqual(len(self.table()), 2)
        self.assertEqual(prompter.prompts, 0)


if __name__ == "__main__":
    main()
