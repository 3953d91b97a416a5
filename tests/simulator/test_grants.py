#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which tokens live side by side, and what kills them."""

import unittest

from rig import DEVICE_ID, SimulatorTest


class SignInAgain(SimulatorTest):
    def test_same_device_gets_the_existing_token(self):
        self.assertEqual(self.sign_in()["access_token"], self.sign_in()["access_token"])

    def test_with_its_remaining_life(self):
        self.sign_in()
        self.sim.advance(662)
        self.assertIn(self.sign_in()["expires_in"], range(31535330, 31535339))

    def test_no_device_gets_the_existing_token(self):
        self.assertEqual(self.sign_in(device_id="")["access_token"],
                         self.sign_in(device_id="")["access_token"])

    def test_a_new_one_by_knob_and_the_old_dies(self):
        self.sim.knobs(relogin="new")
        old, new = self.sign_in(), self.sign_in()
        self.assertNotEqual(old["access_token"], new["access_token"])
        self.assertEqual(self.probe(old["access_token"]), 401)

    def test_a_new_one_after_revocation(self):
        old = self.sign_in()
        self.revoke(old["access_token"])
        self.assertNotEqual(self.sign_in()["access_token"], old["access_token"])

    def test_a_new_one_after_expiry(self):
        old = self.sign_in()
        self.sim.expire_tokens(client_id=self.app["client_id"])
        self.assertNotEqual(self.sign_in()["access_token"], old["access_token"])

    def test_another_device_gets_its_own(self):
        one, two = self.sign_in(device_id="device-1"), self.sign_in(device_id="device-2")
        self.assertNotEqual(one["access_token"], two["access_token"])
        self.assertEqual(self.probe(one["access_token"]), 404)

    def test_another_user_gets_their_own(self):
        other = self.sim.add_user("second-" + self.app["client_id"][:6])["login"]
        one, two = self.sign_in(), self.sign_in(login=other)
        self.assertNotEqual(one["access_token"], two["access_token"])
        self.assertEqual(self.probe(one["access_token"]), 404)


class OtherScopes(SimulatorTest):
    def test_kill_the_tokens_of_all_devices(self):
        old = self.sign_in(device_id="device-1", scope="cloud_api:disk.read")
        self.sign_in(device_id="device-2", scope="cloud_api:disk.info")
        self.assertEqual(self.probe(old["access_token"]), 401)
        self.assert_refused(self.refresh(old["refresh_token"]), "invalid_grant")

    def test_their_order_does_not_matter(self):
        one = self.sign_in(scope="cloud_api:disk.read login:info")
        two = self.sign_in(scope="login:info cloud_api:disk.read")
        self.assertEqual(one["access_token"], two["access_token"])

    def test_live_side_by_side_by_knob(self):
        self.sim.knobs(scope_conflict="keeps")
        one = self.sign_in(scope="cloud_api:disk.read")
        two = self.sign_in(scope="cloud_api:disk.info")
        self.assertNotEqual(one["access_token"], two["access_token"])
        self.assertEqual(self.probe(one["access_token"]), 404)

    def test_spare_other_applications(self):
        old = self.sign_in()
        self.app = self.sim.application()
        self.sign_in(scope="login:info")
        self.assertEqual(self.probe(old["access_token"]), 404)


class Devices(SimulatorTest):
    def sign_in_on(self, count):
        return [self.sign_in(device_id=f"device-{number}") for number in range(count)]

    def test_thirty_live_side_by_side(self):
        statuses = [self.probe(token["access_token"]) for token in self.sign_in_on(30)]
        self.assertEqual(statuses, [404] * 30)

    def test_the_31st_kills_the_oldest_and_only_that(self):
        tokens = self.sign_in_on(31)
        statuses = [self.probe(token["access_token"]) for token in tokens]
        self.assertEqual(statuses, [401] + [404] * 30)

    def test_tokens_without_device_do_not_count(self):
        self.sim.knobs(device_limit=1)
        bare = self.sign_in(device_id="")
        self.sign_in_on(1)
        self.assertEqual(self.probe(bare["access_token"]), 404)

    def test_another_limit(self):
        self.sim.knobs(device_limit=2)
        statuses = [self.probe(token["access_token"]) for token in self.sign_in_on(3)]
        self.assertEqual(statuses, [401, 404, 404])


class Death(SimulatorTest):
    def assert_dead(self, token):
        self.assertEqual(self.probe(token["access_token"]), 401)
        self.assert_refused(self.refresh(token["refresh_token"]), "invalid_grant")

    def test_password_change_kills_tokens_of_every_application(self):
        first_app, first = self.app, self.sign_in()
        self.app = self.sim.application()
        second = self.sign_in()
        self.sim.kill_tokens()
        self.assert_dead(second)
        self.app = first_app
        self.assert_dead(first)

    def test_taking_access_away_kills_one_application(self):
        token = self.sign_in()
        spared_app = self.sim.application()
        self.assertEqual(self.sim.kill_tokens(client_id=self.app["client_id"]), 1)
        self.assert_dead(token)
        self.app = spared_app
        spared = self.sign_in()
        self.sim.kill_tokens(client_id="0" * 32)
        self.assertEqual(self.probe(spared["access_token"]), 404)

    def test_change_of_the_applications_scopes(self):
        token = self.sign_in()
        self.sim.application(client_id=self.app["client_id"], scopes=["login:info"])
        self.assert_dead(token)

    def test_removal_of_the_application(self):
        token = self.sign_in()
        self.sim.application(client_id=self.app["client_id"], remove=True)
        self.assertEqual(self.probe(token["access_token"]), 401)
        self.assert_refused(self.refresh(token["refresh_token"]), "invalid_client")

    def test_a_block_can_be_lifted(self):
        token = self.sign_in()
        self.sim.block_application(self.app["client_id"])
        self.assertEqual(self.probe(token["access_token"]), 401)
        self.assert_refused(self.refresh(token["refresh_token"]), "invalid_client")
        self.sim.unblock_application(self.app["client_id"])
        self.assertEqual(self.probe(token["access_token"]), 404)
        self.assertEqual(self.refresh(token["refresh_token"]).status, 200)

    def test_change_of_the_secret_kills_nothing(self):
        token = self.sign_in(device_id=DEVICE_ID)
        self.sim.application(client_id=self.app["client_id"], client_secret="a new secret")
        self.assert_refused(self.refresh(token["refresh_token"]), "invalid_client")
        reply = self.refresh(token["refresh_token"], client_secret="a new secret")
        self.assertEqual(reply.status, 200)


if __name__ == "__main__":
    unittest.main()
