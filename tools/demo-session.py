#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The part of tools/demo that comes after the build. Every line after a $ is a command that is run,
and what follows is what it printed."""

import contextlib
import os
import shlex
import signal
import sys

from rig import Simulator, World

TOKEN_LIFE = 8  # seconds


class Failed(Exception):
    """One sentence for the person who watches."""


def step(text):
    print(f"==> {text}", flush=True)


def show_command(name, arguments):
    print("$ " + shlex.join([name, *arguments]), flush=True)


def show_output(text):
    print("".join(f"    {line}\n" for line in text.splitlines()), end="", flush=True)


class Demo:
    def __init__(self, world, sim, interactive):
        self.world, self.sim, self.interactive = world, sim, interactive

    def run(self, program, *arguments):
        """Runs and shows a command; returns what it printed."""
        show_command(os.path.basename(program), arguments)
        result = self.world.run(program, *arguments)
        show_output(result.out + result.err)
        if result.status != 0:
            raise Failed(f"{os.path.basename(program)} ended with status {result.status}")
        return result.out.strip()

    def ctl(self, *arguments):
        return self.run(self.world.binary("client/yadiskctl"), *arguments)

    def start(self):
        step("Starting a private session bus, gnome-keyring and yadisk-tokend")
        self.world.configure_for(self.sim)
        self.keyring = self.world.start_keyring()
        self.world.start_daemon()

    def sign_in(self):
        step("Signing in")
        secret = self.world.write("client-secret", self.sim.client_secret + "\n")
        arguments = ("login", "--no-browser", "--client-id", self.sim.client_id,
                     "--client-secret-file", secret)
        show_command("yadiskctl", arguments)
        login = self.world.launch_ctl(*arguments)
        code = self.show_prompt(login)
        self.allow(code)
        show_output(login.stdout.read())  # until it ends
        if login.await_end() != 0:
            raise Failed(f"the sign-in failed: {login.stderr.read().strip()}")

    @staticmethod
    def show_prompt(login):
        """Prints what yadiskctl says until it waits, and returns the code to enter."""
        code = ""
        for line in login.stdout:
            show_output(line)
            words = line.split()
            if len(words) == 1 and "://" not in line:
                code = words[0]
            if "Waiting" in line:
                return code
        raise Failed(f"the sign-in did not begin: {login.stderr.read().strip()}")

    def allow(self, code):
        if not self.interactive:
            step(f"The user opens the page, enters {code} and presses Allow (simulated)")
            self.sim.allow(code)
            return

        step("Your turn: open the page above in a browser of this machine, enter the code and press "
             "Allow")
        print("    The browser will warn of the certificate: it is the simulator's own, accept it.",
              flush=True)

    def see_it_renewed(self, first):
        step(f"Its token lives {TOKEN_LIFE} seconds; waiting for it to be renewed, nobody asking")
        account = self.world.client.find_account()
        account.await_told("Generation", first["generation"] + 1)
        if [request["status"] for request in self.refreshes()] != [200]:
            raise Failed("it was renewed too late")

        step("Renewed before it ended. The token that is served now")
        second = self.world.ctl("--json", "token").json
        if self.ctl("token") != second["access_token"]:
            raise Failed("two programs were told different tokens")
        if second["access_token"] == first["access_token"]:
            raise Failed("it is the old one")

    def refreshes(self):
        return self.sim.requests(path="/token", grant_type="refresh_token")

    def restart(self):
        step("Restarting yadisk-tokend: the account comes back from the keyring")
        self.world.restart_daemon()
        self.ctl("status")

    def sign_out(self):
        step("Signing out")
        self.ctl("logout")
        if not self.sim.requests(path="/revoke_token"):
            raise Failed("Yandex was not asked to revoke the token")
        if self.keyring.ours():
            raise Failed("the keyring still holds something")
        step("Yandex has revoked the token, and the keyring holds nothing of it")

    def play(self):
        self.start()
        self.sign_in()
        step("Asking for the token")
        self.ctl("token")
        first = self.world.ctl("--json", "token").json
        self.ctl("list")
        self.see_it_renewed(first)
        self.restart()
        self.sign_out()


def play(interactive):
    step("Starting a simulated Yandex that hands out a new token at each renewal")
    with contextlib.ExitStack() as stack:
        sim = stack.enter_context(Simulator(interval=1, token_life=TOKEN_LIFE, refresh_mode="B"))
        world = World()
        try:
            Demo(world, sim, interactive).play()
        finally:
            wrong = world.close()
    if wrong:
        raise Failed("; ".join(wrong))


def main():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        play("--interactive" in sys.argv)
    except KeyboardInterrupt:
        sys.exit("demo: stopped")
    except Exception as error:  # whatever it is, one line says it
        sys.exit(f"demo: {error}")
    step("Done; everything is removed again")


if __name__ == "__main__":
    main()
