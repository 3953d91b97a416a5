#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yadiskctl doctor: everything that can be wrong is made wrong, and doctor names that and nothing else."""

import json
import re
import signal

from rig import TOKENS, EndToEndTest, Simulator, main
from rig.clock import DAY, MINUTE, YEAR
from test_status import COLOURED, tagged

MACHINE = ["bus", "unit", "daemon", "keyring", "network", "tls", "clock", "device-id", "accounts"]
ACCOUNT = ["sign-in", "application", "token", "disk", "permissions", "renewal", "saved"]
WITHOUT_DAEMON = ["keyring", "network", "tls", "clock", "device-id", "accounts"]


class DoctorTest(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def diagnose(self, status, **environment):
        """The checks by account and name."""
        result = self.ctl("--json", "doctor", **environment)
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.err, "")
        self.assertEqual([secret for secret in self.sim.secrets() if secret in result.out], [])
        return {(check["account"], check["name"]): check for check in result.json["checks"]}

    def assert_culprit(self, name, status, pattern, account=None, skipped=(), **environment):
        """It is in trouble, alone, and what it makes impossible is skipped; all else is well. What
        people read is the same."""
        checks = self.diagnose(status, **environment)
        self.assertEqual([key for key, check in checks.items() if check["verdict"] == "trouble"],
                         [(account, name)], checks)
        self.assertEqual({key[1] for key, check in checks.items() if check["verdict"] == "skipped"},
                         set(skipped), checks)
        self.assertNotIn("attention", [check["verdict"] for check in checks.values()])

        check = checks[account, name]
        self.assertRegex(check["message"], pattern)
        self.assertRegex(check["advice"], r"\A[A-Z].*\.\Z")
        for other in checks.values():
            self.assertRegex(other["message"], r"\A[A-Z].*\.\Z|\Ayadisk-tokend.*\.\Z")
            self.assertEqual(other["advice"] is None, other["verdict"] in ("ok", "skipped"))

        shown = self.ctl("doctor", **environment)
        self.assertEqual((shown.status, shown.err), (status, ""))
        self.assertEqual(len(re.findall(r"^trouble ", shown.out, re.MULTILINE)), 1)
        self.assertTrue(shown.out.endswith(f"\nWhat to do first: {check['advice']}\n"), shown.out)
        return shown.out

    def assert_well(self):
        checks = self.diagnose(0)
        self.assertEqual({check["verdict"] for check in checks.values()}, {"ok"}, checks)
        return checks


class Session(DoctorTest):
    """From the bus to the daemon."""

    def test_no_bus(self):
        rest = ["unit", "daemon"] + WITHOUT_DAEMON
        self.assert_culprit("bus", 8, "There is no session bus", skipped=rest, outside=True)
        self.assert_culprit("bus", 8, r"cannot be reached \(No such file", skipped=rest,
                            DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")

    def test_no_daemon(self):
        self.daemon.stop()
        shown = self.assert_culprit("daemon", 8, "not running", skipped=WITHOUT_DAEMON)
        self.assert_screen("doctor-no-daemon", shown)

    def test_a_daemon_that_cannot_start(self):
        self.daemon.stop()
        self.world.let_the_bus_start_the_daemon()
        self.world.configure("[Yandex]\nOAuthURL=http://plain\n")
        self.assert_culprit("daemon", 8, "could not be started", skipped=WITHOUT_DAEMON)

    def test_a_daemon_that_is_silent(self):
        self.daemon.send(signal.SIGSTOP)
        self.addCleanup(self.daemon.send, signal.SIGCONT)
        checks = self.diagnose(8, hurry=True)
        self.assertEqual(checks[None, "daemon"]["verdict"], "trouble")
        self.assertIn("does not answer", checks[None, "daemon"]["message"])

    def test_another_program_under_its_name(self):
        self.daemon.stop()
        other = self.world.new_client()
        other.bus("RequestName", "(su)", TOKENS, 0)
        self.assert_culprit("daemon", 1, "does not understand", skipped=WITHOUT_DAEMON)


class Keyring(DoctorTest):
    CLOCK = True

    def test_locked(self):
        account = self.sign_in()
        self.daemon.stop()
        self.keyring.lock()
        self.world.start_daemon()
        self.assert_culprit("keyring", 5, "locked", skipped=ACCOUNT)
        self.keyring.unlock()
        account.await_is("State", "active")
        self.assert_well()

    def test_locked_while_a_token_waits(self):
        """The token that cannot be saved is the keyring's trouble, and not one of its own."""
        account = self.sign_in()
        self.renew_unsaved(account)
        self.assertEqual((account.get("Saved"), account.last_error), (False, "KeyringLocked"))
        self.assert_culprit("keyring", 5, "locked", skipped=["saved"])

    def test_locked_while_a_renewal_waits(self):
        account = self.sign_in()
        account.await_is("Saved", True)
        self.lock_keyring()
        self.assert_refused("KeyringLocked", account.refresh)
        self.assertEqual((account.get("Saved"), account.last_error), (True, "KeyringLocked"))
        self.assert_culprit("keyring", 5, "locked")

    def test_gone(self):
        self.sign_in().await_is("Saved", True)
        self.keyring.stop()
        self.client.await_property("KeyringState", "absent")
        self.assert_culprit("keyring", 5, "No keyring service")


class NoKeyring(DoctorTest):
    KEYRING = False

    def test_nobody_is_told_to_sign_in(self):
        self.assert_culprit("keyring", 5, "No keyring service", skipped=["accounts"])


UNASKED = ["application", "token", "disk", "permissions", "renewal"]


class Network(DoctorTest):
    """Between the machine and Yandex. The daemon is told where Yandex is when it starts."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)

    def restart_for(self, simulator, **keys):
        self.world.configure_for(simulator, **keys)
        self.world.restart_daemon()

    def test_nobody_there(self):
        other = Simulator()
        other.start()
        self.restart_for(other)
        other.stop()
        self.assert_culprit("network", 6, "cannot be reached at https://localhost:.*: no connection",
                            skipped=["tls", "clock"] + UNASKED)

    def test_no_such_host(self):
        self.restart_for(self.sim, DiskURL="https://nonexistent.invalid")
        checks = self.diagnose(6)
        self.assertEqual(checks[None, "network"]["verdict"], "trouble")
        self.assertIn("https://nonexistent.invalid", checks[None, "network"]["message"])

    def test_yandex_has_trouble_of_its_own(self):
        self.sim.trouble("503")
        checks = self.diagnose(6)
        self.assertEqual(checks[None, "network"]["verdict"], "trouble")
        self.assertIn("does not answer as it should", checks[None, "network"]["message"])

    def test_untrusted_certificates(self):
        for certificate, why in (("self-signed", "not trusted"), ("wrong-name", "not trusted"),
                                 ("expired", "no longer valid by the clock")):
            with self.subTest(certificate):
                self.sim.knobs(certificate=certificate)
                self.restart_for(self.sim)
                self.assert_culprit("tls", 6, why, skipped=["clock"] + UNASKED)

    def test_an_authority_that_nobody_knows(self):
        """As behind a proxy that reads along, and in a café."""
        self.restart_for(self.sim, CAFile="/etc/ssl/certs/ca-certificates.crt")
        self.assert_culprit("tls", 6, "not trusted; it is", skipped=["clock"] + UNASKED)


class WrongClock(DoctorTest):
    """That of the daemon."""
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)

    def restart_ahead(self, seconds):
        self.daemon.stop()
        self.clock.turn(seconds)
        self.world.start_daemon()

    def test_a_little_is_no_matter(self):
        self.restart_ahead(4 * MINUTE)
        self.assert_well()

    def test_ten_minutes(self):
        self.restart_ahead(10 * MINUTE)
        shown = self.assert_culprit("clock", 1, r"shows .* UTC, that of Yandex .* UTC",
                                    skipped=["renewal"])
        version = self.client.property("Version")
        self.assert_screen("doctor-clock", re.sub(r"\d{4}-\d\d-\d\d [\d:]{8} UTC", "TIME",
                                                  shown.replace(version, "VERSION")))

    def test_a_day_behind(self):
        """Certificates are not valid yet, which is not their fault."""
        self.restart_ahead(-DAY)
        self.assert_culprit("clock", 1, "before a token was obtained", skipped=["tls"] + UNASKED)

    def test_years_ahead(self):
        """It might be the certificate; so the time is told."""
        self.restart_ahead(20 * YEAR)
        checks = self.diagnose(6)
        self.assertRegex(checks[None, "tls"]["message"], r"by the clock of this machine; it is 204\d-")
        self.assertIn("set the clock", checks[None, "tls"]["advice"])


class Accounts(DoctorTest):
    CLOCK = True

    def signed_in(self, **given):
        account = self.sign_in(**given)
        account.await_is("Saved", True)
        return account

    def test_all_is_well(self):
        account = self.signed_in()
        checks = self.assert_well()
        self.assertEqual(list(checks), [(None, name) for name in MACHINE] +
                         [(account.id, name) for name in ACCOUNT])
        shown = self.ctl("doctor").out
        version = self.client.property("Version")
        self.assert_screen("doctor", shown.replace(version, "VERSION"))
        terminal = self.world.ctl_at_terminal("doctor", **COLOURED)
        self.assertEqual(terminal.await_end(), 0)
        self.assertEqual(re.sub(r"<[a-z/]+>", "", tagged(terminal.shown)), shown)

    def test_nobody(self):
        self.assert_culprit("accounts", 3, "Nobody is signed in")

    def test_the_token_is_dead(self):
        account = self.signed_in()
        self.sim.kill_tokens()
        self.assert_culprit("token", 4, "no longer works", account.id, ["disk", "permissions"])
        self.assertEqual(account.state, "active")  # looking changes nothing

    def test_a_token_that_is_refused_now_and_then_is_not_dead(self):
        self.signed_in()
        self.sim.knobs(spurious_401_every={"value": 1, "count": 1})
        self.assert_well()

    def test_sign_in_needed(self):
        account = self.signed_in()
        self.sim.kill_tokens()
        self.assert_refused("SignInNeeded", account.refresh)
        account.await_is("Saved", True)
        self.assert_culprit("sign-in", 4, "no longer accepts", account.id,
                            ["token", "disk", "permissions", "renewal"])

    def test_the_application_is_blocked(self):
        account = self.signed_in()
        self.sim.block_application(self.client_id)
        self.assert_culprit("application", 7, "blocked", account.id,
                            ["token", "disk", "permissions"])
        self.assert_refused("AppRefused", account.refresh)
        account.await_is("Saved", True)
        self.assert_culprit("application", 7, "blocked", account.id,
                            ["token", "disk", "permissions", "renewal"])

    def test_the_application_awaits_moderation(self):
        """Only the renewal tells, and it is not the secret that is wrong, after a restart either."""
        account = self.signed_in()
        self.sim.script_answer("/token", status=400, body='{"error": "unauthorized_client"}',
                               headers={"Content-Type": "application/json"}, grant_type="refresh_token")
        told = self.assert_refused("AppRefused", account.refresh)
        self.assertIn("moderation", told.message)
        account.await_is("Saved", True)
        self.assert_culprit("application", 7, "awaits moderation", account.id, ["renewal"])
        self.world.restart_daemon()
        self.assert_culprit("application", 7, "awaits moderation", account.id, ["renewal"])

    def test_the_secret_was_changed(self):
        account = self.signed_in()
        self.sim.application(client_id=self.client_id, client_secret="another")
        self.assert_refused("AppRefused", account.refresh)
        account.await_is("Saved", True)
        self.assert_culprit("application", 7, "refused its secret", account.id, ["renewal"])

    def spoil_application(self, spoil):
        self.daemon.stop()
        item, = self.keyring.ours("application")
        spoil(item)
        self.world.start_daemon()

    def assert_no_secret(self, account, status, error, pattern):
        """It is seen before a renewal has failed, and after; and it can be given again."""
        self.assert_culprit("application", status, pattern, account.id, ["renewal"])
        self.assertIn("no secret", self.ctl("apps").out)
        self.assert_refused(error, account.refresh)
        self.assert_culprit("application", status, pattern, account.id, ["renewal"])
        refused = self.ctl("refresh")
        self.assertEqual(refused.status, status)
        self.assertRegex(refused.err, pattern)
        added = self.ctl("apps", "add", self.client_id, "--client-secret-file", self.secret_file())
        self.assertEqual(added.status, 0, added)
        self.assert_well()

    def test_the_secret_was_lost(self):
        account = self.signed_in()
        self.spoil_application(self.keyring.delete)
        self.assert_no_secret(account, 4, "ClientSecretMissing", "no longer in the keyring")

    def test_the_secret_cannot_be_read(self):
        account = self.signed_in()
        self.spoil_application(lambda item: self.keyring.write(item, "{{{"))
        self.assert_no_secret(account, 4, "ClientSecretMissing", "cannot be read")

    def test_there_is_none_in_the_entry(self):
        account = self.signed_in()
        self.spoil_application(lambda item: self.keyring.write(
            item, json.dumps(json.loads(item.secret()) | {"client_secret": None})))
        self.assert_no_secret(account, 4, "ClientSecretMissing", "no longer in the keyring")

    def test_the_secret_is_of_a_newer_version(self):
        account = self.signed_in()
        self.spoil_application(lambda item: self.keyring.write(
            item, json.dumps(json.loads(item.secret()) | {"version": 9})))
        self.assert_no_secret(account, 5, "KeyringFailed", "written .*by a newer yadisk-tokend")

    def test_an_account_without_a_disk(self):
        account = self.signed_in()
        self.sim.knobs(disk_account="unsupported")
        shown = self.assert_culprit("disk", 7, "no Disk", account.id, ["permissions"])
        version = self.client.property("Version")
        self.assert_screen("doctor-no-disk", shown.replace(version, "VERSION"))

    def test_permissions_are_missing(self):
        account = self.signed_in(scopes=["cloud_api:disk.read"])
        self.assert_culprit("permissions", 7, r"permissions: cloud_api:disk\.info\.", account.id)

    def test_all_permissions_are_missing(self):
        account = self.signed_in(scopes=["login:info"])
        self.assert_culprit("permissions", 7,
                            r"permissions: cloud_api:disk\.info cloud_api:disk\.read\.", account.id,
                            ["disk"])

    def test_the_last_renewal_failed(self):
        """What has passed asks for attention, and for nothing else."""
        account = self.signed_in()
        self.sim.trouble("503@/token")
        self.assert_refused("ServerTrouble", account.refresh)
        checks = self.diagnose(0)
        self.assertEqual([key for key, check in checks.items() if check["verdict"] != "ok"],
                         [(account.id, "renewal")])
        self.assertEqual(checks[account.id, "renewal"]["verdict"], "attention")
        self.assertTrue(self.ctl("doctor").out.endswith("Everything works; what needs attention is shown above.\n"))

    def test_one_of_two(self):
        self.sim.add_user("olga")
        home = self.signed_in()
        work = self.signed_in(login="olga", app=self.sim.application(), label="work")
        self.sim.kill_tokens("olga")
        self.assert_culprit("token", 4, "no longer works", work.id, ["disk", "permissions"])
        self.assertNotEqual(home.id, work.id)

    def test_the_first_trouble_decides(self):
        account = self.signed_in()
        self.sim.block_application(self.client_id)
        self.keyring.lock()
        self.client.await_property("KeyringState", "locked")
        checks = self.diagnose(5)
        self.assertEqual([key for key, check in checks.items() if check["verdict"] == "trouble"],
                         [(None, "keyring"), (account.id, "application")])


if __name__ == "__main__":
    main()
