#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What has a root directory, a user namespace or a control group of its own, and by which name it is known."""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile

from ask import AskTest
from rig.case import main
from rig.sandbox_bwrap import INFO, SYSTEM, Bubblewrap, flatpak, need_bubblewrap
from rig.sandbox_group import Groups

APP = "org.example.App"
MANAGER = "user.slice/user-1000.slice/user@1000.service"


class SandboxTest(AskTest):
    @classmethod
    def setUpClass(cls):
        need_bubblewrap()

    def assert_app(self, app, caller, **keywords):
        """With a pidfd and without."""
        for pidfd in (True, False):
            who = self.ask(caller, pidfd=pidfd, **keywords)
            self.assertFalse(who.host)
            self.assertEqual(who.app, app)
        return who


class Containers(SandboxTest):
    def test_a_flatpak_has_the_name_that_flatpak_gave_it(self):
        self.assert_app(APP, self.start_in(flatpak(APP)))

    def test_also_in_a_user_namespace(self):
        self.assert_app(APP, self.start_in(flatpak(APP, "--unshare-user")))

    def test_the_proxy_of_a_flatpak_has_that_of_the_application(self):
        proxy = self.start_proxy_in(flatpak(APP, *self.sockets(), way="--file"))
        self.assertEqual(os.path.basename(proxy.executable), "xdg-dbus-proxy")
        self.assertEqual((proxy.host, proxy.app), (False, APP))

    def test_one_that_hides_its_info_has_no_name(self):
        self.assert_app(None, self.start_in(Bubblewrap()))

    def test_a_user_namespace_makes_no_host_and_has_no_name(self):
        self.assert_app(None, self.start("unshare", "--user"))

    def test_what_lies_in_the_root_of_the_host_names_nobody(self):
        """A user namespace alone leaves it the root that we have."""
        self.assert_app(None, self.start("bwrap", "--dev-bind", "/", "/", "--unshare-user"))

    # The proxy

    def sockets(self):
        return "--bind", self.directory, self.directory

    def start_proxy_in(self, bubblewrap, program="xdg-dbus-proxy"):
        """Returns who it is when it has made a connection to the bus."""
        bus = os.path.join(self.directory, "listening")
        proxy = os.path.join(self.directory, "proxy")
        with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as program_side:
            listening.bind(bus)
            listening.listen()
            reading, writing = os.pipe()
            self.addCleanup(os.close, reading)
            process = self.run_process([*bubblewrap.prefix, program, f"--fd={writing}", f"unix:path={bus}", proxy],
                                       pass_fds=[*bubblewrap.fds, writing])
            os.close(writing)
            bubblewrap.close()
            self.assertTrue(os.read(reading, 1))
            program_side.connect(proxy)
            accepted, _ = listening.accept()
            with accepted:
                pid = int.from_bytes(accepted.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], "little")
                self.assertIsNone(process.poll())
                return self.ask(pid)

    def test_a_proxy_outside_of_a_sandbox_is_known_by_its_executable(self):
        for name in ("xdg-dbus-proxy", "flatpak-dbus-proxy"):
            program = shutil.copy(shutil.which("xdg-dbus-proxy"), os.path.join(self.directory, name))
            who = self.start_proxy_in(Nothing(), program)
            self.assertEqual((who.host, who.app, who.executable), (False, "xdg-dbus-proxy", program))
            os.unlink(os.path.join(self.directory, "listening"))
            os.unlink(os.path.join(self.directory, "proxy"))

    def test_also_after_an_upgrade(self):
        program = shutil.copy("/usr/bin/python3", os.path.join(self.directory, "xdg-dbus-proxy"))
        caller = self.start("sh", "-c", f'shift; exec {program} "$@"', "sh")
        os.unlink(program)
        who = self.assert_app("xdg-dbus-proxy", caller)
        self.assertEqual(who.executable, f"{program} (deleted)")

    def test_in_a_sandbox_the_executable_says_nothing(self):
        program = shutil.copy("/usr/bin/python3", os.path.join(self.directory, "xdg-dbus-proxy"))
        bubblewrap = Bubblewrap("--ro-bind", program, "/xdg-dbus-proxy")
        bubblewrap.prefix += ["sh", "-c", 'shift; exec /xdg-dbus-proxy "$@"', "sh"]
        who = self.assert_app(None, self.start_in(bubblewrap))
        self.assertEqual(os.path.basename(who.executable), "xdg-dbus-proxy")


class Nothing:
    """No bubblewrap."""
    prefix, fds = (), ()

    def close(self):
        pass


class Infos(SandboxTest):
    """What may lie there instead."""

    def start_with(self, text):
        return self.start_in(Bubblewrap(info=text))

    def test_a_name_that_is_no_id_is_none(self):
        for name in ("", "App", "org.App", "org..App", ".org.example.App", "org.example.1/2", "org.example.Ap p",
                     "org.example.App\\n", "org.example.Ä", "xdg-dbus-proxy", "snap.foo.bar", "my.backup.service",
                     "a.b." + "c" * 300):
            self.assert_app(None, self.start_with(INFO.format(name)))

    def test_nor_is_a_text_without_one(self):
        for text in ("", "\n", "name=org.example.App\n", "[Runtime]\nname=org.example.App\n", "[Application\n",
                     "\0", INFO.format(APP) + "nonsense\n"):
            self.assert_app(None, self.start_with(text))

    def test_a_large_file_is_not_read(self):
        self.assert_app(APP, self.start_with(INFO.format(APP) + "#" * 32 * 1024))
        self.assert_app(None, self.start_with(INFO.format(APP) + "#" * 1024 * 1024))

    def test_only_a_file_is_opened(self):
        os.mkfifo(os.path.join(self.directory, "fifo"))
        os.mkdir(os.path.join(self.directory, "folder"))
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(os.path.join(self.directory, "socket"))
        for name in ("fifo", "folder", "socket"):
            self.assert_app(None, self.start_in(
                Bubblewrap("--bind", os.path.join(self.directory, name), "/.flatpak-info")))
        self.assert_app(None, self.start_in(Bubblewrap("--dev-bind", "/dev/tty", "/.flatpak-info")))

    def test_no_link_is_followed(self):
        with open(os.path.join(self.directory, "info"), "w", encoding="ascii") as file:
            file.write(INFO.format(APP))
        for target in ("info", "/info"):
            self.assert_app(None, self.start_in(
                Bubblewrap("--ro-bind", file.name, "/info", "--symlink", target, "/.flatpak-info")))

    def local_path(self):
        """Not on an overlay, whose parts may lie anywhere."""
        for parent in (self.directory, "/dev/shm", "/run"):
            directory = tempfile.mkdtemp(dir=parent)
            self.addCleanup(shutil.rmtree, directory)
            asked = subprocess.run(["stat", "--file-system", "--format=%T", directory], capture_output=True,
                                   check=True, text=True)
            if asked.stdout != "overlayfs\n":
                return os.path.join(directory, "info")
        return self.skipTest("all file systems are overlays")

    def test_a_file_of_this_machine_will_do(self):
        with open(self.local_path(), "w", encoding="ascii") as file:
            file.write(INFO.format(APP))
        self.assert_app(APP, self.start_in(Bubblewrap("--ro-bind", file.name, "/.flatpak-info")))

    def test_one_that_may_not_be_opened_at_once_is_not_waited_for(self):
        """Who has a lease on a file is asked to give it up, for which it has 45 seconds."""
        path = self.local_path()
        with open(path, "w", encoding="ascii") as file:
            file.write(INFO.format(APP))
            file.flush()
            caller = self.start_in(Bubblewrap("--ro-bind", path, "/.flatpak-info"))
            self.assert_app(APP, caller)
            fcntl.fcntl(file, fcntl.F_SETSIG, 18)  # SIGCONT
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            self.assert_app(None, caller)


class Units(SandboxTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.groups = Groups()
        cls.addClassCleanup(cls.groups.close)

    def start_in_group(self, path, *prefix, **keywords):
        return self.start(*prefix, preparation=self.groups.enter(path), **keywords)

    def test_the_unit_of_a_program(self):
        for path, unit in (
                (f"{MANAGER}/app.slice/backup.service", "backup.service"),
                (f"{MANAGER}/app.slice/app-org.example.App-12.scope", "app-org.example.App-12.scope"),
                (f"{MANAGER}/app.slice/app-foo.slice/foo@1.service", "foo@1.service"),
                (f"{MANAGER}/init.scope", "init.scope"),
                (f"{MANAGER}/app.slice", None),
                (MANAGER, None),
                ("user.slice/user-1000.slice/session-2.scope", "session-2.scope"),
                (f"{MANAGER}/app.slice/backup.service/payload/system.slice/other.service", "backup.service")):
            who = self.ask(self.start_in_group(path))
            self.assertTrue(who.host)
            self.assertEqual(who.unit, unit)

    def test_a_service_with_a_namespace_of_its_own_has_its_name(self):
        service = f"{MANAGER}/app.slice/backup.service"
        who = self.assert_app("backup.service", self.start_in_group(service, "unshare", "--user"))
        self.assertEqual(who.unit, "backup.service")
        self.assert_app("backup.service", self.start_in_group(service, "bwrap", *SYSTEM))

    def test_what_it_names_below_itself_does_not_count(self):
        self.assert_app("evil.service", self.start_in_group(
            f"{MANAGER}/app.slice/evil.service/app.slice/good.service", "unshare", "--user"))

    def test_a_scope_names_nothing(self):
        self.assert_app(None, self.start_in_group(f"{MANAGER}/app.slice/app-foo-1.scope", "unshare", "--user"))

    def test_a_snap_is_known_by_its_group(self):
        for unit, app in (("snap.foo.bar-1.scope", "snap.foo"), ("snap.foo.bar.service", "snap.foo"),
                          ("snap.foo-2_x.hook.configure-1.scope", "snap.foo-2_x"),
                          ("snap.foo+extra.hook.install-1.scope", "snap.foo"), ("snap..bar.service", None)):
            who = self.assert_app(app, self.start_in_group(f"{MANAGER}/app.slice/{unit}"))
            self.assertEqual(who.unit, unit)

    def test_also_below_its_unit_and_in_namespaces(self):
        unit = "system.slice/snap.foo.bar.service"
        self.assert_app("snap.foo", self.start_in_group(f"{unit}/inner"))
        self.assert_app("snap.foo", self.start_in_group(unit, "unshare", "--user"))

    def test_a_container_that_names_a_snap_below_itself_is_none(self):
        for prefix in ((), ("unshare", "--user")):
            for unit in ("evil.service", "session-2.scope"):
                self.assert_app(None, self.start_in_group(f"{MANAGER}/{unit}/snap.foo.bar-1.scope", *prefix))

    def test_it_cannot_pass_for_another_application(self):
        bubblewrap = flatpak(APP)
        self.assert_app("snap.foo", self.start_in_group(f"{MANAGER}/app.slice/snap.foo.bar-1.scope",
                                                        *bubblewrap.prefix, pass_fds=bubblewrap.fds))
        bubblewrap.close()

    def test_a_proxy_in_its_group_is_its_own(self):
        program = shutil.copy("/usr/bin/python3", os.path.join(self.directory, "xdg-dbus-proxy"))
        self.assert_app("snap.foo", self.start_in_group(
            f"{MANAGER}/app.slice/snap.foo.bar-1.scope", "sh", "-c", f'shift; exec {program} "$@"', "sh"))

    def test_a_slice_that_is_named_so_is_none(self):
        self.assertTrue(self.ask(self.start_in_group(f"{MANAGER}/snap.foo.slice/foo.service")).host)

    def test_a_group_whose_name_no_message_can_carry_has_none(self):
        who = self.ask(self.start_in_group(f"{MANAGER}/app.slice/\x1b.service"))
        self.assertIsNone(who.unit)


if __name__ == "__main__":
    main()
