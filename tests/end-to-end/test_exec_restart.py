#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl exec --restart: the program is ended and started again when the token was renewed, and otherwise is
as if it had no parent."""

import os
import signal
import subprocess
import unittest

from lending import HEAR, WAIT, ExecTest
from rig import TOKENS, await_until, main
from rig.clock import Clock
from rig.process import Process, children
from rig.waiting import eventually

GRACE = 10  # seconds
PAUSE = 11  # seconds between two refreshes
OTHER_UID = 61178

# Says the number of every signal, one by one, until USR1.
BEGIN = """
import os, signal
read, write = os.pipe2(os.O_NONBLOCK)
os.set_blocking(read, True)
signal.set_wakeup_fd(write)
for number in signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2:
    signal.signal(number, lambda *_: None)
print("ready", flush=True)
"""
STOP_PARENT_AND_SEND = """
os.kill(os.getppid(), signal.SIGSTOP)
os.killpg(0, signal.SIGTERM)
"""
COUNT = """
heard = None
while heard != signal.SIGUSR1:
    heard = os.read(read, 1)[0]
    print("heard", heard, flush=True)
"""


def child_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        return int(file.read())


class RestartTest(ExecTest):
    def launch(self, *options, **keywords):
        return super().launch("--restart", *options, **keywords)

    def end(self, process):
        """Returns what was said on standard error."""
        process.terminate()
        self.assertEqual(process.await_end(), -signal.SIGTERM)
        return process.stderr.read()

    def await_gone(self, pid):
        """Of one that is a child of ours since its parent is gone; returns how it ended."""
        eventually(lambda: pid in children(), "an orphan")
        return os.waitpid(pid, 0)[1]


class Renewed(RestartTest):
    CLOCK = True

    def test_it_is_started_again_with_the_new_token(self):
        process = self.launch()
        for _ in range(3):
            self.assert_says(process, self.token())
            self.clock.pass_by(PAUSE)
            self.account.refresh()
        self.assert_says(process, self.token())
        said = self.end(process)
        self.assertEqual(said, 3 * 'The token was renewed, so "/usr/bin/python3" is started again.\n')

    def test_not_if_something_else_changes(self):
        process = self.launch()
        self.assert_says(process, self.token())
        self.account.call("SetLabel", "(s)", "another")
        self.lock_keyring()
        self.keyring.unlock()
        self.sign_in(app=self.sim.application())
        self.account.refresh()
        self.assert_says(process, self.token())
        self.assertEqual(self.end(process).count("started again"), 1)

    def test_nor_if_another_account_is_renewed_or_becomes_the_default(self):
        other = self.sign_in(app=self.sim.application())
        process = self.launch()
        self.assert_says(process, self.token())
        self.client.manager("SetDefaultAccount", "(o)", other.path)
        other.refresh()
        self.account.refresh()
        self.assert_says(process, self.token())
        self.assertEqual(self.end(process).count("started again"), 1)

    def test_it_may_end_as_it_likes(self):
        """Its status after SIGTERM is not ours."""
        process = self.launch(program=HEAR, arguments=("SIGTERM", "7"))
        self.assert_says(process, self.token())
        self.account.refresh()
        self.assert_says(process, f"SIGTERM from {process.pid}", self.token())
        process.terminate()
        self.assert_says(process, f"SIGTERM from {process.pid}")
        self.assertEqual(process.await_end(), 7)

    def test_one_that_is_stopped(self):
        process = self.launch(program=HEAR, arguments=("SIGTERM", "7"))
        self.assert_says(process, self.token())
        os.kill(child_of(process), signal.SIGSTOP)
        self.account.refresh()
        self.assert_says(process, f"SIGTERM from {process.pid}", self.token())
        process.terminate()
        self.assertEqual(process.await_end(), 7)

    def test_who_is_told_to_end_meanwhile_is_not_started_again(self):
        process = self.launch(program=HEAR, arguments=("SIGINT", "5"))
        self.assert_says(process, self.token())
        self.account.refresh()
        self.assert_says(process, f"SIGTERM from {process.pid}", f"SIGCONT from {process.pid}")
        process.send_signal(signal.SIGINT)
        self.assert_says(process, f"SIGINT from {process.pid}")
        self.assertEqual((process.await_end(), process.stdout.read(), process.stderr.read()), (5, "", ""))

    def test_who_was_told_to_end_before_is_not_started_again(self):
        """It takes its time, in which the token is renewed."""
        process = self.launch(program=HEAR, arguments=("SIGUSR2", "6"))
        self.assert_says(process, self.token())
        process.terminate()
        self.assert_says(process, f"SIGTERM from {process.pid}")
        self.account.refresh()
        for _ in range(20):  # in which the process that stays would look, and end the program
            self.client.ping()
            process.send_signal(signal.SIGUSR1)
            self.assert_says(process, f"SIGUSR1 from {process.pid}")
        process.send_signal(signal.SIGUSR2)
        self.assert_says(process, f"SIGUSR2 from {process.pid}")
        self.assertEqual((process.await_end(), process.stdout.read(), process.stderr.read()), (6, "", ""))


class Deaf(RestartTest):
    def test_it_is_killed_after_the_grace(self):
        """The program is linked statically, and so has the clocks of the machine."""
        clock = Clock(self.world)
        self.addCleanup(clock.close)
        process = self.world.launch_ctl(
            "exec", "--env", "TOKEN", "--restart", "--", "/bin/busybox", "sh", "-c",
            'trap "echo deaf" TERM; echo "$TOKEN"; while :; do read -r line; done', stdin=subprocess.PIPE,
            **clock.environment())
        self.assert_says(process, self.token())
        self.account.refresh()
        with clock.flying(GRACE):
            self.assert_says(process, "deaf", self.token())
        pid = child_of(process)
        process.kill()
        os.kill(pid, signal.SIGKILL)
        self.await_gone(pid)
        self.assertIn('"/bin/busybox" did not end within 10 seconds, and is killed.', process.stderr.read())


class AnotherUsers(RestartTest):
    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_it_goes_on_with_what_it_has(self):
        """As one under sudo, to which a user may send no signal. Here it is root who may not."""
        process = Process(
            ["setpriv", "--bounding-set=-kill", self.world.binary("client/yadiskctl"), "exec", "--env", "TOKEN",
             "--restart", "--", "setpriv", f"--reuid={OTHER_UID}", "/usr/bin/python3", "-I", "-c", WAIT],
            env=self.world.environment_with({}), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.close)
        self.assert_says(process, self.token())
        self.account.refresh()
        self.assertIn('"setpriv" runs as another user', process.stderr.readline())
        self.account.call("SetLabel", "(s)", "another")
        os.kill(child_of(process), signal.SIGTERM)
        self.assertEqual(process.await_end(), -signal.SIGTERM)
        self.assertEqual((process.stdout.read(), process.stderr.read()), ("", ""))


class DaemonComesAndGoes(RestartTest):
    def test_it_goes_on_without_the_daemon(self):
        process = self.launch()
        self.assert_says(process, self.token())
        pid = child_of(process)
        self.daemon.kill()
        self.client.await_no_owner(TOKENS)
        self.world.start_daemon()
        self.account.get_token()
        self.assertEqual(child_of(process), pid)
        self.account.refresh()
        self.assert_says(process, self.token())
        self.assertEqual(self.end(process).count("started again"), 1)

    def test_it_does_not_start_the_daemon(self):
        process = self.launch()
        self.assert_says(process, self.token())
        self.world.let_the_bus_start_the_daemon()
        self.daemon.stop()
        self.end(process)
        self.assertEqual(self.client.owner_of(TOKENS), "")

    def test_the_new_token_cannot_be_had_yet(self):
        """The daemon is another one, which knows of the token only when the keyring is open."""
        process = self.launch()
        self.assert_says(process, old := self.token())
        process.send_signal(signal.SIGSTOP)
        self.account.refresh()
        self.daemon.kill()
        self.keyring.lock()
        self.world.start_daemon()
        monitor = self.world.new_monitor()
        process.send_signal(signal.SIGCONT)
        await_until(lambda: monitor.select(error=TOKENS + ".Error.KeyringLocked"), "the keyring in the way")
        self.assertNotEqual(old, self.token())
        self.keyring.unlock()
        self.assert_says(process, self.token())
        self.end(process)

    def test_the_bus_goes(self):
        process = self.launch(program=HEAR, arguments=("SIGUSR2", "3"))
        self.assert_says(process, self.token())
        self.daemon.stop()
        self.world.end_bus()
        self.assertRegex(process.stderr.readline(), "session bus has gone; the program goes on")
        process.send_signal(signal.SIGUSR2)
        self.assert_says(process, f"SIGUSR2 from {process.pid}")
        self.assertEqual(process.await_end(), 3)


class Ends(RestartTest):
    def test_its_status_is_ours(self):
        for status in (0, 1, 8, 126, 255):
            result = self.exec("--env", "T", "--restart", "--", "sh", "-c", f"exit {status}")
            self.assertEqual((result.status, result.out, result.err), (status, "", ""))

    def test_the_signal_that_ended_it_ends_us(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGABRT, signal.SIGINT, signal.SIGRTMIN):
            result = self.exec("--env", "T", "--restart", "--", "sh", "-c", f"kill -{int(number)} $$")
            self.assertEqual((result.status, result.err), (-number, ""))

    def test_it_does_not_live_on_without_us(self):
        process = self.launch(program=HEAR, arguments=("SIGTERM", "4"))
        self.assert_says(process, self.token())
        pid = child_of(process)
        process.kill()
        self.assert_says(process, f"SIGTERM from {process.pid}")
        self.assertEqual(os.waitstatus_to_exitcode(self.await_gone(pid)), 4)


class Signals(RestartTest):
    def test_they_are_passed_on(self):
        process = self.launch(program=HEAR, arguments=("SIGQUIT", "9"))
        self.assert_says(process, self.token())
        for name in ("SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGWINCH", "SIGTTIN", "SIGCONT",
                     "SIGTTOU", "SIGQUIT"):
            process.send_signal(signal.Signals[name])
            self.assert_says(process, f"{name} from {process.pid}")
        self.assertEqual(process.await_end(), 9)


class AtATerminal(RestartTest):
    def at_terminal(self, program, *arguments):
        return self.world.ctl_at_terminal("exec", "--env", "TOKEN", "--restart", "--", *self.program(program),
                                          *arguments)

    def assert_heard_once(self, terminal, number, *shown):
        """We have been stopped until now, so a second one could not be taken for the first; we pass on the lowest
        number first, but two that come at once are heard in any order."""
        terminal.await_text(f"heard {number}\n")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.process.send_signal(signal.SIGUSR2)
        terminal.await_text("heard 12\n")
        terminal.process.send_signal(signal.SIGUSR1)
        self.assertEqual(terminal.await_end(), 0)
        self.assertEqual(terminal.shown, "".join(shown) + f"heard {number}\nheard 12\nheard 10\n")

    def test_keys_reach_it_once(self):
        terminal = self.at_terminal(BEGIN + COUNT)
        terminal.await_text("ready\n")
        terminal.process.send_signal(signal.SIGSTOP)
        terminal.type("\x03")
        self.assert_heard_once(terminal, 2, "ready\n", "^C")

    def test_what_it_sends_to_its_group_does_not_come_back(self):
        terminal = self.at_terminal(BEGIN + STOP_PARENT_AND_SEND + COUNT)
        self.assert_heard_once(terminal, 15, "ready\n")

    def test_ctrl_c_ends_it_and_us(self):
        terminal = self.at_terminal(WAIT)
        terminal.await_text(self.token())
        terminal.type("\x03")
        self.assertEqual(terminal.await_end(), -signal.SIGINT)

    def test_it_reads_what_is_typed(self):
        terminal = self.at_terminal('print(input("name?"))\n')
        terminal.await_text(r"name\?")
        terminal.type("ivan\n")
        self.assertEqual(terminal.await_end(), 0)
        self.assertIn("ivan\nivan\n", terminal.shown)

    def test_the_window_is_closed(self):
        """We lead the session, so we are told, and nobody else."""
        terminal = self.at_terminal(f"""
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
print("ready", flush=True)
signal.sigwaitinfo([signal.SIGHUP])
open("{self.world.home}/heard", "w").close()""")
        terminal.await_text("ready")
        process = terminal.process
        os.close(terminal._master)  # pylint: disable=protected-access
        terminal._master = -1  # pylint: disable=protected-access
        self.assertEqual(process.await_end(), 0)
        self.assertTrue(os.path.exists(os.path.join(self.world.home, "heard")))


class InAShell(RestartTest):
    """As a job of a shell that controls the terminal."""

    def setUp(self):
        super().setUp()
        self.shell = self.world.run_on_screen("bash", "--norc", "--noprofile", "-i", columns=160, PS1="$ ",
                                              HISTFILE=None)
        self.addCleanup(self.leave)
        ctl = self.world.binary("client/yadiskctl")
        self.shell.type(f"run() {{ {ctl} exec --env TOKEN --restart -- \"$@\"; }}; clear\n")
        self.shell.await_screen(lambda text: text == "$\n", "an empty screen")

    def leave(self):
        self.shell.process.kill()
        self.shell.process.await_end()

    def show(self, pattern, count=1):
        self.shell.await_screen(lambda text: text.count(pattern) >= count, pattern)

    def test_it_is_suspended_and_goes_on(self):
        self.shell.type("run " + " ".join(self.program("""
import os, signal
signal.signal(signal.SIGCONT, lambda *_: os.write(1, b"goes on\\n"))
print(os.environ["TOKEN"], flush=True)
while True:
    signal.pause()
""")) + "\n")
        self.show(self.token())
        self.shell.type("\x1a")
        self.show("Stopped")
        self.shell.type("fg\n")
        self.show("goes on")
        self.shell.type("\x03")
        self.show("KeyboardInterrupt")
        self.shell.type("echo status $?\n")
        self.show("status 130")
        self.assertEqual(self.shell.text().count("goes on"), 1)

    def test_it_is_renewed_while_it_is_suspended(self):
        self.shell.type("run " + " ".join(self.program(WAIT)) + "\n")
        self.show(self.token())
        self.shell.type("\x1a")
        self.show("Stopped")
        self.account.refresh()
        self.shell.type("bg\n")
        self.show(self.token())
        self.shell.type("kill %1; wait %1; echo status $?\n")
        self.show("status 143")

    def test_it_stops_when_it_wants_to_read_in_the_background(self):
        self.shell.type("run cat &\n")
        self.shell.type("wait %1; echo status $?\n")
        self.show("status 149")  # SIGTTIN
        self.shell.type("fg\n")
        self.show("run", 3)
        self.shell.type("typed\n")
        self.show("typed", 2)
        self.shell.type("\x04")
        self.shell.type("echo status $?\n")
        self.show("status 0")


if __name__ == "__main__":
    main()
