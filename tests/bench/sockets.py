#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A token through the socket, from the connection to its end, beside socket units whose services are cat, and the
smallest program that asks the daemon: all under a real `systemd --user`, see rig/user-session. Needs to be root."""

import os
import shutil
import sys

import stage
from records import made_up
from rig.case import SKIPPED
from rig.inside import file_inside, is_inside, run_inside
from rig.user_session import UserSession, find_unit
from rig.waiting import eventually

TOKENS, QUICK_TOKENS = 40, 10  # in a round
SOCKET, TEMPLATE = "yadisk-token.socket", "yadisk-token@.service"
UNITS = ".config/systemd/user/"
# Beside cat without another line in its unit, and with all those of ours; and so with the smallest program.
KEYS = "socket", "socket-alike", "socket-least"
FILES = "exchange", "least-client"

PLAIN = "[Unit]\nCollectMode=inactive-or-failed\n[Service]\nStandardOutput=socket"


def start_socket(session, name, settings, *command):
    """Like that of the token, for that command instead of yadiskctl. Returns the path."""
    session.write(f"{UNITS}{name}.socket", f"[Socket]\nListenStream=%t/{name}\nAccept=yes\nMaxConnections=1024\n"
                  "TriggerLimitIntervalSec=0\n")
    session.write(f"{UNITS}{name}@.service", f"{settings}\nExecStart={' '.join(command)}\n")
    session.systemctl("daemon-reload")
    session.systemctl("start", name + ".socket")
    return os.path.join(session.runtime, name)


def settings_of_token():
    """The unit without what it starts."""
    with open(find_unit(TEMPLATE), encoding="utf-8") as file:
        return "".join(line for line in file if not line.startswith("ExecStart="))


def sign_in(session, sim):
    request = session.client.sign_in(client_id=sim.client_id, client_secret=sim.client_secret, flow="code")
    request.submit(sim.authorize(request.prompt()["authorization_url"])["code"])
    request.await_account().await_is("Saved", True)


def exchange(session, *arguments):
    done = session.run(file_inside("exchange"), *map(str, arguments))
    assert done.returncode == 0, f"{done}\n{session.log()}"
    return [int(line) / 1e6 for line in done.stdout.split()]


def measure_inside(options, figures):
    with stage.simulator() as sim:
        session = UserSession(services=())
        try:
            session.configure_for(sim)
            session.systemctl("enable", "--now", SOCKET)
            sign_in(session, sim)
            cat = shutil.which("cat"), session.write("token", made_up() + "\n")
            paths = [os.path.join(session.runtime, "yadisk-tokend", "token"),
                     start_socket(session, "plain-cat", PLAIN, *cat),
                     start_socket(session, "alike-cat", settings_of_token(), *cat),
                     start_socket(session, "least", settings_of_token(), file_inside("least-client"))]
            servers = [word for path in paths for word in (path, "")]
            rounds = [exchange(session, QUICK_TOKENS if options.quick else TOKENS, *servers)
                      for _ in range(options.rounds)]
            for at, key in enumerate(KEYS, 1):
                figures[key] = {"ours": [row[0] for row in rounds], "other": [row[at] for row in rounds]}
            eventually(lambda: not session.systemctl("list-units", "--plain", "--no-legend", "yadisk-token@*"),
                       "the instances to be gone")
        finally:
            session.close()
            session.empty_home()


def measure(options, figures):
    """What user-session says when it cannot is the last line."""
    reason = "" if os.getuid() == 0 else "needs root"
    if not reason:
        files = [os.path.join(os.environ["YADISK_BUILD_DIR"], "tests/bench", name) for name in FILES]
        if run_inside(__file__, *sys.argv[1:], files=files) == SKIPPED:
            reason = "this machine allows no namespaces"
    if reason:
        figures.update({key: {"reason": reason} for key in KEYS})


if __name__ == "__main__":
    stage.main(measure_inside if is_inside() else measure)
