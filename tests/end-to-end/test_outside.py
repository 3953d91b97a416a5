#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs that were started outside of a session of the user: by cron, by su and sudo, by a system service.
They are told nothing, or of somebody else's session."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from rig import EndToEndTest, main, outside
from rig.bus import CONFIGURATION, TOKENS
from rig.keyring import PASSWORD, SECRETS
from rig.process import Process
from rig.waiting import await_until

NO_DAEMON = 9  # YADISK_TOKEN_NO_DAEMON

OTHER_UID, THIRD_UID = 61179, 61180


class OutsideTest(EndToEndTest):
    def run_outside(self, *arguments, runtime=None, systemd=False, stdin="", **environment):
        """With nothing in its environment but what is given."""
        pairs = [f"{name}={value}" for name, value in environment.items()]
        return self.world.run(*outside.command("env", "-i", "LANG=C.UTF-8", *pairs, *arguments,
                                               runtime=runtime, systemd=systemd), stdin=stdin)

    def ctl_outside(self, *arguments, **keywords):
        return self.run_outside(self.world.binary("client/yadiskctl"), *arguments, **keywords)

    def program_outside(self, **keywords):
        """A program of its own that uses the library: what it got, and what became of its report that the token
        was refused."""
        result = self.run_outside(self.world.binary("tests/end-to-end/library-user"),
                                  stdin="get\nrefused\n", **keywords)
        self.assertEqual((result.status, result.err), (0, ""))
        got, reported = result.out.splitlines()
        return got.split()[:2], reported

    def assert_finds_the_bus(self, **environment):
        token = self.live_grant()["access_token"]
        result = self.ctl_outside("token", runtime=self.world.runtime, **environment)
        self.assertEqual((result.status, result.out, result.err), (0, token + "\n", ""))
        self.assertEqual(self.program_outside(runtime=self.world.runtime, **environment), (["0", token], "0"))

    def assert_finds_none(self, pattern, runtime=None, systemd=False, **environment):
        result = self.ctl_outside("token", runtime=runtime, systemd=systemd, **environment)
        self.assertEqual((result.status, result.out), (8, ""), result)
        self.assertRegex(result.err, r"\Ayadiskctl: [^\n]+\.\n\Z")
        self.assertRegex(result.err, pattern)
        self.assertEqual(self.program_outside(runtime=runtime, systemd=systemd, **environment),
                         ([str(NO_DAEMON)], "-"))
        doctor = self.ctl_outside("--json", "doctor", runtime=runtime, systemd=systemd, **environment)
        check = next(c for c in doctor.json["checks"] if c["name"] == "bus")
        self.assertEqual(result.err, f"yadiskctl: {check['message']} {check['advice']}\n")


@unittest.skipUnless(os.geteuid() == 0, "needs root, to be in no sandbox")
class Own(OutsideTest):
    """The user has a bus, and the program is not told of it."""

    def setUp(self):
        super().setUp()
        self.sign_in()

    def test_no_variable(self):
        self.assert_finds_the_bus()

    def test_variables_that_are_empty(self):
        self.assert_finds_the_bus(XDG_RUNTIME_DIR="", DBUS_SESSION_BUS_ADDRESS="")

    def test_a_directory_without_a_bus(self):
        self.assert_finds_the_bus(XDG_RUNTIME_DIR=self.world.scratch)
        self.assert_finds_the_bus(XDG_RUNTIME_DIR="/nonexistent")
        self.assert_finds_the_bus(XDG_RUNTIME_DIR="/nonexistent/" + 200 * "x")

    def test_a_directory_with_a_bus_that_has_ended(self):
        with socket.socket(socket.AF_UNIX) as ended:
            ended.bind(os.path.join(self.world.scratch, "bus"))
        self.assert_finds_the_bus(XDG_RUNTIME_DIR=self.world.scratch)

    def test_a_directory_with_a_bus(self):
        """Whatever its name is, it is the one that is meant."""
        directory = tempfile.mkdtemp(dir=self.world.scratch, prefix="a b,c;d=%25é")
        os.symlink(os.path.join(self.world.runtime, "bus"), os.path.join(directory, "bus"))
        token = self.live_grant()["access_token"]
        self.assertEqual(self.ctl_outside("token", XDG_RUNTIME_DIR=directory).out, token + "\n")
        self.assertEqual(self.program_outside(XDG_RUNTIME_DIR=directory), (["0", token], "0"))

    def test_what_is_advised_finds_it_as_well(self):
        """Others do not look where we do."""
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        told = self.ctl_outside("token", runtime=self.world.runtime)
        self.assertEqual(told.status, 5)
        command, first = re.findall('"(.*?)"', told.err)
        self.assertEqual(first, f"export XDG_RUNTIME_DIR={outside.RUNTIME}")
        self.addCleanup(self.world.end_started, SECRETS)
        done = self.run_outside("sh", "-c", f"{first}; printf '%s' '{PASSWORD}' | {command.split('|')[1]}",
                                runtime=self.world.runtime, HOME=self.world.home)
        self.assertEqual(done.status, 0, done)
        self.assertEqual(self.ctl_outside("token", runtime=self.world.runtime).status, 0)

    def test_an_address_is_meant(self):
        """No other bus takes its place, but if there is one, it is told how to have that."""
        self.assert_finds_none(r'cannot be reached \(No such file.* Run "unset DBUS_SESSION_BUS_ADDRESS": ',
                               runtime=self.world.runtime, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
        self.assert_finds_the_bus()


class None_(OutsideTest):
    """The user has no bus at all."""
    KEYRING = DAEMON = False

    def test_a_machine_without_sessions(self):
        self.assert_finds_none("There is no session bus here.* set DBUS_SESSION_BUS_ADDRESS")
        self.assert_finds_none("There is no session bus here", XDG_RUNTIME_DIR="/nonexistent")

    def test_a_bus_that_has_ended(self):
        with socket.socket(socket.AF_UNIX) as ended:
            ended.bind(os.path.join(self.world.scratch, "bus"))
        self.assert_finds_none(r"cannot be reached \(Connection refused\)",
                               XDG_RUNTIME_DIR=self.world.scratch)

    def test_a_bus_that_does_not_answer(self):
        """It is stopped, say: the kernel takes the connection all the same. sd-bus would wait 90 seconds."""
        path = os.path.join(self.world.scratch, "bus")
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(path)
            silent.listen()
            begin = time.monotonic()
            self.assert_finds_none(f"The session bus at {path} does not answer. Try again; ",
                                   XDG_RUNTIME_DIR=self.world.scratch)
            self.assertLess(time.monotonic() - begin, 3 * 5 + 10)

    def test_a_bus_of_the_network_that_is_gone(self):
        """Only what a sandbox can have is laid to a sandbox."""
        with socket.socket() as gone:
            gone.bind(("127.0.0.1", 0))
            address = "tcp:host=127.0.0.1,port={}".format(gone.getsockname()[1])
            self.assert_finds_none(r"cannot be reached \(Connection refused\)", DBUS_SESSION_BUS_ADDRESS=address)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_is_not_whom_it_is_about(self):
        self.assert_finds_none("as yadiskctl runs as root.* as the user whose accounts are meant",
                               systemd=True)

    def test_a_session_without_a_bus(self):
        self.assert_finds_none("session of .* has no bus.*dbus-user-session", systemd=True,
                               runtime=self.world.scratch)


@unittest.skipUnless(os.geteuid() == 0, "needs root, to be several users")
class Foreign(OutsideTest):
    """The session of one user in the environment of another: what "su -m" leaves, and "sudo -E"."""
    KEYRING = DAEMON = False

    def setUp(self):
        super().setUp()
        self.place = tempfile.mkdtemp(prefix="yadisk-")
        self.addCleanup(shutil.rmtree, self.place)
        os.chmod(self.place, 0o755)
        self.program = shutil.copy(self.world.binary("client/yadiskctl"), self.place)

    def become(self, uid):
        def change():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        return change

    def start_bus_of(self, uid, mode, address="unix:path={directory}/bus"):
        """Its address. The mode is that of the directory it listens in."""
        directory = os.path.join(self.place, "run")
        os.mkdir(directory)
        os.chown(directory, uid, uid)
        os.chmod(directory, mode)
        configuration = os.path.join(self.place, "bus.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(socket="/nonexistent", services=self.place, rules="").replace(
                "unix:path=/nonexistent", address.format(directory=directory)))
        reading, writing = os.pipe()
        with open(os.path.join(self.place, "bus.log"), "wb") as log:
            bus = Process(["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile",
                           f"--print-address={writing}"], pass_fds=[writing], stderr=log,
                          env={}, preparation=self.become(uid), executable=shutil.which("dbus-daemon"))
        self.addCleanup(bus.end)
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as file:
            return file.readline().strip()

    def run_as(self, uid, *arguments, **environment):
        return subprocess.run([self.program, *arguments], env={"LANG": "C.UTF-8"} | environment,
                              preexec_fn=self.become(uid), capture_output=True, text=True, timeout=60,
                              check=False)

    def assert_named(self, uid, user, owner, **environment):
        result = self.run_as(uid, "token", **environment)
        self.assertEqual((result.returncode, result.stdout), (8, ""))
        self.assertRegex(result.stderr, rf"\Ayadiskctl: [^\n]* session bus of {owner}, and yadiskctl runs as "
                         rf"{user}\. Run it as {owner}; [^\n]*\n\Z")
        self.assertNotIn("sandbox", result.stderr)
        doctor = self.run_as(uid, "doctor", **environment)
        self.assertEqual(doctor.returncode, 8)
        self.assertRegex(doctor.stdout, f"trouble +Session bus +The environment names the session bus of {owner}")

    def test_root_at_the_bus_of_a_user(self):
        self.assert_named(0, "root", OTHER_UID,
                          DBUS_SESSION_BUS_ADDRESS=self.start_bus_of(OTHER_UID, 0o700))

    def test_a_directory_that_is_shut(self):
        self.assert_named(THIRD_UID, THIRD_UID, OTHER_UID,
                          DBUS_SESSION_BUS_ADDRESS=self.start_bus_of(OTHER_UID, 0o700))

    def test_a_socket_that_all_can_reach(self):
        address = self.start_bus_of(OTHER_UID, 0o755)
        self.assert_named(THIRD_UID, THIRD_UID, OTHER_UID, DBUS_SESSION_BUS_ADDRESS=address)
        os.chmod(os.path.join(self.place, "run", "bus"), 0o600)
        self.assert_named(THIRD_UID, THIRD_UID, OTHER_UID, DBUS_SESSION_BUS_ADDRESS=address)
        self.assert_named(THIRD_UID, THIRD_UID, OTHER_UID, DBUS_SESSION_BUS_ADDRESS=(
            f"unix:guid=0,path={self.place}/%72un/bus;unix:path=/nonexistent"))

    def test_a_socket_without_a_path(self):
        address = self.start_bus_of(OTHER_UID, 0o755, f"unix:abstract=yadisk-test-{os.getpid()}")
        self.assertIn("abstract", address)
        self.assert_named(THIRD_UID, THIRD_UID, OTHER_UID, DBUS_SESSION_BUS_ADDRESS=address)

    def test_the_bus_of_root(self):
        self.assert_named(OTHER_UID, OTHER_UID, "root",
                          DBUS_SESSION_BUS_ADDRESS=f"unix:path={self.world.runtime}/bus")

    def test_a_user_who_is_not_logged_in(self):
        result = subprocess.run(
            outside.command("setpriv", f"--reuid={THIRD_UID}", f"--regid={THIRD_UID}", "--clear-groups",
                            self.program, "token", systemd=True),
            env={"LANG": "C.UTF-8"}, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((result.returncode, result.stdout), (8, ""))
        self.assertRegex(result.stderr, rf" {THIRD_UID} is not logged in\..*\"sudo loginctl enable-linger "
                         rf"{THIRD_UID}\"")

    def test_the_advice_helps(self):
        """Forgotten, the one leads to the other."""
        keyring = self.world.start_keyring()
        self.world.start_daemon()
        self.sign_in()
        foreign = {"DBUS_SESSION_BUS_ADDRESS": self.start_bus_of(OTHER_UID, 0o700),
                   "XDG_RUNTIME_DIR": os.path.join(self.place, "run")}
        told = self.ctl_outside("token", runtime=self.world.runtime, **foreign)
        self.assertEqual(told.status, 8)
        advice = told.err.split('"')[1]
        self.assertTrue(advice.endswith(" yadiskctl"), told)
        result = self.run_outside(*advice.split()[:-1], self.world.binary("client/yadiskctl"), "token",
                                  runtime=self.world.runtime, **foreign)
        self.assertEqual((result.status, result.out.strip()), (0, self.live_grant()["access_token"]))
        self.assertEqual(len(keyring.ours("account")), 1)

    def test_a_directory_of_another_user_is_passed_by(self):
        """It is nobody's word for a bus, since it is not the user's to begin with."""
        self.world.start_keyring()
        self.world.start_daemon()
        self.sign_in()
        self.start_bus_of(OTHER_UID, 0o700)
        self.assert_finds(self.live_grant()["access_token"], os.path.join(self.place, "run"))

    def assert_finds(self, token, directory):
        result = self.ctl_outside("token", runtime=self.world.runtime, XDG_RUNTIME_DIR=directory)
        self.assertEqual((result.status, result.out.strip()), (0, token), result)
        self.assertEqual(self.program_outside(runtime=self.world.runtime, XDG_RUNTIME_DIR=directory),
                         (["0", token], "0"))


if __name__ == "__main__":
    main()
