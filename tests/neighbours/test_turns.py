#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whose turn it is: who has sent one call does not wait for those who have sent many before."""

from neighbour import NeighbourTest
from rig import await_until, main

# A daemon that was stopped finds all that a socket takes at once, and the rest as fast as the bus gives it more. It
# answers while it waits for that, so a long queue is no longer whole when the last comes.
IN_THE_SOCKET = 100
MANY = 500


class Turns(NeighbourTest):
    def served_before(self, window, call):
        """How many of a window of calls are served before the one that came after them; others may be refused."""
        monitor, daemon = self.world.new_monitor(), self.daemon.name()
        with self.daemon_stopped():
            flooder = self.launch_flooder("hold", window, call)
            victim = self.client.begin_get_token()
            self.await_passed_on(self.client)
        self.assertEqual(victim.result(), self.account.get_token())

        def answers():
            return [m for m in monitor.select() if m.type in ("answer", "error") and m.call and
                    m.sender == daemon]

        await_until(lambda: len(answers()) >= window + 1, "all answers")
        flooder.end_of_flood()
        self.assertEqual((flooder.sent, flooder.answered), (window, window))
        return [m.destination for m in answers() if m.type == "answer"].index(self.client.name)

    def test_a_queue_that_is_there_at_once(self):
        for call in ("GetToken", "GetTokenFD", "GetManagedObjects", "Introspect"):
            with self.subTest(call):
                self.assertLessEqual(self.served_before(IN_THE_SOCKET, call), 1)

    def test_a_queue_that_is_longer(self):
        for call in ("GetToken", "Introspect"):
            with self.subTest(call):
                self.assertLess(self.served_before(MANY, call), MANY / 2)

    def test_calls_with_much_in_them(self):
        for call in ("junk", "large"):
            with self.subTest(call):
                self.assertLess(self.served_before(50, call), 25)

    def test_the_calls_of_one_sender_stay_in_order(self):
        monitor = self.world.new_monitor()
        with self.daemon_stopped():
            calls = [self.client.begin_get_token(min_valid=i) for i in range(40)]
            self.await_passed_on(self.client)
        for call in calls:
            call.result()
        monitor.catch_up(self.client)
        answered = [m.reply_serial for m in monitor.select(type="answer")
                    if m.call and m.call.member == "GetToken"]
        self.assertEqual(len(answered), 40)
        self.assertEqual(answered, sorted(answered))


if __name__ == "__main__":
    main()
