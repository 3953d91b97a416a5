#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl watch, beside what it watches."""

import json
import os
import re
import signal
import subprocess

from gi.repository import Gio, GLib

from rig import ACCOUNT, TOKENS, EndToEndTest, await_until, main
from rig.process import Process
from test_status import tagged, timeless

TIME = re.compile(r"^\d\d:\d\d:\d\d  ", re.MULTILINE)


class Watching:
    """A yadiskctl watch whose lines are read as they come."""

    def __init__(self, test, *arguments, **environment):
        self._test = test
        self.process = test.world.launch_ctl("watch", *arguments, **environment)

    def line(self):
        line = self.process.stdout.readline()
        self._test.assertRegex(line, TIME)
        return TIME.sub("", line).rstrip("\n")

    def event(self):
        """Of watch --json."""
        return json.loads(self.process.stdout.readline())

    def end(self, number=signal.SIGINT):
        """Returns the exit status and what was said since the last line that was read."""
        self.process.send_signal(number)
        rest = self.process.stdout.read()
        return self.process.await_end(), rest


class WatchTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def watch(self, *arguments, **environment):
        return Watching(self, *arguments, **environment)

    def assert_lines(self, watching, *patterns):
        for pattern in patterns:
            self.assertRegex(watching.line(), rf"\A{pattern}")

    def assert_lines_in_some_order(self, watching, *patterns):
        lines = [watching.line() for _ in patterns]
        for pattern in patterns:
            self.assertEqual(len([line for line in lines if re.match(pattern, line)]), 1, lines)


class Changes(WatchTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_what_is_there_comes_first(self):
        watching = self.watch()
        self.assert_lines(watching, r"ivan \(default\): active; valid until \d{4}-\d\d-\d\d ")
        self.assertEqual(watching.end(), (0, ""))

    def test_ended_by_sigterm(self):
        watching = self.watch()
        watching.line()
        self.assertEqual(watching.end(signal.SIGTERM), (0, ""))

    def test_a_day_in_its_life(self):
        """From a terminal, as a whole."""
        terminal = self.world.ctl_at_terminal("watch", TERM="xterm-256color")
        terminal.await_text(r"valid until [^\n]*\n")
        self.account.refresh()
        terminal.await_text(r"renewed[^\n]*\n")
        self.account.call("SetLabel", "(s)", "home")
        terminal.await_text(r"renamed from[^\n]*\n")
        self.account.await_is("Saved", True)
        self.keyring.lock()
        self.account.client.await_property("KeyringState", "locked")
        terminal.await_text(r"Keyring: [^\n]*\n")
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.await_end(), 0)
        shown = TIME.sub("TIME  ", timeless(re.sub(r"\x1b\[2m([\d:]+)\x1b\[0m", r"\1", terminal.shown)))
        self.assert_screen("watch", tagged(shown))

    def test_not_saved_and_saved(self):
        watching = self.watch()
        watching.line()
        self.renew_unsaved(self.account)
        self.assert_lines(watching, "Keyring: .*locked", "ivan: renewed; valid until", "ivan: not saved yet",
                          "ivan: The keyring is locked")
        self.keyring.unlock()
        self.assert_lines_in_some_order(watching, "Keyring: .*unlocked", "ivan: saved in the keyring$",
                                        "ivan: the trouble is over$")

    def test_a_refresh_that_waits_for_the_keyring(self):
        watching = self.watch()
        watching.line()
        self.lock_keyring()
        self.assert_refused("KeyringLocked", self.account.refresh)
        self.assert_lines(watching, "Keyring: .*locked", "ivan: The keyring is locked")
        self.keyring.unlock()
        self.assert_lines_in_some_order(watching, "Keyring: .*unlocked", "ivan: the trouble is over$",
                                        "ivan: renewed; valid until")

    def test_sign_in_needed(self):
        watching = self.watch()
        watching.line()
        self.sim.kill_tokens()
        self.assert_refused("SignInNeeded", self.account.refresh)
        self.assert_lines(watching, "ivan: sign-in needed", 'ivan: .*run "yadiskctl login"')

    def test_accounts_come_go_and_become_the_default(self):
        watching = self.watch("--json")
        self.assertEqual(watching.event()["event"], "present")
        self.sim.add_user("olga")
        work = self.sign_in(login="olga", app=self.sim.application(), label="work")
        added = watching.event()
        self.assertEqual((added["event"], added["account"]["label"]), ("added", "work"))
        self.client.manager("SetDefaultAccount", "(o)", work.path)
        self.await_event(watching, "default", "work")
        work.sign_out()
        gone = self.await_event(watching, "removed", "work")
        self.assertEqual(gone["account"]["id"], added["account"]["id"])
        self.assertEqual(watching.event()["event"], "default")

    def await_event(self, watching, kind, label):
        """The new account may still be on its way into the keyring, which is told as well."""
        while (event := watching.event())["event"] == "saved":
            pass
        self.assertEqual((event["event"], event["account"]["label"]), (kind, label))
        return event

    def test_the_network(self):
        watching = self.watch("--json")
        watching.event()
        self.sim.trouble("reset-before@/token")
        self.assert_refused("Offline", self.account.refresh)
        told = {event["event"]: event for event in (watching.event(), watching.event())}
        self.assertEqual(set(told), {"network", "trouble"})
        self.assertIs(told["network"]["online"], False)
        self.assertEqual(told["trouble"]["account"]["last_error"]["name"], TOKENS + ".Error.Offline")

    def test_no_token_is_ever_told(self):
        watching = self.watch("--json")
        text = self.watch()
        told, said = watching.process.stdout.readline(), text.process.stdout.readline()
        for _ in range(3):
            self.account.get_token()
            self.world.restart_daemon()
            self.client.find_account().refresh()
        told += watching.end()[1]
        said += text.end()[1]
        self.assertIn("renewed", told)
        self.assertEqual([secret for secret in self.sim.secrets() if secret in told + said], [])


class Daemon(WatchTest):
    """It goes, and comes back or does not."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def test_restarted(self):
        watching = self.watch()
        watching.line()
        self.account.await_is("Saved", True)
        self.daemon.stop()
        self.assert_lines(watching, "yadisk-tokend has ended; waiting")
        self.world.start_daemon()
        self.assert_lines(watching, "yadisk-tokend is back")
        self.client.find_account().refresh()
        self.assert_lines(watching, "ivan: renewed")

    def test_killed_while_it_is_asked(self):
        watching = self.watch("--json")
        watching.event()
        self.account.await_is("Saved", True)
        self.daemon.send(signal.SIGSTOP)
        self.daemon.kill()
        self.assertEqual(watching.event()["event"], "daemon-gone")
        self.world.start_daemon()
        self.assertEqual(watching.event()["event"], "daemon-back")
        self.assertEqual(watching.end(), (0, ""))

    def test_what_changed_meanwhile_is_told(self):
        watching = self.watch()
        watching.line()
        self.account.await_is("Saved", True)
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assert_lines(watching, "yadisk-tokend has ended", "yadisk-tokend is back",
                          "Keyring: locked")
        shown = watching.line()
        self.assertIn("renamed from \"ivan\"", shown)
        self.assert_lines(watching, ".*: locked")

    def test_it_is_not_started_again(self):
        """The bus could, but whoever stopped it meant it."""
        watching = self.watch()
        watching.line()
        self.world.let_the_bus_start_the_daemon()
        self.daemon.stop()
        self.assert_lines(watching, "yadisk-tokend has ended")
        self.client.ping("org.freedesktop.DBus")
        self.assertEqual(self.client.owner_of(TOKENS), "")
        self.assertEqual(watching.end(), (0, ""))
        self.assertEqual(self.client.owner_of(TOKENS), "")

    def test_ctrl_c_while_it_is_silent(self):
        monitor = self.world.new_monitor()
        self.daemon.send(signal.SIGSTOP)
        self.addCleanup(self.daemon.send, signal.SIGCONT)
        watching = self.watch()
        await_until(lambda: monitor.calls(member="GetManagedObjects"), "the first look")
        self.assertEqual(watching.end(), (0, ""))

    def test_the_bus_goes(self):
        watching = self.watch()
        watching.line()
        self.daemon.stop()
        watching.line()
        self.keyring.stop()
        self.world.end_bus()
        self.assertEqual(watching.process.await_end(), 8)
        self.assertRegex(watching.process.stderr.read(), r"\Ayadiskctl: The session bus has gone.*\.\n\Z")


class Start(WatchTest):
    DAEMON = False

    def test_it_is_started_once(self):
        self.world.let_the_bus_start_the_daemon()
        watching = self.watch()
        self.client.await_owner(TOKENS)
        self.assertRegex(watching.process.stderr.readline(), r"\A[A-Z][^\n]*\.\n\Z")
        ended = watching.end()
        self.world.end_started_daemon()
        self.assertEqual(ended, (0, ""))

    def test_no_daemon(self):
        self.assert_ctl_fails(8, "yadisk-tokend is not running", "watch")

    def test_no_bus(self):
        self.assert_ctl_fails(8, "session bus", "watch", outside=True)


class Neighbours(WatchTest):
    """What others on the bus send is not taken for the daemon's."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)
        self.stranger = self.world.new_client()

    def forge(self, to, path, interface, member, signature, *arguments):
        self.stranger.connection.emit_signal(to, path, interface, member,
                                             GLib.Variant(signature, arguments))

    def watcher(self, watching):
        """Its unique name."""
        return next(name for name in self.client.bus("ListNames") if name.startswith(":") and
                    self.client.bus("GetConnectionUnixProcessID", "(s)", name) ==
                    watching.process.pid)

    def test_forged_signals(self):
        watching = self.watch()
        watching.line()
        to = self.watcher(watching)
        for destination in (to, None):
            self.forge(destination, self.account.path, "org.freedesktop.DBus.Properties",
                       "PropertiesChanged", "(sa{sv}as)", ACCOUNT,
                       {"State": GLib.Variant("s", "sign-in-needed")}, [])
            self.forge(destination, "/io/github/yadiskctl/Tokens1",
                       "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "(oas)",
                       self.account.path, [ACCOUNT])
            self.forge(destination, "/org/freedesktop/DBus", "org.freedesktop.DBus",
                       "NameOwnerChanged", "(sss)", TOKENS, self.daemon.name(), "")
        self.stranger.ping("org.freedesktop.DBus")
        self.account.call("SetLabel", "(s)", "home")
        self.assert_lines(watching, 'home: renamed from "ivan"')
        self.assertEqual(watching.end(), (0, ""))


class Streams(WatchTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()

    def launch(self, stdout):
        return Process([self.world.binary("client/yadiskctl"), "watch"], stdout=stdout,
                       stderr=subprocess.PIPE, env=self.world.environment, cwd=self.world.home)

    def test_a_reader_that_goes_ends_it_at_once(self):
        reading, writing = os.pipe()
        child = self.launch(writing)
        os.close(writing)
        self.assertIn(b"ivan", os.read(reading, 4096))
        os.close(reading)
        self.assertEqual(child.await_end(), 0)
        self.assertEqual(child.stderr.read(), b"")
        child.close()

    def test_a_reader_that_was_never_there(self):
        reading, writing = os.pipe()
        os.close(reading)
        child = self.launch(writing)
        os.close(writing)
        self.assertIn(child.await_end(), (0, -signal.SIGPIPE))
        self.assertEqual(child.stderr.read(), b"")
        child.close()

    def test_into_a_file(self):
        path = os.path.join(self.world.home, "changes")
        with open(path, "wb") as file:
            monitor = Gio.File.new_for_path(path).monitor_file(Gio.FileMonitorFlags.NONE, None)
            self.addCleanup(monitor.cancel)
            child = self.launch(file)
        self.await_written(path, "ivan (default): active")
        self.account.call("SetLabel", "(s)", "home")
        self.await_written(path, "renamed from")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.await_end(), 0)
        child.close()

    def await_written(self, path, text):
        def is_there():
            with open(path, encoding="utf-8") as file:
                return text in file.read()
        await_until(is_there, text)

    def test_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            child = self.launch(full)
        self.assertEqual(child.await_end(), 1)
        self.assertIn(b"No space left", child.stderr.read())
        child.close()


if __name__ == "__main__":
    main()
