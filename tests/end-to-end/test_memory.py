#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where secrets are in the memory of the daemon: in pages of their own, and nowhere once they are used up."""

import os
import re

from rig import EndToEndTest, main, skip
from rig.bus import BusError, options
from rig.endpoint import Feeds
from rig.memory import mappings

# That are worth something as long as the account is there; all others, only for one exchange.
LASTING = ("access_token", "refresh_token", "client_secret")
PASSING = ("device_code", "code_verifier", "page_ticket")

# See proc(5): locked, left out of core dumps.
OF_A_SECRET = {"lo", "dd"}

# What is freed loses its first bytes in any case.
TAIL = 12


def found_in(pid, tails):
    return [(tail, mapping.flags) for mapping in mappings(pid)
            for tail in tails for _ in range(mapping.content.count(tail))]


class Memory(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def live_through_the_day(self):
        account = self.sign_in_on_a_device()
        account.refresh()
        account.get_token()
        self.client.get_token_fd()
        self.look_for_what_is_wrong(account)
        self.world.restart_daemon()
        account.refresh()
        self.sign_in_by_code()
        self.import_a_pair()
        self.get_no_answer(account)
        account.await_is("Saved", True)

    def look_for_what_is_wrong(self, account):
        account.call("Diagnose", "(a{sv})", {})
        self.client.manager("CheckApplication", "(sa{sv})", self.client_id,
                            options({"client_secret": self.client_secret}))

    def sign_in_by_code(self):
        request = self.client.sign_in(client_id=self.client_id, flow="code")
        request.submit(self.sim.authorize(request.prompt()["authorization_url"])["code"])
        request.await_account()

    def import_a_pair(self):
        app = self.sim.application()
        pair = self.sim.sign_in_elsewhere(app)
        self.client.sign_in(client_id=app["client_id"], client_secret=app["client_secret"],
                            flow="import", refresh_token=pair["refresh_token"],
                            access_token=pair["access_token"]).await_account()

    def get_no_answer(self, account):
        self.sim.trouble("truncated-json@/token*1")
        account.refresh()

    def found(self, *kinds):
        """The flags of the memory that the secrets of these kinds are in, as (secret, flags)."""
        tails = [secret[-TAIL:].encode() for secret in self.sim.secrets(*kinds)
                 if len(secret) > TAIL]
        self.assertGreater(len(tails), 0, kinds)
        return found_in(self.daemon.pid, tails)

    def test_at_the_end_of_a_day(self):
        self.live_through_the_day()
        lasting = self.found(*LASTING)
        self.assertGreater(len(lasting), 3)
        for tail, flags in lasting:
            self.assertLessEqual(OF_A_SECRET, flags, tail)
        for kind in PASSING:
            self.assertEqual(self.found(kind), [], kind)

    def test_when_the_account_has_gone(self):
        account = self.sign_in()
        account.refresh()
        account.sign_out()
        self.assertEqual(self.found(*LASTING), [])

    def test_at_the_end_of_a_day_when_all_accounts_have_gone(self):
        self.live_through_the_day()
        for account in self.client.accounts():
            account.sign_out()
        for client_id in self.client.manager("ListApplications")[0]:
            self.client.manager("RemoveApplication", "(s)", client_id)
        self.assertEqual(self.found(*LASTING, *PASSING), [])


class Libraries(EndToEndTest):
    """Those of HTTPS are loaded for the first request."""

    def loaded(self):
        with open(f"/proc/{self.daemon.pid}/maps", encoding="utf-8") as maps:
            return set(re.findall(r"/(libcurl|libssl|libcrypto)\.so", maps.read()))

    def test_a_daemon_that_only_serves_does_without(self):
        account = self.sign_in()
        self.assertEqual(self.loaded(), {"libcurl", "libssl", "libcrypto"})
        self.world.restart_daemon()
        account.get_token()
        self.assertEqual(self.loaded(), set())
        account.refresh()
        self.assertEqual(self.loaded(), {"libcurl", "libssl", "libcrypto"})

    def test_a_missing_one_is_told_and_may_come_later(self):
        account = self.sign_in()
        broken = os.path.join(self.world.home, "libcurl.so.4")
        with open(broken, "wb"):
            pass
        self.world.restart_daemon(LD_LIBRARY_PATH=self.world.home)
        token = account.get_token().value
        with self.assertRaises(BusError) as raised:
            account.refresh()
        self.assertIn("libcurl is missing", str(raised.exception))
        self.assertEqual(account.get_token().value, token)
        os.unlink(broken)
        account.call("Diagnose", "(a{sv})", {})
        self.assertEqual(self.loaded(), {"libcurl", "libssl", "libcrypto"})


class TokenEndpoint(EndToEndTest):
    def test_nothing_is_left_of_an_answer(self):
        feeds, endpoint = Feeds(self.world.environment), self.world.new_endpoint().start()
        handle = feeds.add(self.sign_in().id)
        for _ in range(3):
            self.assertEqual(endpoint.ask(handle).status, 200)
            self.assertEqual(endpoint.ask(handle + "x").status, 400)
        token = self.live_grant()["access_token"]
        self.assertEqual(found_in(endpoint.pid, [token[-TAIL:].encode(), handle[-TAIL:].encode()]), [])


if __name__ == "__main__":
    if os.getuid() != 0:
        skip("Only root may read the memory of the daemon.")
    if os.environ.get("YADISK_SANITIZE"):
        skip("The sanitizers keep what was freed.")
    main()
