#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs in sandboxes, made as Flatpak, Snap and others make them: they get a token once they have been allowed,
and nothing else ever."""

import os
import re
import stat
import string
from concurrent.futures import ThreadPoolExecutor

from rig.bus import MANAGER, MANAGER_PATH, PROPERTIES, TOKENS
from rig.case import main
from rig.hiding import have_mounts
from rig.sandbox_bwrap import Bubblewrap, flatpak
from rig.sandbox_case import APP, OTHER, SandboxTest
from rig.sandbox_fuse import SilentFileSystem
from rig.sandbox_group import Groups

APPS = "user.slice/user-1000.slice/user@1000.service/app.slice"


class Allowed(SandboxTest):
    def test_a_flatpak(self):
        self.assert_must_be_allowed(self.sandboxes.start_flatpak(APP), APP)

    def test_a_flatpak_with_a_user_namespace(self):
        self.assert_must_be_allowed(self.sandboxes.start_flatpak(APP, "--unshare-user", "--unshare-pid"), APP)

    def test_a_flatpak_that_needs_no_proxy(self):
        """It has the permission to use the session bus as it likes."""
        self.assert_must_be_allowed(self.sandboxes.start_in(flatpak(APP, *self.sandboxes.on_bus())), APP)

    def test_a_proxy_outside_of_its_sandbox(self):
        proxy = self.sandboxes.start_proxy()
        caller = self.sandboxes.start_in(flatpak(APP, *self.sandboxes.on_bus(proxy)))
        self.assert_must_be_allowed(caller, "xdg-dbus-proxy")

    def test_what_is_allowed_to_one_is_not_to_another(self):
        self.allow(APP)
        self.assert_no_token(self.sandboxes.start_flatpak(OTHER))
        self.assert_no_token(self.sandboxes.start_flatpak(f"{APP}.Devel"))

    def test_what_is_allowed_for_one_account_is_not_for_another(self):
        self.sim.add_user("maria")
        work = self.sign_in("maria", label="work")
        self.allow(APP, work)
        caller = self.sandboxes.start_flatpak(APP)
        self.assert_denied(caller.get_token, self.account.id)
        self.assertEqual(caller.get_token(work.id), work.get_token().value)

    def test_a_denial_comes_in_time_while_yandex_is_asked(self):
        caller = self.sandboxes.start_flatpak(APP)
        self.allow(APP)
        self.sim.trouble("held@/token*1")
        with ThreadPoolExecutor(1) as executor:
            call = executor.submit(self.assert_denied, caller.call, MANAGER_PATH, MANAGER, "GetToken",
                                   "('', {'force': <true>})")
            self.sim.wait("/token", trouble="held")
            self.deny(APP)
            self.assertEqual(self.sim.let_go(), 1)
            call.result()

    def test_by_yadiskctl(self):
        caller = self.sandboxes.start_flatpak(APP)
        self.assert_no_token(caller)
        self.assertEqual(self.ctl("allow", APP).status, 0)
        self.assertEqual(caller.get_token(), self.token)
        self.assertEqual(self.ctl("deny", APP).status, 0)
        self.assert_no_token(caller)

    def test_it_lasts(self):
        self.allow(APP)
        self.world.restart_daemon()
        self.assertEqual(self.sandboxes.start_flatpak(APP).get_token(), self.token)

    def test_gdbus(self):
        """The program of that name, through the proxy."""
        proxy = self.sandboxes.start_proxy(flatpak(APP, *self.sandboxes.proxy_options(), way="--file"))
        command = ["gdbus", "call", "--address", "unix:path=/run/bus", "--dest", TOKENS,
                   "--object-path", MANAGER_PATH, "--method", f"{MANAGER}.GetToken", "''", "@a{sv} {}"]
        denied = self.world.run(*Bubblewrap(*self.sandboxes.on_bus(proxy)).prefix, *command)
        self.assertEqual(denied.status, 1, denied)
        self.assertIn("AccessDenied", denied.err)
        self.allow(APP)
        allowed = self.world.run(*Bubblewrap(*self.sandboxes.on_bus(proxy)).prefix, *command)
        self.assertEqual(allowed.status, 0, allowed)
        self.assertIn(self.token, allowed.out)


class Groupings(SandboxTest):
    """Those that are known by their control group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.groups = Groups()
        cls.addClassCleanup(cls.groups.close)

    def test_a_snap(self):
        caller = self.sandboxes.start_in(
            Bubblewrap(*self.sandboxes.on_bus()),
            preparation=self.groups.enter(f"{APPS}/snap.foo.bar-7c1e.scope"))
        self.assert_must_be_allowed(caller, "snap.foo")

    def test_a_service_of_a_snap_that_sees_the_whole_machine(self):
        caller = self.sandboxes.start(preparation=self.groups.enter("system.slice/snap.foo.bar.service"))
        self.assert_must_be_allowed(caller, "snap.foo")

    def test_a_snap_that_says_it_is_another_application(self):
        self.allow(APP)
        self.assert_no_token(self.sandboxes.start_in(
            flatpak(APP, *self.sandboxes.on_bus()), preparation=self.groups.enter(f"{APPS}/snap.foo.bar-1.scope")))

    def test_a_service_in_a_user_namespace(self):
        caller = self.sandboxes.start(["unshare", "--user", "--map-current-user"],
                                      preparation=self.groups.enter(f"{APPS}/backup.service"))
        self.assert_must_be_allowed(caller, "backup.service")

    def test_a_service_that_names_others_below_itself(self):
        for app, below in (("backup.service", "backup.service"), ("snap.foo", "snap.foo.bar.service")):
            self.allow(app)
            self.assert_no_token(self.sandboxes.start(
                ["unshare", "--user", "--map-current-user"], preparation=self.groups.enter(f"{APPS}/evil.service/{below}")))

    def test_a_service_outside_of_a_sandbox_is_the_user(self):
        caller = self.sandboxes.start(preparation=self.groups.enter(f"{APPS}/backup.service"))
        self.assertEqual(caller.get_token(), self.token)


class Never(SandboxTest):
    def test_a_flatpak_that_hides_its_info(self):
        self.assert_never(self.sandboxes.start_in(Bubblewrap(*self.sandboxes.on_bus())))

    def test_its_proxy_that_hides_it(self):
        proxy = self.sandboxes.start_proxy(Bubblewrap(*self.sandboxes.proxy_options()))
        self.assert_never(self.sandboxes.start_in(Bubblewrap(*self.sandboxes.on_bus(proxy))))

    def test_an_info_that_is_a_link(self):
        self.assert_never(self.sandboxes.start_in(
            Bubblewrap(*self.sandboxes.on_bus(), "--ro-bind", self.world.write("info", f"[Application]\nname={APP}\n"),
                       "/info", "--symlink", "info", "/.flatpak-info")))

    def test_a_user_namespace(self):
        self.assert_never(self.sandboxes.start(["unshare", "--user", "--map-current-user"]))

    def test_a_sandbox_that_hides_nothing_but_processes(self):
        if os.getuid() != 0:
            self.skipTest("needs root, without a user namespace")
        self.assert_never(self.sandboxes.start(["unshare", "--pid", "--fork", "--kill-child"]))

    def test_a_sandbox_that_shows_the_whole_machine(self):
        self.assert_never(self.sandboxes.start(["bwrap", "--dev-bind", "/", "/", "--unshare-user"]))

    def test_a_root_directory_that_never_answers(self):
        """Nobody waits for it."""
        if os.getuid() != 0:
            self.skipTest("needs root")
        have_mounts()
        caller = self.sandboxes.start_in(flatpak(APP, *self.sandboxes.on_bus(), way="--file"))
        silent = SilentFileSystem("/.flatpak-info", stat.S_IFREG, caller.pid)
        self.addCleanup(silent.close)
        silent.fall_silent()
        self.assert_never(caller)


class Outside(SandboxTest):
    """What is no sandbox."""

    def test_a_program_of_the_user(self):
        caller = self.sandboxes.start()
        self.assertEqual(caller.get_token(), self.token)
        caller.call(MANAGER_PATH, PROPERTIES, "GetAll", "('',)")

    def test_no_variable_opens_it(self):
        """Every text in the program that could be the name of one, and those by which programs are told that they are
        in a sandbox."""
        with open(self.world.binary("daemon/yadisk-tokend"), "rb") as file:
            found = re.findall(rb"(?<=\0)[A-Z][A-Z0-9]*_[A-Z0-9_]+(?=\0)", file.read())
        names = {name.decode() for name in found} | {"FLATPAK_ID", "SNAP", "container"}
        self.assertIn("YADISK_TOKEND_LOG_LEVEL", names)
        self.daemon.stop()
        self.world.start_daemon(**{name: "1" for name in names - self.world.environment.keys() - {"NOTIFY_SOCKET"}})
        self.assert_never(self.sandboxes.start_in(Bubblewrap(*self.sandboxes.on_bus())))

    def test_there_are_no_options(self):
        """Any option may be given by its first letter."""
        for letter in string.ascii_letters + string.digits:
            for option in (f"--{letter}", f"-{letter}"):
                result = self.world.run(self.world.binary("daemon/yadisk-tokend"), option)
                self.assertEqual(result.status, 0 if option in ("--h", "--v", "-h") else 64, result)


if __name__ == "__main__":
    main()
