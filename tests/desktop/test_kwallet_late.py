#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""KWallet says that it has stored a thing, and writes its file five seconds later. If it ends before that,
or the session does, what the user was told must be true all the same."""

from cycle import KeyringTest
from kwallet import PASSWORD, KWallet, is_installed
from rig import main, skip
from rig.waiting import eventually


class Late(KeyringTest):
    def open_keyring(self):
        return KWallet(self.world, PASSWORD)

    def end_session(self):
        """Our service ends first, as its unit says."""
        self.assertEqual(self.daemon.stop(), 0)
        self.keyring.stop()

    def begin_session(self):
        self.keyring.start()
        self.start_daemon()

    def sign_in_and_save(self):
        account = self.sign_in_at_terminal()
        account.await_is("Saved", True)
        return account

    def assert_all_is_well(self):
        """What is kept is what lives; a token that is dead could not be renewed."""
        self.at_terminal("token")
        self.assert_token_is_served()
        self.assert_kept()
        self.renew()

    def test_the_session_ends_right_after_a_renewal(self):
        self.sign_in_and_save()
        self.in_script("refresh")
        self.end_session()
        self.begin_session()
        self.assert_all_is_well()

    def test_the_session_ends_right_after_a_sign_in(self):
        self.sign_in_at_terminal()
        self.end_session()
        self.begin_session()
        self.assert_all_is_well()

    def test_saved_is_saved(self):
        account = self.sign_in_and_save()
        self.in_script("refresh")
        account.await_is("Saved", True)
        self.daemon.kill()
        self.keyring.kill()
        self.begin_session()
        self.assert_all_is_well()

    def test_it_is_killed_right_after_a_renewal(self):
        account = self.sign_in_and_save()
        self.in_script("refresh")
        self.keyring.kill()
        self.keyring.start()
        self.at_terminal("refresh")
        account.await_is("Saved", True)
        self.daemon.kill()
        self.keyring.kill()
        self.begin_session()
        self.assert_all_is_well()

    def test_all_is_killed_right_after_a_sign_in(self):
        """The attributes of the new items are there then, and their secrets are not. What is lost is
        lost; but the user can begin anew."""
        self.sign_in_at_terminal()
        self.daemon.kill()
        self.keyring.kill()
        self.begin_session()
        self.sign_in_at_terminal()
        self.assertEqual(len(self.client.accounts()), 1)
        self.assert_all_is_well()

    def test_the_session_ends_right_after_a_sign_out(self):
        self.sign_in_and_save()
        self.in_script("logout")
        self.end_session()
        self.begin_session()
        self.at_terminal("apps")
        self.assertEqual(self.client.accounts(), [])
        self.keyring.unlock()
        self.assertEqual(self.keyring.items(), [])


if __name__ == "__main__":
    if not is_installed():
        skip("needs KWallet, Xvfb and xdotool")
    main()
