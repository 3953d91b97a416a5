#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whole commands that print a token, from their start to their end: yadiskctl token, the smallest program that asks
the same, oidc-token with an account that is loaded, and secret-tool."""

import json
import os
import shutil
import subprocess

import stage
from records import YEAR, made_up
from rig.process import Process
from rig.waiting import eventually

RUNS, QUICK_RUNS = 60, 10  # in a round
OIDC = "bench"  # the account


def store_in_keyring(here):
    """What secret-tool looks up: the token alone. Returns the command."""
    what = ("application", "bench")
    done = here.world.run("secret-tool", "store", "--label=bench", *what, stdin=made_up())
    assert done.status == 0, done
    return ["secret-tool", "lookup", *what]


def start_oidc_agent(here):
    """With an account of a provider that the simulator plays. Returns the command."""
    issuer = here.sim.addresses["oauth"] + "/"
    here.sim.script_answer("/.well-known/openid-configuration", count=10, body=json.dumps({
        "issuer": issuer, "token_endpoint": issuer + "token", "authorization_endpoint": issuer + "authorize",
        "registration_endpoint": issuer + "register", "scopes_supported": ["openid", "offline_access"],
        "grant_types_supported": ["refresh_token"]}))
    here.sim.script_answer("/token", count=10, body=json.dumps({
        "access_token": made_up(), "refresh_token": made_up(), "token_type": "Bearer", "expires_in": YEAR}))

    here.world.environment["OIDC_SOCK"] = path = os.path.join(here.world.runtime, "oidc-agent")
    os.mkdir(os.path.join(here.world.home, ".oidc-agent"))
    agent = Process(["oidc-agent", "--console", "--socket-path", path, "--no-webserver"],
                    env=here.world.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    here.end_at_close(agent)
    eventually(lambda: os.path.exists(path), "oidc-agent")
    done = here.world.run(
        "oidc-gen", OIDC, "--manual", "--no-save", "--prompt=none", "--iss", issuer, "--cp", here.sim.addresses["ca"],
        "--client-id", here.app["client_id"], "--client-secret", here.app["client_secret"], "--rt", made_up(),
        "--scope", "openid offline_access", "--redirect-uri", "http://localhost:4242", "--pw-cmd", "echo password")
    assert done.status == 0, done
    return ["oidc-token", OIDC]


def commands(here, figures):
    found = {"command-least": [here.program("least-client")]}
    for key, program, prepare in (("command-oidc", "oidc-token", start_oidc_agent),
                                  ("command-secret", "secret-tool", store_in_keyring)):
        if shutil.which(program):
            found[key] = prepare(here)
        else:
            figures[key] = {"reason": f"needs {program}"}
    return found


def measure(options, figures):
    with stage.alone() as here:
        here.start_daemon()
        yadiskctl = [here.world.binary("client/yadiskctl"), "token"]
        others = commands(here, figures)
        for command in (yadiskctl, *others.values()):
            token = here.world.run(*command)
            assert token.status == 0 and len(token.out.strip()) > 40, token

        arguments = [word for command in (yadiskctl, *others.values()) for word in ("--", *command)]
        rounds = [here.measure("whole", QUICK_RUNS if options.quick else RUNS, *arguments)
                  for _ in range(options.rounds)]
        for at, key in enumerate(others, 1):
            figures[key] = {"ours": [numbers[0][0] / 1e6 for numbers in rounds],
                            "other": [numbers[at][0] / 1e6 for numbers in rounds]}


if __name__ == "__main__":
    stage.main(measure)
