#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The daemon as it is installed: started by the bus, kept by the systemd of a user."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

import notification
from rig import Simulator
from rig.browser import Browser
from rig.bus import TOKENS, BusError
from rig.desktop import Desktop
from rig.inside import BUS, main_inside
from rig.process import Process
from rig.terminal import Terminal
from rig.tunnel import Wall
from rig.unsaved import renew_unsaved
from rig.user_session import DBUS_DAEMON, UNIT, UserSession, systemd_version
from rig.waiting import eventually


class UserUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(interval=1, refresh_mode="B")
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.start()
        cls.session = UserSession(bus=os.environ.get(BUS, DBUS_DAEMON))
        cls.addClassCleanup(cls.session.close)
        cls.client, cls.keyring = cls.session.client, cls.session.keyring

    def setUp(self):
        self.session.configure_for(self.sim)
        self.session.drop_in()
        self.addCleanup(self.stop)
        self.sim.trouble()
        self.sim.forget_requests()

    def stop(self):
        if any(test is self for test, _ in self._outcome.result.errors +
               self._outcome.result.failures):
            print(self.session.log(), file=sys.stderr)
        self.session.keyring.unlock()
        self.session.run("systemctl", "--user", "stop", UNIT)
        self.session.run("systemctl", "--user", "reset-failed", UNIT)
        for item in self.session.keyring.ours():
            self.session.keyring.delete(item)

    def ctl(self, *arguments):
        return self.session.run("yadiskctl", *arguments)

    def sign_in(self):
        request = self.client.sign_in(client_id=self.sim.client_id,
                                      client_secret=self.sim.client_secret)
        self.sim.allow(request.prompt()["user_code"])
        return request.await_account()

    def live_grant(self):
        return self.sim.grants(alive=True)[-1]

    # Starting

    def test_the_first_call_starts_it(self):
        self.assertEqual(self.session.show("ActiveState"), "inactive")
        self.assertEqual(self.client.owner_of(TOKENS), "")
        self.assertEqual(self.ctl("list").returncode, 0)
        self.assertEqual(self.session.show("ActiveState"), "active")
        self.assertEqual(self.session.show("Type"), "notify")
        self.assertEqual(self.session.show("StatusText"), "Serving tokens.")
        self.assertNotEqual(self.client.owner_of(TOKENS), "")

    def test_started_by_hand_it_serves_when_systemctl_returns(self):
        self.session.systemctl("start", UNIT)
        self.assertNotEqual(self.client.owner_of(TOKENS), "")

    def test_the_unit_is_well_made(self):
        path = self.session.show("FragmentPath")
        done = self.session.run("systemd-analyze", "--user", "verify", path)
        self.assertEqual(done.returncode, 0, done)
        known_later = ["FileDescriptorStorePreserve"] if systemd_version() < 254 else []
        self.assertEqual(re.findall(r"Unknown key (?:name )?'(\w+)'", done.stderr), known_later)
        self.assertEqual(len(done.stderr.splitlines()), len(known_later), done.stderr)

    def test_small_blocks_are_erased_as_large_ones_are(self):
        self.assertIn("glibc.malloc.tcache_count=0", self.session.show("Environment"))
        self.assertIn("G_SLICE=always-malloc", self.session.show("Environment"))

    def test_bad_configuration_is_not_tried_again(self):
        self.session.configure(OAuthURL="http://plain")
        with self.assertRaises(AssertionError):
            self.session.systemctl("start", UNIT)
        self.assertEqual(self.session.show("ExecMainStatus"), "78")
        self.assertEqual(self.session.show("ActiveState"), "failed")
        self.assertEqual(self.session.show("NRestarts"), "0")

    # What doctor says of it

    def doctor(self, status):
        done = self.ctl("--json", "doctor")
        self.assertEqual(done.returncode, status, done)
        return {check["name"]: check for check in json.loads(done.stdout)["checks"]
                if check["account"] is None}

    def test_doctor_starts_it_and_looks(self):
        account = self.sign_in()
        account.await_is("Saved", True)
        self.session.systemctl("stop", UNIT)
        checks = self.doctor(0)
        self.assertEqual(self.session.show("ActiveState"), "active")
        self.assertEqual((checks["unit"]["verdict"], checks["daemon"]["verdict"]),
                         ("attention", "ok"))
        self.assertIn("enable yadisk-tokend.service", checks["unit"]["advice"])
        self.session.systemctl("enable", UNIT)
        self.addCleanup(self.session.systemctl, "disable", UNIT)
        self.assertEqual(self.doctor(0)["unit"]["verdict"], "ok")

    def assert_behind(self, wall):
        network = self.doctor(6)["network"]
        self.assertIn("the proxy asks for a user name and a password", network["message"])
        self.assertIn(f"(http://{wall.address})", network["message"])

    def test_a_proxy_as_the_page_has_it(self):
        """yadisk-tokend.conf(5): for all programs of the user, and for this one alone."""
        wall = Wall(407)
        self.addCleanup(wall.end)
        self.sign_in().await_is("Saved", True)

        path = self.session.write(".config/environment.d/proxy.conf",
                                  f"https_proxy=http://{wall.address}\n")
        self.session.systemctl("daemon-reload")
        self.session.systemctl("restart", UNIT)
        self.assert_behind(wall)
        os.remove(path)
        self.session.systemctl("daemon-reload")
        self.session.systemctl("restart", UNIT)
        self.doctor(0)

        self.session.drop_in(f"Environment=https_proxy=http://user:%%40@{wall.address}")
        self.session.systemctl("restart", UNIT)
        self.assert_behind(wall)

    # What login offers

    ENABLE = "Start it with each of your sessions, too? [Y/n]"

    def login_arguments(self):
        path = self.session.write("client-secret", self.sim.client_secret + "\n")
        return ("login", "--no-browser", "--no-qr", "--client-id", self.sim.client_id, "--client-secret-file", path)

    def login(self):
        """At a terminal, up to what follows the sign-in."""
        terminal = Terminal(["yadiskctl", *self.login_arguments()], self.session.environment, self.session.home)
        self.addCleanup(terminal.close)
        self.sim.allow(terminal.await_text(r"enter this code:\s+(\w+)")[1])
        return terminal

    def test_the_first_login_offers_to_start_it_with_the_session(self):
        for answer, enabled in (("n", False), ("", True)):
            login = self.login()
            login.answer(self.ENABLE, answer)
            self.assertEqual(login.await_end(), 0, login.shown)
            self.assertEqual("systemctl --user enable" in login.shown, not enabled)
            self.assertEqual(self.session.show("UnitFileState"), "enabled" if enabled else "disabled")
            self.assertEqual(self.ctl("logout").returncode, 0)
        self.addCleanup(self.session.systemctl, "disable", UNIT)
        login = self.login()
        self.assertEqual(login.await_end(), 0, login.shown)
        self.assertNotIn("session", login.shown)

    def test_a_later_login_does_not_offer_it(self):
        self.sign_in().await_is("Saved", True)
        login = self.login()
        self.assertEqual(login.await_end(), 0, login.shown)
        self.assertNotIn("session", login.shown)

    def test_an_offer_that_is_interrupted(self):
        """The sign-in is over, and stays."""
        login = self.login()
        login.await_text(re.escape(self.ENABLE))
        login.type("\x03")
        self.assertEqual(login.await_end(), 0, login.shown)
        self.assertEqual(self.session.show("UnitFileState"), "disabled")
        self.assertEqual(self.ctl("token").returncode, 0)

    def test_without_a_terminal_login_only_tells_how(self):
        login = Process(["yadiskctl", *self.login_arguments()], env=self.session.environment, cwd=self.session.home,
                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(login.end)
        code = next(line.strip() for line in login.stdout if re.fullmatch(r" +[a-z0-9]+\n", line))
        self.sim.allow(code)
        self.assertEqual(login.stdout.read().count("systemctl --user enable yadisk-tokend.service"), 1)
        self.assertEqual(login.await_end(), 0)
        self.assertEqual(self.session.show("UnitFileState"), "disabled")

    # Living

    def test_the_sandbox_lets_it_work(self):
        account = self.sign_in()
        first = account.get_token()
        account.refresh()
        self.assertEqual(account.get_token().generation, first.generation + 1)
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])
        self.assertTrue(account.get("Saved"))
        self.assertEqual(self.ctl("token").stdout, account.get_token().value + "\n")
        with open(f"/proc/{self.session.pid}/status", encoding="ascii") as file:
            status = file.read()
        self.assertRegex(status, r"NoNewPrivs:\s*1")
        self.assertRegex(status, r"Seccomp:\s*2")
        self.assertNotIn("GLib", self.session.log())

    def units_of_pages(self):
        return [line.split()[0] for line in self.session.systemctl(
            "list-units", "--plain", "--no-legend", "app-yadisk_tokend-*").splitlines()]

    def assert_not_shut_in(self, pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            status = file.read()
        self.assertRegex(status, r"NoNewPrivs:\s*0")
        self.assertRegex(status, r"Seccomp:\s*0")

    @unittest.skipUnless(shutil.which("xdg-open") and shutil.which("gio"), "needs xdg-utils and gio")
    def test_the_manager_opens_a_page_for_it(self):
        """Outside of the sandbox, in a unit that lasts as long as the browser."""
        desktop = Desktop(self.session.address)
        self.addCleanup(desktop.close)
        browser = Browser(self.session)
        self.addCleanup(browser.close)
        account = self.sign_in()
        self.sim.kill_tokens()
        with self.assertRaises(BusError):
            account.refresh()
        page = self.sim.addresses["oauth"] + "/device"
        desktop.press(desktop.await_shown(notification.NEEDED))
        self.assertEqual(browser.await_opened(), page)
        note = desktop.await_shown(notification.ENTER)
        desktop.press(note)
        self.assertEqual(browser.await_opened(2), page)

        units = self.units_of_pages()
        self.assertEqual(len(units), 2)
        for unit in units:
            eventually(lambda unit=unit: self.session.show("MainPID", unit) == "0", "xdg-open to end")
            self.assertEqual(self.session.show("ActiveState", unit), "active")
            self.assertEqual(self.session.show("Slice", unit), "app.slice")
        for pid in browser.pids:
            self.assert_not_shut_in(pid)
            os.kill(pid, signal.SIGTERM)
        eventually(lambda: not self.units_of_pages(), "the units to be gone")

        self.sim.allow(notification.code_on(note))
        account.await_is("State", "active")

    @unittest.skipUnless(shutil.which("xdg-open"), "needs xdg-utils")
    def test_without_a_browser_the_address_is_shown(self):
        desktop = Desktop(self.session.address)
        self.addCleanup(desktop.close)
        account = self.sign_in()
        self.sim.kill_tokens()
        with self.assertRaises(BusError):
            account.refresh()
        desktop.press(desktop.await_shown(notification.NEEDED))
        note = desktop.await_shown(notification.ENTER)
        self.assertIn(self.sim.addresses["oauth"] + "/device", note.body)
        eventually(lambda: not self.units_of_pages(), "the unit to be gone")
        self.sim.allow(notification.code_on(note))
        account.await_is("State", "active")

    def test_nobody_reads_its_memory(self):
        self.ctl("list")
        with self.assertRaises(PermissionError), open(f"/proc/{self.session.pid}/mem", "rb"):
            pass

    # Ending

    def test_stopped(self):
        account = self.sign_in()
        token = account.get_token()
        self.session.systemctl("stop", UNIT)
        self.assertEqual(self.session.show("Result"), "success")
        self.assertEqual(self.session.show("ExecMainStatus"), "0")
        self.sim.forget_requests()
        self.assertEqual(account.get_token(), token)
        self.assertEqual(self.sim.requests(), [])

    def test_killed(self):
        account = self.sign_in()
        token = account.get_token()
        pid, before = self.session.pid, self.client.owner_of(TOKENS)
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.call_again(before, account.get_token), token)
        self.assertNotEqual(self.session.pid, pid)

    def call_again(self, before, call):
        """The dying one may take the call along, and dbus-broker refuses one that comes until it is started
        again."""
        try:
            return call()
        except BusError as error:
            if error.name not in ("NoReply", "NameHasNoOwner"):
                raise
            self.session.await_another_daemon(before)
            return call()

    def test_killed_and_nobody_calls(self):
        self.ctl("list")
        before = self.client.owner_of(TOKENS)
        os.kill(self.session.pid, signal.SIGKILL)
        self.session.await_another_daemon(before)
        self.assertEqual(self.session.show("NRestarts"), "1")

    def test_the_watchdog_ends_one_that_hangs(self):
        """With the times that the unit names. Any other signal than SIGKILL would take longer than we wait."""
        account = self.sign_in()
        token, pid, before = account.get_token(), self.session.pid, self.client.owner_of(TOKENS)
        os.kill(pid, signal.SIGSTOP)
        self.session.await_another_daemon(before)
        self.assertNotEqual(self.session.pid, pid)
        self.assertEqual(account.get_token(), token)

    def test_the_watchdog_leaves_a_healthy_one_alone(self):
        self.session.drop_in("WatchdogSec=2s")
        account = self.sign_in()
        pid = self.session.pid
        for _ in range(3):
            request = self.client.sign_in(client_id=self.sim.client_id)
            self.sim.allow(request.prompt()["user_code"])
            request.await_account()
        self.assertEqual(self.session.pid, pid)
        self.assertEqual(account.state, "active")

    def test_a_grant_that_is_not_saved_outlives_a_crash(self):
        """The keyring was locked between the request and its answer."""
        account = self.sign_in()
        renew_unsaved(self.sim, account, self.session.keyring.lock)
        self.assertFalse(account.get("Saved"))
        token, before = account.get_token(), self.client.owner_of(TOKENS)
        os.kill(self.session.pid, signal.SIGKILL)
        self.session.await_another_daemon(before)
        self.assertEqual(account.get_token(), token)
        self.assertFalse(account.get("Saved"))
        self.session.keyring.unlock()
        account.await_is("Saved", True)
        self.assertEqual(self.session.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        eventually(lambda: self.session.show("NFileDescriptorStore") == "0", "the store to be empty")

    def test_an_import_that_is_not_saved_outlives_a_crash(self):
        """Killed between the answer that ended the old copy and the keyring that would keep the new one."""
        application = {"client_id": self.sim.client_id, "client_secret": self.sim.client_secret}
        pair = self.sim.sign_in_elsewhere(application)
        self.addCleanup(self.sim.kill_tokens)
        self.sim.trouble({"kind": "held", "path": "/token", "grant_type": "refresh_token", "count": 1})
        request = self.client.sign_in(
            client_id=self.sim.client_id, client_secret=self.sim.client_secret, flow="import",
            refresh_token=pair["refresh_token"], access_token=pair["access_token"])
        self.sim.wait("/token", grant_type="refresh_token", trouble="held")
        self.session.keyring.lock()
        self.assertEqual(self.sim.let_go(), 1)
        account = request.await_account()
        self.assertFalse(account.get("Saved"))
        before = self.client.owner_of(TOKENS)
        os.kill(self.session.pid, signal.SIGKILL)
        self.session.await_another_daemon(before)
        self.assertEqual(account.get_token().value, self.live_grant()["access_token"])
        self.session.keyring.unlock()
        account.await_is("Saved", True)
        self.assertNotEqual(self.live_grant()["refresh_token"], pair["refresh_token"])
        self.assertEqual(self.session.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        eventually(lambda: self.session.show("NFileDescriptorStore") == "0", "the store to be empty")

    def test_a_sign_in_outlives_a_restart_that_does_not_wait(self):
        """The second signal comes while the login host is asked who has signed in."""
        self.sim.trouble({"kind": "held", "path": "/info", "count": 1})
        request = self.client.sign_in(client_id=self.sim.client_id,
                                      client_secret=self.sim.client_secret)
        self.sim.allow(request.prompt()["user_code"])
        self.sim.wait("/info", trouble="held")
        before, pid = self.client.owner_of(TOKENS), self.session.pid
        self.session.systemctl("restart", "--no-block", UNIT)
        eventually(lambda: self.session.show("ActiveState") == "deactivating", "it stops")
        os.kill(pid, signal.SIGTERM)
        self.session.await_another_daemon(before)
        self.addCleanup(self.sim.let_go)
        eventually(lambda: self.session.keyring.ours("account"), "the keyring has the account")
        self.assertEqual(self.session.keyring.account()["grant"]["refresh_token"],
                         self.live_grant()["refresh_token"])
        eventually(lambda: self.session.show("NFileDescriptorStore") == "0", "the store is empty")


if __name__ == "__main__":
    main_inside(__file__)
