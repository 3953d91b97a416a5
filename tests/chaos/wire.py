# SPDX-License-Identifier: MIT
"""An answer that reaches nobody: Yandex has killed the old refresh token, the new one is lost on the
way. No program can save this sign-in; the daemon has to notice, to say so once, and to be quiet."""

from rig.bus import BusError

from rounds import check, check_signed_out, recover


def expect(scene, name, call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except BusError as error:
        check(error.name == name, f"{error} instead of {name}", scene)
    else:
        check(False, f"no {name}", scene)


def restart(scene):
    """As a new life may ask Yandex at once."""
    owner = scene.owner()
    scene.kill_daemon()
    scene.await_rebirth(owner)


def lose_the_answer(scene, tally):
    scene.sim.forget_requests()
    scene.sim.trouble("lost@/token*2")
    expect(scene, "Offline", scene.account.refresh)
    check(scene.account.state == "active", "the access token is still good", scene)
    check(scene.asked() == 2, "the old token is tried once more, at once", scene)

    restart(scene)
    expect(scene, "SignInNeeded", scene.account.refresh)
    check_signed_out(scene)
    check(len(scene.desktop.screen()) == 1, "one notification", scene)

    stay_quiet(scene)
    restart(scene)
    check_signed_out(scene)
    stay_quiet(scene)

    scene.sim.trouble()
    recover(scene, tally)


def stay_quiet(scene):
    asked = scene.asked()
    expect(scene, "SignInNeeded", scene.account.refresh)
    expect(scene, "SignInNeeded", scene.account.get_token)
    expect(scene, "SignInNeeded", scene.account.get_token, force=True)
    check(scene.asked() == asked, "Yandex is asked in vain", scene)
