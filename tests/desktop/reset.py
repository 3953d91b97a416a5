# SPDX-License-Identifier: MIT
"""Somebody deletes what the daemon keeps, or all of the keyring."""

from cycle import A_WHILE, KeyringTest  # noqa: F401
from rig.waiting import eventually


class Reset:
    """The tests, for a KeyringTest."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.account.await_is("Saved", True)
        self.assert_kept()

    def assert_written_again(self):
        """Both the account and its application, without which it could not be renewed after a start."""
        self.assert_kept()
        self.account.await_is("Saved", True)
        self.assertEqual(self.daemon.stop(), 0)
        self.start_daemon()
        self.at_terminal("token")
        self.renew()

    def delete(self, kind):
        """Until the daemon has noticed."""
        self.keyring.delete_ours(kind)
        eventually(lambda: len(self.keyring.ours(kind)) == 1, f"the {kind} to be written again")

    def test_the_application_is_deleted(self):
        self.delete("application")
        self.assert_written_again()

    def test_the_account_is_deleted(self):
        self.delete("account")
        self.assert_written_again()

    def test_the_keyring_is_replaced_by_an_empty_one(self):
        self.keyring.replace()
        self.assert_written_again()

    def test_the_application_is_deleted_while_there_is_no_daemon(self):
        """Without its secret nothing is asked of Yandex, which would only refuse it."""
        self.assertEqual(self.daemon.stop(), 0)
        self.keyring.delete_ours("application")
        self.sim.forget_requests()
        self.start_daemon()
        self.at_terminal("token")
        self.assert_token_is_served()
        self.clock.pass_by(A_WHILE)
        result = self.in_script("refresh", status=4)
        self.assertIn("secret", result.err)
        self.assertEqual(self.refreshes(), [])

        self.in_script("apps", "add", self.client_id, "--client-secret-file", self.secret_file())
        self.account.await_is("LastError", ("", ""))
        self.assert_written_again()
