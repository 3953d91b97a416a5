#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What doctor and the other verbs say of what few people ever meet: a bus that does not let them through,
a machine without an id, and a token for one folder."""

import os
import shutil
import socket
import threading
import unittest

import schemas
from rig import TOKENS, main
from loopback import connection_to
from rig.hiding import hide
from rig.namespaces import can_unshare
from test_doctor import DoctorTest, WITHOUT_DAEMON

VERBS = ("token", "status", "list", "refresh", "apps", "watch", "rename a b", "default a", "logout a",
         "login --client-id a --client-secret-file /dev/null")


class BusTest(DoctorTest):
    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)

    def assert_all_fail(self, status, pattern, **environment):
        """Every verb with the same sentence, but for what Tab completes, which says nothing."""
        for verb in VERBS:
            with self.subTest(verb):
                result = self.assert_ctl_fails(status, pattern, *verb.split(), **environment)
                self.assertNotIn("Rejected send message", result.err)
                self.assertNotIn("systemctl", result.err)
        names = self.ctl("list", "--names", **environment)
        self.assertEqual((names.status, names.out, names.err), (0, "", ""))


class Policy(BusTest):
    """In the configuration of the bus."""

    def test_the_daemon_may_not_be_spoken_to(self):
        self.world.set_bus_policy(f'<deny send_destination="{TOKENS}"/>')
        self.assert_all_fail(7, rf"bus does not let .*\. .* let it speak to {TOKENS}\.$")
        shown = self.assert_culprit("daemon", 7, "The bus does not let yadiskctl speak to",
                                    skipped=WITHOUT_DAEMON)
        self.assert_screen("doctor-bus-policy", shown)
        self.world.set_bus_policy("")
        self.assert_well()

    def test_a_daemon_that_is_not_there_is_not_forbidden(self):
        self.world.set_bus_policy(f'<deny send_destination="{TOKENS}"/>')
        self.daemon.stop()
        self.assert_ctl_fails(8, "is not running", "token")
        self.assert_culprit("daemon", 8, "not running", skipped=WITHOUT_DAEMON)


@unittest.skipUnless(shutil.which("xdg-dbus-proxy"), "needs xdg-dbus-proxy")
class Sandbox(BusTest):
    def enter(self, *options, **keywords):
        """The environment inside of it."""
        return {"DBUS_SESSION_BUS_ADDRESS": self.world.new_sandbox(*options, **keywords).address}

    def test_the_daemon_is_hidden(self):
        """As everything is, where nothing was asked for."""
        inside = self.enter()
        self.assert_all_fail(7, rf"does not show yadisk-tokend here, .* let it speak to {TOKENS}\.$",
                             **inside)
        shown = self.assert_culprit("daemon", 7, "does not show yadisk-tokend",
                                    skipped=["unit"] + WITHOUT_DAEMON, **inside)
        self.assert_screen("doctor-sandbox", shown)

    def test_the_daemon_is_shown_and_no_more(self):
        inside = self.enter(f"--see={TOKENS}")
        self.assert_all_fail(7, rf"bus does not let .*\. .* let it speak to {TOKENS}\.$", **inside)
        self.assert_culprit("daemon", 7, "The bus does not let yadiskctl speak to",
                            skipped=["unit"] + WITHOUT_DAEMON, **inside)

    def test_the_advice_helps(self):
        """The proxy lets it through; what is left is to allow it."""
        inside = self.enter(f"--talk={TOKENS}")
        self.assert_ctl_fails(7, 'run "yadiskctl allow xdg-dbus-proxy" outside', "token", **inside)
        self.assertEqual(self.ctl("allow", "xdg-dbus-proxy").status, 0)
        token = self.ctl("token", **inside)
        self.assertEqual((token.status, token.err), (0, ""))
        self.assertEqual(token.out.strip(), self.live_grant()["access_token"])

    def test_the_daemon_says_no_more_than_the_token(self):
        inside = self.enter(f"--talk={TOKENS}")
        self.ctl("allow", "xdg-dbus-proxy")
        self.assert_ctl_fails(7, "may only ask for tokens", "status", **inside)
        self.assert_ctl_fails(7, "may only ask for tokens", "deny", "xdg-dbus-proxy", **inside)
        self.assert_culprit("daemon", 7, "for a program in a sandbox", skipped=["unit"] + WITHOUT_DAEMON, **inside)

    def test_a_daemon_that_is_not_there_is_hidden_as_well(self):
        """Which of the two it is cannot be told from there."""
        self.daemon.stop()
        self.assert_ctl_fails(7, "does not show yadisk-tokend here", "token", **self.enter())

    def test_a_proxy_without_a_filter(self):
        """It hides nobody: who is not to be seen is not there."""
        self.assertEqual(self.ctl("allow", "xdg-dbus-proxy").status, 0)
        through = self.enter(filtering=False)
        self.assertEqual(self.ctl("token", **through).status, 0)
        self.daemon.stop()
        self.assert_ctl_fails(8, "is not running", "token", **through)
        self.assert_culprit("daemon", 8, "not running", skipped=WITHOUT_DAEMON, **through)

    def test_a_proxy_that_gets_confused(self):
        """That of Debian 12 does, by every program that speaks through sd-bus."""
        bare = {"DBUS_SESSION_BUS_ADDRESS":
                self.world.new_sandbox(f"--talk={TOKENS}").bare_address}
        version = self.world.run("xdg-dbus-proxy", "--version").out.split()[-1]
        if [int(number) for number in version.split(".")] >= [0, 1, 6]:
            self.assert_ctl_fails(7, "yadiskctl allow xdg-dbus-proxy", "token", **bare)
            return
        self.assert_ctl_fails(8, "xdg-dbus-proxy is of version 0.1.6", "token", **bare)
        self.assert_culprit("bus", 8, "ends the conversation", **bare,
                            skipped=["unit", "daemon"] + WITHOUT_DAEMON)


@unittest.skipUnless(can_unshare("--pid", "--fork", "--mount-proc"), "needs a pid namespace")
class PidNamespace(BusTest):
    """As in a container that shares the bus of the session, and as such counts as a sandbox."""

    def ctl(self, *arguments, **keywords):
        return self.world.run("unshare", "--pid", "--fork", "--mount-proc",
                              self.world.binary("client/yadiskctl"), *arguments, **keywords)

    def test_it_is_a_sandbox(self):
        self.assert_ctl_fails(7, "outside of the sandbox", "token")
        self.assert_culprit("daemon", 7, "for a program in a sandbox", skipped=WITHOUT_DAEMON)

    def test_the_daemon_is_not_running(self):
        self.daemon.stop()
        self.assert_ctl_fails(8, "is not running", "token")
        self.assert_culprit("daemon", 8, "not running", skipped=WITHOUT_DAEMON)


class NoBus(BusTest):
    def test_somebody_who_hangs_up(self):
        path = os.path.join(self.world.runtime, "nobody")
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(path)
        listening.listen()
        threading.Thread(target=hang_up, args=(listening,), daemon=True).start()
        self.addCleanup(listening.shutdown, socket.SHUT_RDWR)
        there = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}"}
        self.assert_all_fail(8, "ends the conversation .* correct DBUS_SESSION_BUS_ADDRESS", **there)
        self.assert_culprit("bus", 8, "ends the conversation",
                            skipped=["unit", "daemon"] + WITHOUT_DAEMON, **there)


def hang_up(listening):
    """On everybody, having heard something of what they say."""
    try:
        while True:
            with listening.accept()[0] as program:
                program.recv(1)
    except OSError:  # the test is over
        pass


@unittest.skipUnless(can_unshare("--mount"), "needs a mount namespace of its own")
class NoMachineId(DoctorTest):
    DAEMON = False

    def start_without_machine_id(self, content):
        """The daemon alone: the bus and the keyring have one."""
        path = self.world.write("machine-id", content)
        self.world.start_daemon(lambda: hide(path, "/etc/machine-id", "/var/lib/dbus/machine-id"))

    def assert_not_bound(self):
        checks = self.diagnose(0)
        found = checks[None, "device-id"]
        self.assertEqual([key for key, check in checks.items() if check["verdict"] != "ok"],
                         [(None, "device-id")], checks)
        self.assertEqual(found["verdict"], "attention")
        self.assertIn("no machine-id; sign-ins cannot be revoked from here", found["message"])
        self.assertIn("systemd-machine-id-setup", found["advice"])

    def test_it_is_told(self):
        self.start_without_machine_id("")
        account = self.sign_in()
        account.await_is("Saved", True)
        self.assert_not_bound()
        shown = self.ctl("doctor").out
        self.assertTrue(shown.endswith("\nEverything works; what needs attention is shown above.\n"))
        version = self.client.property("Version")
        self.assert_screen("doctor-no-machine-id", shown.replace(version, "VERSION"))

    def test_it_is_as_it_says(self):
        """Nothing is revoked before the advice was followed; from then on it is."""
        self.start_without_machine_id("uninitialized\n")
        self.sign_in().await_is("Saved", True)
        self.assert_not_bound()
        self.assertFalse(self.sign_out()["revoked"])

        self.world.restart_daemon()
        self.sign_in().await_is("Saved", True)
        self.assert_well()
        self.assertTrue(self.sign_out()["revoked"])

    def sign_out(self):
        return self.ctl("--json", "logout").json


class AppFolder(DoctorTest):
    FOLDER, INFO = "cloud_api:disk.app_folder", "cloud_api:disk.info"

    def examine(self, *scopes):
        """What doctor says of the permissions; all else is well."""
        account = self.sign_in(scopes=list(scopes))
        account.await_is("Saved", True)
        document = self.ctl("--json", "doctor").json
        self.assertEqual(list(schemas.validator("doctor").iter_errors(document)), [])
        return self.assert_well()[account.id, "permissions"]["message"]

    def test_the_folder_alone(self):
        said = self.examine(self.FOLDER)
        self.assertIn("access to the folder of the application, but not to the rest of the Disk, "
                      "nor to how much space is left", said)
        version = self.client.property("Version")
        self.assert_screen("doctor-app-folder",
                           self.ctl("doctor").out.replace(version, "VERSION"))

    def test_the_folder_and_how_much_room_there_is(self):
        said = self.examine(self.FOLDER, self.INFO)
        self.assertIn("access to the folder of the application, but not to the rest of the Disk.",
                      said)

    def test_it_is_as_it_says(self):
        """The Disk opens the folder, and nothing else."""
        self.examine(self.FOLDER)
        token = self.ctl("token").out.strip()
        self.assertEqual([self.ask(token, path) for path in
                          ("/v1/disk/resources?path=app:/", "/v1/disk/resources?path=/", "/v1/disk")],
                         [200, 403, 403])

    def ask(self, token, path):
        """The status of its answer."""
        connection = connection_to(self.sim.addresses["disk"], self.sim.tls_context())
        self.addCleanup(connection.close)
        connection.request("GET", path, headers={"Authorization": f"OAuth {token}"})
        return connection.getresponse().status

    def test_without_a_disk(self):
        """Then it is not known what the token opens."""
        account = self.sign_in(scopes=[self.FOLDER])
        account.await_is("Saved", True)
        self.sim.knobs(disk_account="unsupported")
        self.assert_culprit("disk", 7, "no Disk", account.id, ["permissions"])


if __name__ == "__main__":
    main()
