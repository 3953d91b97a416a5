#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The whole way of a token, from yadiskctl login to yadiskctl logout, at a Yandex that rotates."""

from rig import EndToEndTest, main
from rig.bus import ALL_SEALS, MANAGER, MANAGER_PATH, TOKENS


class Spine(EndToEndTest):
    KNOBS = {"refresh_mode": "B"}

    def busctl_token(self):
        """(token, generation) as busctl shows them."""
        shown = self.world.run("busctl", "--user", "call", TOKENS, MANAGER_PATH, MANAGER,
                               "GetToken", "sa{sv}", "", "0").out.split()
        self.assertEqual(shown[0], "stua{sv}")
        return shown[1].strip('"'), int(shown[3])

    def assert_all_agree(self, account):
        """Everybody who asks is told of the same grant, which is the one that Yandex knows."""
        token = account.get_token()
        from_fd, seals = self.client.get_token_fd()
        self.assertEqual(seals, ALL_SEALS)
        self.assertEqual(from_fd, token)
        self.assertEqual(self.ctl("token").out, token.value + "\n")
        self.assertEqual(self.ctl("token", "--header").out,
                         f"Authorization: OAuth {token.value}\n")
        self.assertEqual(self.ctl("--json", "token").json,
                         {"version": 1, "access_token": token.value, "token_type": "OAuth",
                          "expires_at": token.expires_at, "generation": token.generation,
                          "account": account.id, "label": account.get("Label"),
                          "login": account.get("Login")})
        self.assertEqual(self.busctl_token(), (token.value, token.generation))
        self.assertEqual(account.generation, token.generation)
        self.assertEqual(account.get("ExpiresAt"), token.expires_at)
        self.assertEqual(self.live_grant()["access_token"], token.value)
        self.assertEqual(token.details, {"account": account.path, "token_type": "OAuth",
                                         "next_refresh_at": account.get("NextRefreshAt"),
                                         "scopes": account.get("Scopes")})
        return token

    def assert_keyring_agrees(self, token):
        grant = self.keyring.account()["grant"]
        self.assertEqual(grant["access_token"], token.value)
        self.assertEqual(grant["generation"], token.generation)
        self.assertEqual(grant["refresh_token"], self.live_grant()["refresh_token"])

    def test_from_login_to_logout(self):
        shown = self.ctl_login("--scope", "cloud_api:disk.info", "--scope", "login:info")
        self.assertIn("Signed in as ivan", shown)
        account = self.client.find_account()
        self.assertEqual(account.get("Label"), "ivan")
        first = self.assert_all_agree(account)
        self.assertEqual(sorted(first.details["scopes"]), ["cloud_api:disk.info", "login:info"])
        self.assert_keyring_agrees(first)

        account.refresh()
        second = self.assert_all_agree(account)
        self.assertNotEqual(second.value, first.value)
        self.assertGreater(second.generation, first.generation)
        self.assert_keyring_agrees(second)

        self.sim.forget_requests()
        self.world.restart_daemon()
        self.assertEqual(self.client.find_account().path, account.path)
        self.assertEqual(self.assert_all_agree(account), second)
        self.assertEqual(self.sim.requests(), [])

        out = self.ctl("logout").out
        self.assertIn("revoked", out)
        revocation, = self.sim.requests(path="/revoke_token")
        self.assertEqual(revocation["form"]["access_token"], second.value)
        self.assertEqual(self.sim.grants(client_id=self.client_id, alive=True), [])
        self.assertEqual(self.keyring.ours(), [])
        self.assertEqual(self.client.accounts(), [])

    def test_renewed_in_time_without_anybody_asking(self):
        self.sim.knobs(token_life=12)
        account = self.sign_in()
        first = account.get_token()
        account.await_told("Generation", first.generation + 1)
        second = self.assert_all_agree(account)
        self.assert_keyring_agrees(second)
        account.await_told("Generation", first.generation + 2)

        # The simulator renews nothing that has expired.
        self.assertEqual({request["status"] for request in self.refreshes()}, {200})


if __name__ == "__main__":
    main()
