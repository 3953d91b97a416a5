#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Somebody edits the keyring behind the daemon's back."""

import json
from urllib.parse import urlencode

from gi.repository import GLib

from mood import DAY, MINUTE, MoodTest, await_until, copy, main, write
from loopback import connection_to


class EditsTest(MoodTest):
    def item(self):
        item, = self.keyring.ours("account")
        return item

    def look_again(self):
        """Locks and unlocks the keyring, after which the daemon reads it anew."""
        self.keyring.lock()
        await_until(lambda: self.client.property("KeyringState") == "locked", "a locked keyring")
        self.keyring.unlock()
        await_until(lambda: self.client.property("KeyringState") == "unlocked", "an open keyring")

    def refresh_elsewhere(self, document, generation):
        """Renews the grant as another program with the same secrets would, and returns what that one
        would write."""
        connection = connection_to(self.sim.addresses["oauth"], self.sim.tls_context())
        connection.request("POST", "/token", urlencode({
            "grant_type": "refresh_token", "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": document["grant"]["refresh_token"]}),
            {"Content-Type": "application/x-www-form-urlencoded"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        fresh = document["grant"] | {"access_token": answer["access_token"],
                                     "refresh_token": answer["refresh_token"],
                                     "generation": generation}
        return json.dumps(document | {"grant": fresh, "previous_grant": document["grant"]})


class WhileHeld(EditsTest):
    """The daemon knows better than the keyring, and says so to it."""
    CLOCK = True

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.token = self.account.get_token()
        self.text = self.item().secret()

    def assert_healed_by_a_look(self):
        self.assert_served(self.account, "active", "", self.token)
        self.look_again()
        self.eventually(lambda: self.keyring.ours("account") and self.item().secret() == self.text,
                        "the account to be written again")
        self.assert_served(self.account, "active", "", self.token)
        self.restart_daemon()
        self.assert_served(self.account, "active", "", self.token)

    def assert_healed_by_a_refresh(self):
        self.account.refresh()
        self.await_saved(self.account)
        self.restart_daemon()
        self.assert_served(self.account, "active", "", self.account.get_token())

    def test_deleted_and_seen_at_the_next_look(self):
        self.keyring.delete(self.item())
        self.assert_healed_by_a_look()

    def test_deleted_and_written_by_the_next_refresh(self):
        self.keyring.delete(self.item())
        self.assert_healed_by_a_refresh()

    def test_edited_to_not_json_and_seen_at_the_next_look(self):
        write(self.keyring, self.item(), "my notes")
        self.assert_healed_by_a_look()

    def test_edited_to_not_json_and_written_by_the_next_refresh(self):
        write(self.keyring, self.item(), "my notes")
        self.assert_healed_by_a_refresh()

    def test_edited_to_nothing_and_seen_at_the_next_look(self):
        write(self.keyring, self.item(), "")
        self.assert_healed_by_a_look()

    def test_edited_to_nothing_and_written_by_the_next_refresh(self):
        write(self.keyring, self.item(), "")
        self.assert_healed_by_a_refresh()

    def test_edited_to_an_older_grant_and_seen_at_the_next_look(self):
        older = self.text
        self.account.refresh()
        self.await_saved(self.account)
        self.text, self.token = self.item().secret(), self.account.get_token()
        write(self.keyring, self.item(), older)
        self.assert_healed_by_a_look()

    def test_edited_to_an_older_grant_and_written_by_the_next_refresh(self):
        older = self.text
        self.account.refresh()
        self.clock.pass_by(MINUTE)
        write(self.keyring, self.item(), older)
        self.assert_healed_by_a_refresh()

    def test_edited_to_a_newer_grant_which_is_used_after_invalid_grant(self):
        newer = self.refresh_elsewhere(json.loads(self.text), self.token.generation + 5)
        write(self.keyring, self.item(), newer)
        self.sim.forget_requests()
        self.in_time(self.account.refresh)
        self.assertEqual([request["status"] for request in self.refreshes()], [400, 200])
        self.assertNotIn("sign-in-needed", self.account.told("State"))
        self.await_saved(self.account)
        self.assertEqual(self.account.generation, self.token.generation + 6)

    def test_edited_to_a_newer_grant_which_is_seen_at_the_next_look(self):
        newer = self.refresh_elsewhere(json.loads(self.text), self.token.generation + 5)
        write(self.keyring, self.item(), newer)
        self.look_again()
        self.account.await_told("Generation", self.token.generation + 5)
        self.assertEqual(self.account.get_token().value, self.live_grant()["access_token"])
        self.sim.forget_requests()
        self.account.refresh()
        self.assertEqual([request["status"] for request in self.refreshes()], [200])


class BeforeAStart(EditsTest):
    """The daemon has nothing but what it finds."""

    def setUp(self):
        super().setUp()
        self.account = self.sign_in()
        self.first = self.item().secret()
        self.account.refresh()
        self.token = self.account.get_token()

    def test_two_items_for_one_account(self):
        """Whichever is written last, the newest generation wins."""
        second = self.item().secret()
        for original, duplicate in ((second, self.first), (self.first, second)):
            with self.subTest(newest_first=original == second):
                def make_two(original=original, duplicate=duplicate):
                    for item in self.keyring.ours("account")[1:]:
                        self.keyring.delete(item)
                    write(self.keyring, self.item(), original)
                    copy(self.keyring, self.item(), duplicate)

                self.restart_without(make_two)
                self.assertEqual(len(self.keyring.ours("account")), 2)
                self.assertEqual(len(self.client.accounts()), 1)
                self.assert_served(self.account, "active", "", self.token)

    def test_two_items_for_one_account_and_a_refresh(self):
        self.restart_without(lambda: copy(self.keyring, self.item(), self.first))
        self.account.refresh()
        token = self.account.get_token()
        self.restart_daemon()
        self.assert_served(self.account, "active", "", token)
        self.account.refresh()

    def assert_kept(self, text, sentence="cannot be read"):
        """As it is, byte for byte, whatever is asked of the account, until it is mended."""
        good = self.item().secret()
        self.restart_without(lambda: write(self.keyring, self.item(), text))
        self.sim.forget_requests()
        self.assert_denied(self.account, "locked", "KeyringFailed", "KeyringFailed", 5)
        self.assertIn(sentence, self.account.get("LastError")[1])
        self.assert_ctl_fails(5, sentence, "token")
        self.assert_refresh_fails(self.account, "KeyringFailed", 5)
        self.assert_ctl_fails(5, ".", "rename", self.account.id, "Anna")
        self.assert_ctl_fails(5, ".", "default", self.account.id)
        self.look_again()
        self.assert_no_requests()
        self.assertEqual(self.item().secret(), text)
        self.restart_daemon()
        self.assert_shown(self.account, "locked", "KeyringFailed")
        self.assertEqual(self.item().secret(), text)

        write(self.keyring, self.item(), good)
        self.look_again()
        self.account.await_is("State", "active")
        self.assert_served(self.account, "active", "", self.token)

    def test_a_record_of_a_newer_version(self):
        self.assert_kept(json.dumps(json.loads(self.first) | {"version": 2, "grants": [1, 2]},
                                    indent=3), "written by a newer yadisk-tokend")

    def test_a_record_of_a_newer_version_and_a_new_sign_in(self):
        """The new sign-in gets an account of its own."""
        text = json.dumps({"version": 99, "new": "things"})
        self.restart_without(lambda: write(self.keyring, self.item(), text))
        other = self.sign_in()
        self.assertNotEqual(other.path, self.account.path)
        self.assertIn(text, [item.secret() for item in self.keyring.ours("account")])
        self.assertEqual(other.get_token().value, self.live_grant()["access_token"])
        self.assert_shown(self.account, "locked", "KeyringFailed")

    def test_a_record_of_a_newer_version_and_a_sign_in_that_names_it(self):
        text = json.dumps({"version": 99, "new": "things"})
        self.restart_without(lambda: write(self.keyring, self.item(), text))
        self.sim.forget_requests()
        request = self.client.sign_in(account=GLib.Variant("o", self.account.path))
        self.assertEqual(request.await_error(), "KeyringFailed")
        self.assert_no_requests()
        self.assertEqual([item.secret() for item in self.keyring.ours("account")], [text])

    def test_a_record_that_is_not_json(self):
        self.assert_kept("\x00\x01 not JSON \u00fc {")

    def test_a_record_that_is_json_of_another_kind(self):
        self.assert_kept('["version", 1]')

    def test_a_record_that_is_empty(self):
        self.assert_kept("")

    def test_a_record_that_is_not_json_is_signed_out(self):
        """As the user is told to."""
        self.restart_without(lambda: write(self.keyring, self.item(), "my notes"))
        self.assertEqual(self.ctl("logout").status, 0)
        self.assertEqual(self.client.accounts(), [])
        self.assertEqual(self.keyring.ours("account"), [])
        self.assertEqual(self.sign_in().state, "active")

    def test_a_record_with_a_future_behind_it(self):
        """Times that no clock has reached yet are renewed at once, and then are true."""
        document = json.loads(self.item().secret())
        document["grant"]["obtained_at"] += 400 * DAY
        document["grant"]["expires_at"] += 400 * DAY
        self.restart_without(lambda: write(self.keyring, self.item(), json.dumps(document)))
        self.await_generation(self.account, self.token.generation + 1)
        self.assertLess(self.account.get("ExpiresAt"), document["grant"]["expires_at"])


if __name__ == "__main__":
    main()
