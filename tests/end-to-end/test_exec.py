#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl exec: it becomes the program, which is given the token and nothing else."""

import json
import os
import signal
import subprocess
import unittest
from datetime import datetime, timezone

from lending import HEAR, ExecTest
from rig import main
from rig.process import read_proc
from rig.tunnel import Tunnel

MODES = ((), ("--restart",))


class Given(ExecTest):
    def test_the_token_in_the_variables_that_were_named(self):
        before = self.look("--env", "TOKEN")["environment"]
        self.assertEqual(before.pop("TOKEN"), self.token())
        named = self.look("--env", "A", "--env=_b2", "--restart")["environment"]
        self.assertEqual((named.pop("A"), named.pop("_b2")), (self.token(), self.token()))
        self.assertEqual(named, before)
        self.assertEqual({**self.world.environment, **before}, before)

    def test_a_variable_that_was_there_is_replaced(self):
        self.assertEqual(self.look("--env", "TOKEN", TOKEN="old")["environment"]["TOKEN"], self.token())

    def test_of_the_account_that_was_named(self):
        app = self.sim.application()
        other = self.sign_in(app=app, label="second")
        self.assertEqual(self.look("--env", "TOKEN", "--account", "second")["environment"]["TOKEN"],
                         other.get_token().value)
        self.assertEqual(self.look("--env", "TOKEN")["environment"]["TOKEN"], self.account.get_token().value)

    def test_the_arguments_as_they_are(self):
        arguments = ("--restart", "--json", "", "-x", "--", "a b", b"\xff$(id)\n")
        for options in ("--env", "TOKEN"), ("--env", "TOKEN", "--"):
            result = self.exec(*options, *self.program("import os, sys\nprint([os.fsencode(a) for a in sys.argv[1:]])"),
                               *arguments)
            self.assertEqual(result.out, f"{[os.fsencode(a) for a in arguments]}\n", result)

    def test_nothing_else(self):
        for mode in MODES:
            with self.subTest(mode):
                seen = self.look("--env", "TOKEN", *mode)
                self.assertEqual(seen["descriptors"], [0, 1, 2])
                self.assertEqual((seen["blocked"], seen["ignored"]), ([], [signal.SIGPIPE, signal.SIGXFSZ]))

    def test_what_its_parent_has_set_up(self):
        """Descriptors, and signals that are ignored or blocked."""
        def set_up():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        for mode in MODES:
            with self.subTest(mode), open("/dev/null", "rb") as null:
                command = [self.world.binary("client/yadiskctl"), "exec", "--env", "TOKEN", *mode, "--",
                           *self.program("""
import os, signal
print(os.path.exists(f"/proc/self/fd/{os.environ['FD']}"), signal.getsignal(signal.SIGHUP) == signal.SIG_IGN,
      *signal.pthread_sigmask(signal.SIG_BLOCK, []))""")]
                done = subprocess.run(command, env=self.world.environment | {"FD": str(null.fileno())}, check=True,
                                      pass_fds=[null.fileno()], preexec_fn=set_up, stdout=subprocess.PIPE)
                self.assertEqual(done.stdout, b"True True %i\n" % signal.SIGUSR1)

    def test_no_argument_list_has_the_token(self):
        for mode in MODES:
            process = self.launch(*mode)
            self.assert_says(process, self.token())
            lists = ["\0".join(read_proc(pid, "cmdline")) for pid in os.listdir("/proc") if pid.isdigit()]
            self.assertEqual([line for line in lists if self.token() in line], [])
            process.end()

    @unittest.skipIf(os.environ.get("YADISK_SANITIZE"), "a sanitizer keeps what was freed")
    def test_the_process_that_stays_does_not_have_the_token(self):
        process = self.launch("--restart")
        self.assert_says(process, self.token())
        for line in read_proc(process.pid, "maps")[0].splitlines():
            area, rights, _, device, *_ = line.split()
            if not rights.startswith("rw") or device != "00:00":
                continue
            start, end = (int(number, 16) for number in area.split("-"))
            with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
                memory.seek(start)
                self.assertNotIn(self.token().encode(), memory.read(end - start), line)


class Becomes(ExecTest):
    def test_without_restart_it_is_the_program(self):
        process = self.launch(program=HEAR, arguments=("SIGTERM", "7"))
        self.assert_says(process, self.token())
        self.assertEqual(read_proc(process.pid, "comm"), ["python3\n"])
        process.send_signal(signal.SIGTERM)
        self.assert_says(process, f"SIGTERM from {os.getpid()}")
        self.assertEqual(process.await_end(), 7)


class Rclone(ExecTest):
    """Without a token endpoint: the remote has the token, as long as that lives."""

    def setUp(self):
        super().setUp()
        self.tunnel = Tunnel(self.sim.addresses["disk"])
        self.addCleanup(self.tunnel.end)

    def rclone(self, *options, command=("rclone", "lsd", "disk:"), **environment):
        return self.exec("--rclone", "disk", *options, "--", *command, RCLONE_NO_CHECK_CERTIFICATE="true",
                         **self.tunnel.environment, **environment)

    def shown(self):
        return {request["headers"]["authorization"] for request in self.sim.requests(host="disk")}

    def test_it_lists_the_disk(self):
        result = self.rclone()
        self.assertEqual((result.status, result.err),
                         (0, 'The remote "disk:" works only until the token is renewed.\n'))
        self.assertEqual(self.shown(), {f"OAuth {self.token()}"})
        self.assertFalse(os.path.exists(os.path.join(self.world.config_home, "rclone")))

    def test_not_after_a_renewal(self):
        self.world.write("late", f"{self.world.binary('client/yadiskctl')} refresh\nrclone lsd disk:\n")
        result = self.rclone(command=("sh", "late"))
        self.assertNotEqual(result.status, 0, result)
        self.assertIn("401", result.err)
        self.assertEqual(self.account.get("State"), "active")

    def test_with_restart_it_need_not_be_said(self):
        result = self.rclone("--restart")
        self.assertEqual((result.status, result.err), (0, ""))

    def test_rclone_conf(self):
        """It is read, with the remotes in it, if it is named; then it would also be written."""
        path = self.world.write("mine.conf", "[secret]\ntype = crypt\nremote = disk:dir\npassword = hOrZ_3s-bsz92y"
                                "haRTJbgmw\n")
        command = ("rclone", "listremotes")
        self.assertEqual(self.rclone(command=command).lines, ["disk:"])
        self.assertEqual(self.rclone(command=command, RCLONE_CONFIG=path).lines, ["disk:", "secret:"])

    def test_its_environment(self):
        seen = self.look("--rclone", "My-disk")["environment"]
        self.assertEqual((seen["RCLONE_CONFIG_MY_DISK_TYPE"], seen["RCLONE_CONFIG"]), ("yandex", ""))
        token = self.account.get_token()
        expiry = datetime.fromtimestamp(token.expires_at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assertEqual(json.loads(seen["RCLONE_CONFIG_MY_DISK_TOKEN"]),
                         {"access_token": token.value, "token_type": "OAuth", "refresh_token": "none", "expiry": expiry})


class Fails(ExecTest):
    def test_there_is_nothing_to_run(self):
        self.world.write("no-program", "x")
        self.world.write("no-interpreter", "#!/nonexistent\n")
        os.chmod(os.path.join(self.world.home, "no-interpreter"), 0o755)
        for mode in MODES:
            for name, status, pattern in (("frobnicate", 127, 'There is no program "frobnicate"'),
                                          ("/nonexistent/x", 127, "correct its name, or PATH"), ("", 127, 'program ""'),
                                          ("./no-interpreter", 127, "interpreter"),
                                          ("./no-program", 126, r'"\./no-program" cannot be run \(Permission denied\)'),
                                          ("/", 126, "cannot be run")):
                with self.subTest(name=name, mode=mode):
                    self.assert_ctl_fails(status, pattern, "exec", "--env", "T", *mode, "--", name)

    def test_usage(self):
        for pattern, *arguments in (
                ("An argument is missing", "--env", "T"), ("An argument is missing", "--env", "T", "--"),
                ("does not know where", "true"), ("does not know where", "--restart", "true"),
                ("leave --json out", "--json", "--env", "T", "true"), ("Unknown option", "--frobnicate", "true"),
                ("A value is missing", "--env"), ("not UTF-8", "--account", b"\xff", "--env", "T", "true"),
                *(("is not a name of a variable", "--env", name, "true") for name in ("", "A=B", "1A", "A-B", "Ä", "A B")),
                *(("cannot be a remote", "--rclone", name, "true") for name in ("", "-a", "a b", "a.b", "Диск", "a:"))):
            with self.subTest(arguments):
                self.assert_ctl_fails(2, pattern, "exec", *arguments)

    def test_nothing_runs_without_a_token(self):
        witness = ("sh", "-c", "echo it ran")
        self.assert_ctl_fails(3, "There is no such account", "exec", "--account", "x", "--env", "T", "--", *witness)
        self.lock_keyring()
        self.world.restart_daemon()
        for mode in MODES:
            self.assert_ctl_fails(5, "keyring", "exec", "--env", "T", *mode, "--", *witness)
        self.daemon.stop()
        self.assert_ctl_fails(8, "yadisk-tokend", "exec", "--env", "T", "--", *witness)


if __name__ == "__main__":
    main()
