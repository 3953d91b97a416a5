#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who is one of the user's own programs, and who is not, as nobody can tell."""

import os
import resource
import sys
import unittest

from ask import AskTest
from rig.case import main
from rig.namespaces import can_unshare, needs_user_namespace, run_with_own_pids

NOBODY = 65534
TICK = 10_000  # microseconds, to which the kernel tells when a process started


class Host(AskTest):
    def test_a_program_of_the_user_is_host(self):
        who = self.ask(self.start())
        self.assertTrue(who.host)
        self.assertIsNone(who.app)
        self.assertEqual(who.executable, os.path.realpath("/usr/bin/python3"))

    def test_also_without_a_pidfd(self):
        self.assertTrue(self.ask(self.start(), pidfd=False).host)

    def test_also_with_a_name_that_is_odd(self):
        """The name of a process stands before the time when it started."""
        self.assertTrue(self.ask(self.start(name=") R 1 2 ("), pidfd=False).host)

    @unittest.skipUnless(can_unshare("--mount"), "needs a mount namespace")
    def test_a_mount_namespace_of_its_own_is_no_sandbox(self):
        self.assertTrue(self.ask(self.start("unshare", "--mount")).host)

    def test_one_that_has_exited_is_not(self):
        for pidfd in (True, False):
            caller = self.start()
            self.assertTrue(self.ask(caller, pidfd=pidfd).host)
            caller.process.kill()
            caller.process.wait()
            self.assert_unknown(self.ask(caller, pidfd=pidfd and caller.process.pidfd))

    def test_one_that_has_exited_and_is_still_to_be_waited_for_is_not(self):
        for pidfd in (True, False):
            caller = self.start()
            caller.process.kill()
            os.waitid(os.P_PIDFD, caller.process.pidfd, os.WEXITED | os.WNOWAIT)
            self.assertFalse(self.ask(caller, pidfd=pidfd).host)

    def test_a_pidfd_of_another_process_is_not(self):
        self.assert_unknown(self.ask(self.start(), pidfd=self.start().process.pidfd))

    def test_a_descriptor_that_is_no_pidfd_is_not(self):
        with open("/proc/self/stat", encoding="ascii") as file:
            self.assert_unknown(self.ask(self.start(), pidfd=file.fileno()))

    def test_a_pid_that_the_bus_does_not_know_is_not(self):
        for pid in (0, -1):
            self.assertFalse(self.ask(pid, pidfd=False).host)

    def test_one_that_has_started_since_the_first_call_is_not(self):
        self.assert_unknown(self.ask(self.start(), pidfd=False, heard=self.before - TICK))

    def test_one_without_a_connection_to_the_bus_is_not(self):
        self.assert_unknown(self.ask(self.start(connection=None), pidfd=False))

    def test_nor_one_with_a_connection_to_something_else(self):
        self.assert_unknown(self.ask(self.start(connection=self.listen("other")), pidfd=False))

    def test_among_many_sockets_the_connection_is_found(self):
        self.assertTrue(self.ask(self.start(sockets=100), pidfd=False).host)

    def test_one_with_thousands_of_files_is_not_shut_out(self):
        """Which it has opened before it connected."""
        program = "import os, sys\nfor _ in range(8000): os.dup(2)\nos.execvp(sys.argv[1], sys.argv[1:])"
        program = program.replace("os.dup(2)", "os.set_inheritable(os.dup(2), True)")
        limit = ["prlimit", "--nofile=10000:"] if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 10000 else []
        self.assertTrue(self.ask(self.start(*limit, sys.executable, "-c", program), pidfd=False).host)

    @unittest.skipUnless(can_unshare("--net"), "needs a network of its own")
    def test_in_another_network_its_connections_are_not_looked_for(self):
        """Such as that of a VPN: the kernel does not tell of sockets there."""
        self.assertTrue(self.ask(self.start("unshare", "--net", connection=None), pidfd=False).host)

    def test_another_user_is_not(self):
        self.assertFalse(self.ask(self.start(), uid=os.getuid() + 1).host)


class OrdinaryUser(AskTest):
    """The daemon of an ordinary user, who may not see everything, as root may."""

    def setUp(self):
        if os.getuid() != 0:
            self.skipTest("needs root, to become somebody else")
        super().setUp()
        self.become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")

    def ask_as_user(self, caller, uid=NOBODY, **keywords):
        return self.ask(caller, *self.become, uid=uid, **keywords)

    def test_a_program_of_the_same_user_is_host(self):
        for pidfd in (True, False):
            self.assertTrue(self.ask_as_user(self.start(*self.become), pidfd=pidfd).host)

    def test_one_that_does_not_let_itself_be_looked_at_is_not(self):
        for pidfd in (True, False):
            who = self.ask_as_user(self.start(*self.become, undumpable=True), pidfd=pidfd)
            self.assertFalse(who.host)
            self.assertIsNone(who.app)

    def test_nor_one_that_nobody_may_read(self):
        """A set-user-ID program, which is another's while it runs."""
        who = self.ask_as_user(self.start())
        self.assertFalse(who.host)

    def test_root_is_host(self):
        self.assertTrue(self.ask_as_user(self.start(), uid=0).host)

    @needs_user_namespace
    def test_also_in_a_sandbox_or_gone(self):
        self.assertTrue(self.ask_as_user(self.start("unshare", "--user"), uid=0).host)
        self.assertTrue(self.ask_as_user(0, uid=0, pidfd=False).host)


class Reused(AskTest):
    """In a PID namespace of its own, where the next number can be chosen, and a network namespace of its own, of which
    nobody else counts the sockets."""

    def start_again(self, pid, **keywords):
        """A process with that number, which is free."""
        with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
            file.write(str(pid - 1))
        caller = self.start(**keywords)
        self.assertEqual(caller.pid, pid)
        return caller

    def end_first(self):
        """Returns the process that made the first call, before it is gone."""
        first = self.start()
        first.process.kill()
        os.waitid(os.P_PIDFD, first.process.pidfd, os.WEXITED | os.WNOWAIT)
        first.process.wait()
        return first

    def test_with_a_pidfd_the_other_is_not_host(self):
        first = self.end_first()
        second = self.start_again(first.pid)
        self.assert_unknown(self.ask(second, pidfd=first.process.pidfd))
        self.assertTrue(self.ask(second, pidfd=second.process.pidfd).host)

    def test_without_a_pidfd_nor_is_one_that_started_later(self):
        first = self.end_first()
        heard = self.now() - TICK
        second = self.start_again(first.pid)
        self.assert_unknown(self.ask(second, pidfd=False, heard=heard))

    def test_without_a_pidfd_nor_is_one_without_a_connection(self):
        second = self.start_again(self.end_first().pid, connection=None)
        self.assert_unknown(self.ask(second, pidfd=False))

    def test_a_flood_of_sockets_shuts_nobody_out(self):
        """The kernel takes its time to tell one from another: then any socket will do."""
        for _ in range(4):
            self.start(connection=None, sockets=15000)
        self.assertTrue(self.ask(self.start(sockets=5), pidfd=False).host)
        self.assertFalse(self.ask(self.start(connection=None), pidfd=False).host)


class ReusedInside(unittest.TestCase):
    def test_reused_pids(self):
        run_with_own_pids(self, "Reused", "--net")


def load_tests(loader, _tests, _pattern):
    """Those that run here."""
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (Host, OrdinaryUser, ReusedInside)))


if __name__ == "__main__":
    main()
