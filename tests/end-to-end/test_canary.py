#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A long day of the daemon, at the end of which no secret may be found where it has no business."""

import os
from urllib.parse import urlencode

from rig import BusError, EndToEndTest, main
from rig.bus import options
from rig.keyring import SECRETS
from rig.process import children, read_proc

# Whose calls and answers carry secrets, and are flagged for it.
CARRIERS = ("GetToken", "GetTokenFD", "SignIn", "AddApplication", "SetApplication", "CheckApplication",
            "SubmitCode", "GetPrompt")
USER_CODE = "user_code"
KINDS = ("access_token", "refresh_token", "device_code", "confirmation_code", "client_secret",
         "code_verifier", "basic_credentials", "page_ticket")


class Canary(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def setUp(self):
        super().setUp()
        self.seen_of_processes = {}
        self.monitor = self.world.new_monitor()
        self.keyring_names = {SECRETS, self.client.owner_of(SECRETS)}

    # The day

    def look_at_processes(self):
        """Arguments and environment of everybody who lives here now."""
        for pid in children():
            for name in ("cmdline", "environ"):
                self.seen_of_processes[pid, name] = "\n".join(read_proc(pid, name))

    def live_through_the_day(self):
        terminal = self.world.ctl_at_terminal(*self.login_arguments())
        code = terminal.await_text(r"enter this code:\s+(\w+)")[1]
        self.look_at_processes()
        self.sim.allow(code)
        self.assertEqual(terminal.await_end(), 0)
        self.shown = [terminal.shown.replace(code, "")]

        account = self.client.find_account()
        self.meet_troubles(account)
        self.renew(account)
        self.look_for_what_is_wrong(account)
        self.lose_the_keyring(account)
        self.look_at_processes()
        self.sign_in_by_code(account)
        self.import_a_pair()
        self.fail_to_sign_in()
        self.shown += [result.out + result.err for result in (
            self.ctl("status"), self.ctl("--json", "status"), self.ctl("list"),
            self.ctl("rename", "ivan", "home"), self.ctl("logout"))]
        self.assertEqual(self.keyring.ours(), [])

    def meet_troubles(self, account):
        for trouble in ("503@/token", "redirect@/token", "captive@/token", "lost@/token*1",
                        "truncated-json@/token*1"):
            self.sim.trouble(trouble)
            self.world.restart_daemon()
            self.shown += [self.ctl("refresh").err, self.ctl("status").out]
        self.sim.trouble()
        self.sign_in_again(account)

    def sign_in_again(self, account):
        """What was lost under way after a rotation cannot be had back."""
        again = self.begin_sign_in()
        self.sim.allow(again.code)
        self.assertEqual(again.await_account().path, account.path)

    def renew(self, account):
        self.world.restart_daemon()
        account.refresh()
        self.client.get_token_fd()
        self.ctl("token")
        self.world.run("busctl", "--user", "introspect", "io.github.yadiskctl.Tokens1", account.path)
        self.shown += [self.world.run("busctl", "--user", "tree", "io.github.yadiskctl.Tokens1").out]
        self.world.restart_daemon()
        self.sim.kill_tokens(client_id=self.client_id)
        self.shown += [self.ctl("refresh").err, self.ctl("token").err]
        self.sign_in_again(account)

    def look_for_what_is_wrong(self, account):
        """Each also where the answer makes no sense."""
        for trouble in ("captive", "truncated-json", None):
            self.sim.trouble(*([trouble] if trouble else []))
            account.call("Diagnose", "(a{sv})", {})
            self.client.manager("Diagnose", "(a{sv})", {})
            try:
                self.client.manager("CheckApplication", "(sa{sv})", self.client_id,
                                    options({"client_secret": self.client_secret}))
            except BusError as error:
                self.shown.append(error.message)
        self.sim.expire_codes()  # that nobody is to confirm

    def lose_the_keyring(self, account):
        self.keyring.lock()
        self.world.restart_daemon()
        self.shown += [self.ctl("token").err]
        self.keyring.unlock()
        account.await_is("State", "active")

    def sign_in_by_code(self, account):
        """Once with the code, once with the address; and what is refused on the way."""
        oauth = self.sim.addresses["oauth"]
        for whole in (False, True):
            request = self.client.sign_in(client_id=self.client_id, flow="code")
            parameters = self.sim.authorize(request.prompt()["authorization_url"])
            address = f"{oauth}/verification_code?{urlencode(parameters)}"
            for wrong in (address + "x=%", address.replace("state=", "state=x")):
                with self.assertRaises(Exception):
                    request.submit(wrong)
            request.submit(address if whole else parameters["code"])
            self.assertEqual(request.await_account().path, account.path)
        used = self.client.sign_in(client_id=self.client_id, flow="code")
        used.prompt()
        used.submit(parameters["code"])
        self.shown.append(used.await_end()[1]["message"])

    def import_a_pair(self):
        app = self.sim.application()
        for _ in range(2):
            pair = self.sim.sign_in_elsewhere(app)
            request = self.client.sign_in(
                client_id=app["client_id"], client_secret=app["client_secret"], flow="import",
                refresh_token=pair["refresh_token"], access_token=pair["access_token"])
            response, results = request.await_end()
        self.shown.append(results["message"])  # the second finds the user here already
        self.assertEqual(response, 2)
        for account in self.client.accounts():
            if account.get("ClientId") == app["client_id"]:
                account.sign_out()

    def fail_to_sign_in(self):
        denied = self.world.launch_ctl(*self.login_arguments())
        self.sim.deny(self.sim.wait_pending()["user_code"])
        denied.await_end()
        self.shown.append(denied.stderr.read())
        wrong = self.client.sign_in(client_id=self.client_id, client_secret="wrong-canary", replace=True)
        self.sim.allow(wrong.prompt()["user_code"])
        wrong.await_error()

    # The evening

    def secrets(self, *kinds):
        found = [secret for secret in self.sim.secrets(*kinds) if len(secret) >= 6]
        return found + ["wrong-canary"]

    def assert_free_of(self, secrets, what, text):
        found = [secret for secret in secrets if secret in text]
        self.assertEqual(found, [], f"{what} has secrets")

    def innocent_messages(self):
        """Everything on the bus but the calls that are meant to carry secrets."""
        for message in self.monitor.select():
            call = message.call or message
            names = {call.destination, call.sender, message.destination, message.sender}
            if call.member in CARRIERS and message.type != "signal":
                continue
            if names & self.keyring_names and message.type != "signal":
                continue
            yield message

    def files_of_the_home(self):
        for directory, _, names in os.walk(self.world.directory):
            for name in names:
                path = os.path.join(directory, name)
                if os.path.isfile(path) and name not in ("client-secret", "daemon.log"):
                    with open(path, "rb") as file:
                        yield path, file.read().decode("latin-1")

    def test_no_secret_is_where_it_has_no_business(self):
        self.live_through_the_day()
        self.monitor.catch_up(self.client, *self.daemon.names())
        secrets, codes = self.secrets(*KINDS), self.secrets(USER_CODE)
        self.assertGreater(len(secrets), 12)
        self.assertGreater(len(codes), 3)
        with open(self.world.daemon_log, encoding="utf-8") as file:
            log = file.read()
        self.assertGreater(log.count("\n"), 20)
        self.assert_free_of(secrets + codes, "the log", log)
        for shown in self.shown:
            self.assert_free_of(secrets + codes, "what yadiskctl showed", shown)

        self.assertGreater(len(self.seen_of_processes), 6)
        for (pid, name), text in self.seen_of_processes.items():
            self.assert_free_of(secrets, f"/proc/{pid}/{name}", text)

        messages = list(self.innocent_messages())
        self.assertGreater(len([m for m in messages if m.member == "PropertiesChanged"]), 10)
        for message in messages:
            self.assert_free_of(secrets + codes, message, message.text)

        files = list(self.files_of_the_home())
        self.assertGreater(len(files), 3)
        for path, text in files:
            self.assert_free_of(secrets + codes, path, text)

    def test_the_canary_sings(self):
        """What is searched would be found."""
        self.sign_in()
        self.client.get_token()
        self.monitor.catch_up(self.client)
        secrets = self.secrets(*KINDS)
        whole = "".join(message.text for message in self.monitor.select())
        self.assertTrue([secret for secret in secrets if secret in whole])
        self.assertIn(self.client_secret, secrets)
        with self.assertRaises(AssertionError):
            self.assert_free_of(secrets, "this", f"a line with {self.live_grant()['access_token']}")


if __name__ == "__main__":
    main()
