# SPDX-License-Identifier: MIT
"""A grant that the keyring does not take.

Yandex is asked for nothing that could not be kept, so the keyring is lost between the question and the
answer. The other ways are a keyring that refuses what is written, and a token so close to its end that
Yandex is asked all the same."""


def renew_unsaved(sim, account, lose_keyring):
    """Renews the token of the account; returns when whoever asked for that has been answered."""
    wanted = {"path": "/token", "grant_type": "refresh_token"}
    seen = len(sim.requests(trouble="held", **wanted))
    sim.trouble({"kind": "held", "count": 1, **wanted})
    renewal = account.begin_refresh()
    sim.wait(count=seen + 1, trouble="held", **wanted)
    lose_keyring()
    assert sim.let_go() == 1
    renewal.result()
