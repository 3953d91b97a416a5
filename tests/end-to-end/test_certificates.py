#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that cannot prove who it is gets nothing, whatever is asked of it."""

from rig import EndToEndTest, Simulator, main

BAD = ("self-signed", "expired", "wrong-name", "common-name")


class Certificates(EndToEndTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.impostor = Simulator(interval=1)
        cls.addClassCleanup(cls.impostor.stop)
        cls.impostor.start()

    def impostors(self):
        """A Yandex that is none, with each certificate. The last is well-made, by another authority."""
        for certificate in BAD + ("good",):
            with self.subTest(certificate):
                self.impostor.knobs(certificate=certificate)
                yield self.impostor
                self.assertEqual(self.impostor.requests(), [])

    def move(self, impostor, host, key):
        """From now on one of the three addresses is the impostor's. What is trusted stays: the
        authority of the real one, and of the impostor if its certificate is bad."""
        bad = impostor.knobs()["certificate"] != "good"
        trusted = (impostor if bad else self.sim).addresses["ca"]
        with open(trusted, encoding="ascii") as first, \
                open(self.sim.addresses["ca"], encoding="ascii") as second:
            both = self.world.write("ca.pem", first.read() + second.read())
        self.world.configure_for(self.sim, CAFile=both, **{key: impostor.addresses[host]})
        self.world.restart_daemon()

    def test_device_code(self):
        for impostor in self.impostors():
            self.move(impostor, "oauth", "OAuthURL")
            request = self.client.sign_in(client_id=self.client_id,
                                          client_secret=self.client_secret)
            self.assertEqual(request.await_error(), "ServerTrouble")
            self.assertIn("certificate", self.daemon.log())

    def test_token(self):
        account = self.sign_in()
        token = account.get_token()
        for impostor in self.impostors():
            self.move(impostor, "oauth", "OAuthURL")
            self.assert_refused("ServerTrouble", account.refresh)
            self.assertEqual(account.get_token(), token)
            self.assertEqual(account.state, "active")

    def test_revoke_token(self):
        for impostor in self.impostors():
            self.world.configure_for(self.sim)
            self.world.restart_daemon()
            account = self.sign_in()
            self.move(impostor, "oauth", "OAuthURL")
            self.assertFalse(account.sign_out()["revoked"])
            self.assertEqual(self.keyring.ours(), [])

    def test_info(self):
        for impostor in self.impostors():
            self.move(impostor, "login", "LoginURL")
            account = self.sign_in()
            self.assertEqual(account.get("Login"), "")
            account.sign_out()

    def test_probe(self):
        account = self.sign_in()
        account.call("ReportRefused", "(u)", account.generation)
        self.sim.wait("/v1/disk/operations/0000", host="disk")
        for impostor in self.impostors():
            self.move(impostor, "disk", "DiskURL")
            account.call("ReportRefused", "(u)", account.generation)
            account.refresh()
            self.assertEqual(account.state, "active")
            self.assertEqual(account.last_error, "")

    def test_while_polling(self):
        """Connections that were proven are kept; a new one has to prove itself anew."""
        request = self.begin_sign_in()
        self.sim.knobs(certificate="self-signed")
        self.sim.trouble("reset-accept*1")
        self.assertEqual(request.await_error(), "ServerTrouble")
        self.assertEqual(self.client.accounts(), [])

    def test_plain_http_is_never_spoken(self):
        account = self.sign_in()
        self.sim.trouble("redirect")
        self.assert_refused("ServerTrouble", account.refresh)
        account.sign_out()
        self.assertEqual(self.sim.requests(host="plain"), [])


if __name__ == "__main__":
    main()
