# SPDX-License-Identifier: MIT
"""Programs for "yadiskctl exec" to run, which tell what they see."""

import json

from rig import EndToEndTest

# What it was given, and what it was started with.
LOOK = r"""
import json, os, signal, sys
def target(fd):
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except FileNotFoundError:  # that of the listing
        return None
json.dump({"arguments": [os.fsencode(a).decode("latin-1") for a in sys.argv[1:]], "environment": dict(os.environ),
           "descriptors": [int(fd) for fd in os.listdir("/proc/self/fd") if target(fd)],
           "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "pid": os.getpid(),
           "group": os.getpgrp(), "ignored": [n for n in range(1, 32) if signal.getsignal(n) == signal.SIG_IGN],
           }, sys.stdout)
"""

# Says the token, then each signal that reaches it, with where it came from. USR2 ends it with that status.
HEAR = r"""
import os, signal, sys
told = [s for s in signal.valid_signals() if s not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGCHLD)]
signal.pthread_sigmask(signal.SIG_BLOCK, told)
print(os.environ["TOKEN"], flush=True)
while True:
    info = signal.sigwaitinfo(told)
    name = signal.Signals(info.si_signo).name
    print(name, "from", info.si_pid if info.si_code <= 0 else "the kernel", flush=True)
    if name in sys.argv[1:]:
        sys.exit(int(sys.argv[-1]))
"""

# Says the token, and ends as other programs do.
WAIT = r"""
import os, signal
print(os.environ["TOKEN"], flush=True)
while True:
    signal.pause()
"""


class ExecTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}  # the token before is dead at once

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def program(self, text):
        return ("/usr/bin/python3", "-I", self.world.write("program.py", text))

    def exec(self, *arguments, **environment):
        return self.ctl("exec", *arguments, **environment)

    def look(self, *options, **environment):
        """What a program sees that was given the token in this way."""
        result = self.exec(*options, "--", *self.program(LOOK), **environment)
        self.assertEqual(result.status, 0, result)
        return json.loads(result.out)

    def launch(self, *options, program=WAIT, arguments=(), **environment):
        """A program that was given the token as TOKEN, and goes on."""
        return self.world.launch_ctl("exec", "--env", "TOKEN", *options, "--", *self.program(program),
                                     *arguments, **environment)

    def token(self):
        """The only one that is alive."""
        return self.live_grant()["access_token"]

    def assert_says(self, process, *lines):
        for line in lines:
            self.assertEqual(process.stdout.readline(), line + "\n")
