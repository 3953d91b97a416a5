#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is said of a keyring that does not serve, on a machine without a display, and that doing it helps."""

import os
import re
import shutil
import signal

from rig import EndToEndTest, main
from rig.keyring import COLLECTION, LOGIN, PASSWORD, SECRETS, SECRETS_PATH, SERVICE, SecretService
from rig.process import children, command_line
from rig.terminal import Terminal
from rig.waiting import eventually

START = "/usr/bin/gnome-keyring-daemon --start --foreground --components=secrets"
KEYRING_LOCKED = 5
SERVER_PAGE = "yadisk-tokend-server(8)"

# All that the commands use, but for systemd-ask-password.
TOOLS = ("gnome-keyring-daemon", "sh", "rm", "stty", "head", "tr", "busctl")


class CureTest(EndToEndTest):
    KEYRING = DAEMON = False
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.keyrings = os.path.join(self.world.environment["XDG_DATA_HOME"], "keyrings")
        self.secrets = SecretService(self.client)
        self.addCleanup(self.end_service)

    def end_service(self):
        """Whoever provides it by now; after the daemon, for which the bus would start it again. One that the bus has
        started while a command replaced it has no name, and ends by itself when the other has."""
        self.daemon.stop()
        if self.client.owner_of(SECRETS):
            self.world.end_started(SECRETS)
        eventually(lambda: not any(command_line(pid).startswith("gnome-keyring-daemon") for pid in children()),
                   "the other keyring to end")

    def let_the_bus_start_it(self):
        self.world.let_the_bus_start(SECRETS, START)

    def name_default(self, name):
        """The file of gnome-keyring that says which one is the default."""
        os.makedirs(self.keyrings, exist_ok=True)
        path = os.path.join(self.keyrings, "default")
        with open(path, "w", encoding="utf-8") as file:
            file.write(name)
        return path

    # What is said

    def check(self, **environment):
        """What doctor says of the keyring. The daemon looks at it once a second at most."""
        result = self.ctl("--json", "doctor", **environment)
        return next(c for c in result.json["checks"] if c["name"] == "keyring")

    def assert_told(self, pattern, **environment):
        """By doctor, and by every verb that needs the keyring, in the same words. Returns the advice."""
        eventually(lambda: re.search(pattern, self.check(**environment)["message"]), pattern)
        check = self.check(**environment)
        self.sim.forget_requests()  # those that doctor had made
        self.assertEqual(check["verdict"], "trouble", check)
        self.assertRegex(check["message"], pattern)
        said = f"{check['message']} {check['advice']}\n"
        with self.flying():
            self.assert_every_verb_says(said, **environment)
        self.assertEqual(self.sim.requests(), [])
        return check["advice"]

    def assert_every_verb_says(self, said, **environment):
        for verb in (["token"], ["refresh"], ["apps"], self.login_arguments(),
                     ["setup", "--client-id", self.client_id, "--client-secret-file", self.secret_file()],
                     ["apps", "add", self.client_id, "--client-secret-file", self.secret_file()]):
            with self.subTest(verb):
                result = self.ctl(*verb, **environment)
                self.assertEqual((result.status, result.out, result.err),
                                 (KEYRING_LOCKED, "", "yadiskctl: " + said))
        self.assertEqual(self.ctl("list", **environment).err, said)
        self.assertEqual(self.ctl("status", **environment).err, "yadiskctl: " + said)

    def assert_nothing_asked(self, pattern, *verb):
        """At a terminal: whoever has no keyring is not asked for what only a keyring can keep."""
        screen = self.world.ctl_on_screen(*verb, columns=80)
        self.assertEqual(screen.await_end(), KEYRING_LOCKED, screen.text())
        self.assertRegex(screen.text().replace("\n", " "), pattern)
        self.assertNotIn("ClientID", screen.text())

    # Doing it

    def follow(self, advice, password, **environment):
        """The command that it names, by a person at a terminal, who types the password and leaves then."""
        command, = re.findall('"(.*)"', advice)
        shell = Terminal(["/bin/sh", "-i"],
                         self.world.environment_with({"PS1": "$ "} | environment), self.world.home)
        self.addCleanup(shell.close)
        shell.await_text(r"\$ \Z")
        shell.type(command + "; echo status $?\n")
        if password:
            # The shell's own line is hidden, too.
            shell.await_text("press TAB" if "ask-password" in command else r"\$\?\n")
            shell.await_hidden()
            shell.type(password + "\n")
        self.assertEqual(shell.await_text(r"status (\d+)")[1], "0", shell.shown)
        shell.type("exit\n")
        self.assertEqual(shell.await_end(), 0, shell.shown)
        self.assertNotIn(PASSWORD, shell.shown)

    def assert_cured(self):
        eventually(lambda: self.check()["verdict"] == "ok", "the cure")
        added = self.ctl("apps", "add", self.client_id, "--client-secret-file", self.secret_file())
        self.assertEqual(added.status, 0, added)
        self.assertFalse(self.secrets.is_locked())


class Fresh(CureTest):
    """gnome-keyring, which nobody has used yet."""

    def setUp(self):
        super().setUp()
        self.let_the_bus_start_it()
        self.world.start_daemon()

    def test_there_is_no_keyring_yet(self):
        advice = self.assert_told("There is no keyring yet")
        self.assertIn(SERVER_PAGE, advice)
        for verb in (["setup"], ["login"], ["apps", "add", self.client_id]):
            self.assert_nothing_asked("There is no keyring yet", *verb)
        self.follow(advice, PASSWORD)
        self.assert_cured()

    def test_without_systemd(self):
        tools = os.path.join(self.world.scratch, "tools")
        os.mkdir(tools)
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(tools, tool))
        advice = self.assert_told("There is no keyring yet", PATH=tools)
        self.assertNotIn("systemd", advice)
        self.follow(advice, PASSWORD, PATH=tools)
        self.assert_cured()


class Stale(CureTest):
    """The default keyring is one whose file is gone."""

    def setUp(self):
        super().setUp()
        self.path = self.name_default("gone")

    def test_there_is_another(self):
        self.let_the_bus_start_it()
        keyring = self.world.start_keyring()
        self.world.start_daemon()
        self.follow(self.assert_told("The default keyring is gone"), None)
        self.assert_cured()
        keyring.close()

    def test_there_is_none(self):
        self.let_the_bus_start_it()
        self.world.start_daemon()
        advice = self.assert_told("The default keyring is gone")
        self.assertIn(self.path, advice)
        self.follow(advice, PASSWORD)
        self.assert_cured()


class InMemory(CureTest):
    """The default keyring is the one that gnome-keyring keeps in memory, which is lost at logout."""

    def setUp(self):
        super().setUp()
        self.path = self.name_default("session")
        self.let_the_bus_start_it()

    def test_there_is_another(self):
        keyring = self.world.start_keyring()
        self.world.start_daemon()
        self.follow(self.assert_told("kept in memory only"), None)
        self.assert_cured()
        keyring.close()

    def test_there_is_none(self):
        self.world.start_daemon()
        advice = self.assert_told("kept in memory only")
        self.assertIn(self.path, advice)
        self.follow(advice, PASSWORD)
        self.assert_cured()


class Locked(CureTest):
    KEYRING = True

    def setUp(self):
        super().setUp()
        self.keyring.lock()
        self.world.start_daemon()

    def test_it_is_locked(self):
        advice = self.assert_told("The keyring is locked")
        self.assertIn(SERVER_PAGE, advice)
        self.assert_nothing_asked("The keyring is locked", "setup")
        self.follow(advice, "another")
        self.assertEqual(self.assert_told("The keyring is locked"), advice)
        self.follow(advice, PASSWORD)
        self.assert_cured()


class Several(CureTest):
    """There are two keyrings."""

    KEYRING = True

    def setUp(self):
        super().setUp()
        self.work = self.keyring.make_other("Work")

    def assert_token_refused(self, check):
        token = self.ctl("token")
        self.assertEqual((token.status, token.err),
                         (KEYRING_LOCKED, f"yadiskctl: {check['message']} {check['advice']}\n"))

    def begin_with_entries_in(self, path, default):
        self.keyring.set_default(path)
        self.world.start_daemon()
        self.sign_in().await_is("Saved", True)
        self.daemon.stop()
        self.keyring.set_default(default)
        self.keyring.lock(path)
        self.world.start_daemon()

    def test_the_default_one_cannot_be_opened_here(self):
        self.keyring.set_default(self.work)
        self.keyring.lock(self.work)
        self.keyring.lock()
        self.world.start_daemon()
        advice = self.assert_told('The keyring "Work" is locked, and without a display')
        self.follow(advice, None)
        self.follow(self.assert_told("The keyring is locked"), PASSWORD)
        self.assert_cured()

    def test_without_a_login_keyring(self):
        """One is made, and is the default one from then on."""
        self.keyring.set_default(self.work)
        self.keyring.lock(self.work)
        self.keyring.call(LOGIN, COLLECTION, "Delete")
        self.world.start_daemon()
        self.follow(self.assert_told('The keyring "Work" is locked, and without a display'), PASSWORD)
        self.assert_cured()

    def test_at_a_desktop_it_can(self):
        self.keyring.set_default(self.work)
        self.keyring.lock(self.work)
        self.world.start_daemon()
        prompter = self.world.new_prompter()
        self.assertRegex(self.assert_told("The keyring is locked", DISPLAY=":0"), "in the window")
        prompter.close()

    def test_the_entries_are_elsewhere(self):
        self.begin_with_entries_in(LOGIN, self.work)
        check = self.check()
        self.assertEqual(check["verdict"], "trouble")
        self.assertIn('The keyring "Login", which holds entries', check["message"])
        self.assertEqual(self.ctl("doctor").status, KEYRING_LOCKED)
        self.assert_token_refused(check)
        self.assertIn("Keyring: unlocked, but another one is locked", self.ctl("status").out)
        self.follow(check["advice"], None)
        eventually(lambda: self.check()["message"] == "The keyring is locked.", "the default to change")
        self.follow(self.check()["advice"], PASSWORD)
        self.assert_cured()
        self.assertEqual(self.ctl("token").status, 0)

    def test_the_entries_are_where_nobody_can_open_them_here(self):
        self.begin_with_entries_in(self.work, LOGIN)
        check = self.check()
        self.assertIn('The keyring "Work", which holds entries', check["message"])
        self.assertIn("at a desktop", check["advice"])
        self.assert_token_refused(check)
        self.keyring.unlock(path=self.work)
        self.assertEqual(self.ctl("token").status, 0)
        self.assertEqual(self.check()["verdict"], "ok")


class Absent(CureTest):
    def setUp(self):
        super().setUp()
        self.world.start_daemon()

    def test_the_bus_starts_nobody(self):
        advice = self.assert_told("No keyring service is running")
        self.assertIn(SERVER_PAGE, advice)
        self.assert_nothing_asked("No keyring service is running", "setup")
        self.follow(advice, PASSWORD)
        self.assert_cured()

    def test_at_a_desktop(self):
        """Where it can show its windows it is only to be started; then the next thing to do is said."""
        desktop = {"DISPLAY": ":0"}
        advice = self.assert_told("No keyring service is running", **desktop)
        self.assertIn("--start", advice)
        self.assertNotIn(SERVER_PAGE, advice)
        self.follow(advice, None)
        eventually(lambda: self.check(**desktop)["message"].startswith("There is no keyring yet"),
                   "the service")

    def test_nothing_is_installed(self):
        self.assertEqual(self.assert_told("No keyring service is running", PATH="/nonexistent"),
                         "Install one, for example gnome-keyring.")


class Silent(CureTest):
    """Somebody has the name, and that is all."""

    def test_it_does_not_answer(self):
        self.let_the_bus_start_it()
        self.secrets.call(SECRETS_PATH, SERVICE, "ReadAlias", "(s)", "default")
        pid = self.client.bus("GetConnectionUnixProcessID", "(s)", SECRETS)
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        with self.flying():
            self.world.start_daemon()
        check = self.check()
        self.assertEqual(check["verdict"], "trouble")
        self.assertEqual(check["message"], "The keyring service does not answer.")
        self.assertIn(f'"kill {pid}"', check["advice"])


if __name__ == "__main__":
    main()
