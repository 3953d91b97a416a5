# SPDX-License-Identifier: MIT
"""A world of its own for each test: the daemon and yadiskctl as they are shipped, on a private bus,
with a real keyring and a simulated Yandex.

    class Example(EndToEndTest):
        def test_a_token_is_served(self):
            account = self.sign_in()
            self.assertEqual(self.ctl("token").out.strip(), account.get_token().value)

Nothing here sleeps, and no test measures time: whatever is waited for is an event, and the deadlines
only end a test that would otherwise hang.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))),
                                "simulator"))

# pylint: disable=wrong-import-position
from .bus import ACCOUNT, MANAGER, REQUEST, TOKENS, BusError, Client  # noqa: E402,F401
from .case import EndToEndTest, main, skip  # noqa: E402,F401
from .monitor import Monitor  # noqa: E402,F401
from .waiting import await_until  # noqa: E402,F401
from .world import World  # noqa: E402,F401
from simulator_client import Simulator  # noqa: E402,F401
