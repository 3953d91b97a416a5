#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The packages on a fresh Debian that is booted: installed, used, upgraded while a daemon has something to lose, purged
without a trace, installed again. See tools/package, which runs this; BEFORE and AFTER are folders of packages.

    test_packages.py BEFORE AFTER"""

import glob
import json
import os
import re
import shutil
import sys
import time

import rig
from rig.machine import USER, Machine
from rig.unsaved import renew_unsaved
from rig.waiting import eventually

DAEMON = "yadisk-tokend.service"
SOCKET = "yadisk-token.socket"
NAME = "io.github.yadiskctl.Tokens1"
PROPERTY = f"busctl --user get-property {NAME} /io/github/yadiskctl/Tokens1 {NAME}.Manager"
LOCK = ("busctl --user call org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service Lock ao 1 "
        "/org/freedesktop/secrets/collection/login")
APT_SECONDS = 900
# What is written while any package comes and goes.
VOLATILE = r"/(proc|sys|dev|run|tmp|var/(log|cache|tmp)|var/lib/(apt|dpkg|systemd)|home|root)(/|$)"


class Wrong(Exception):
    pass


class Renewal:
    """Of which nobody sees the answer."""

    def __init__(self, run):
        self._run = run

    def begin_refresh(self):
        self._run("systemd-run --user --quiet --unit=renewal yadiskctl refresh")
        return self

    def result(self):
        eventually(lambda: self._run("systemctl --user is-active renewal.service || true").strip() not in
                   ("active", "activating"), "the end of the renewal")


class Packages:
    def __init__(self, before, after):
        self.before, self.after = before, after
        self.simulator = rig.Simulator(interval=1)
        self.machine = Machine()
        self._began = time.monotonic()

    def close(self):
        self.machine.close()
        self.simulator.stop()

    def ok(self, what):
        now = time.monotonic()
        print(f"ok  {what} ({now - self._began:.0f} s)", flush=True)
        self._began = now

    def root(self, text, seconds=60):
        return self.check(text, self.machine.run_without_bus(text, seconds), 0)

    def user(self, text, status=0):
        return self.check(text, self.machine.run(text, USER), status)

    @staticmethod
    def check(text, done, status):
        if done.returncode != status:
            raise Wrong(f"$ {text}\n{done.stdout}{done.stderr}-> {done.returncode}, not {status}")
        return done.stdout

    def manager(self, words):
        """What the user's services tell while the user is not there."""
        return self.root(f"runuser -u {USER} -- env XDG_RUNTIME_DIR=/run/user/$(id -u {USER}) "
                         f"systemctl --user {words} || true").strip()

    def expect(self, found, expected, what):
        if found != expected:
            raise Wrong(f"{what}: {found!r}, not {expected!r}")

    def apt(self, words):
        return self.root(f"DEBIAN_FRONTEND=noninteractive apt-get -q --yes {words}", seconds=APT_SECONDS)

    def bring(self, folder, name):
        target = self.machine.path(f"/opt/{name}")
        os.makedirs(target)
        for path in glob.glob(os.path.join(folder, "*.deb")):
            if "-dbgsym_" not in path:
                shutil.copy(path, target)

    def files(self):
        return {path for path in self.root("find / -xdev").splitlines() if not re.match(VOLATILE, path)}

    def pid(self):
        return self.manager(f"show --property=MainPID --value {DAEMON}")

    def status(self):
        account, = json.loads(self.user("yadiskctl --json status"))["accounts"]
        return account

    def version(self):
        return re.fullmatch(r's "(.*)"', self.user(f"{PROPERTY} Version").strip())[1]

    def assert_token(self):
        """The one that Yandex would take."""
        self.user("yadiskctl info")

    # The steps, in their order

    def install(self):
        self.machine.boot()
        if "http_proxy" in os.environ:
            self.machine.write("/etc/apt/apt.conf.d/proxy", f'Acquire::http::Proxy "{os.environ["http_proxy"]}";\n')
        self.apt("update")
        self.bring(self.before, "before")
        self.bring(self.after, "after")
        self.ok(self.root(". /etc/os-release; echo $PRETTY_NAME").strip() + ", fresh, is booted")
        self.apt("install /opt/before/*.deb")
        self.ok("installed by apt, with all that it depends on")
        self.all_files = self.files()
        self.our_files = set(self.root("dpkg -L yadisk-tokend libyadisk-token0 libyadisk-token-dev").splitlines())
        mode = self.root("stat -c '%a %U' /usr/libexec/yadisk-tokend").strip()
        self.expect(mode, "711 root", "the daemon")
        self.ok("only root reads the daemon")

    def activate(self):
        self.machine.copy(self.simulator.addresses["ca"], "/etc/simulator.pem")
        addresses = self.simulator.addresses
        self.configuration = "\n".join([
            "[Yandex]", f"OAuthURL={addresses['oauth']}", f"LoginURL={addresses['login']}",
            f"DiskURL={addresses['disk']}", "CAFile=/etc/simulator.pem", ""])
        self.machine.write("/etc/xdg/yadisk-tokend/yadisk-tokend.conf", self.configuration)
        self.root(f"yadisk-tokend-server enable {USER}")
        for unit in (DAEMON, SOCKET, "yadisk-token-feed.socket"):
            self.expect(self.manager(f"is-enabled {unit}"), "disabled", unit)
            self.expect(self.manager(f"is-active {unit}"), "inactive", unit)
        self.ok("nothing is enabled, nothing runs")
        self.user("yadiskctl status", status=3)
        self.expect(self.manager(f"is-active {DAEMON}"), "active", DAEMON)
        self.ok("the first call starts the daemon as a unit of the user")

    def sign_in(self):
        app = self.simulator.application()
        elsewhere = self.simulator.sign_in_elsewhere(app)
        self.machine.write("/opt/token.json", json.dumps(elsewhere))
        self.machine.write("/opt/secret", app["client_secret"])
        self.root("chmod 644 /opt/token.json /opt/secret")
        self.user(f"yadiskctl import json --client-id {app['client_id']} "
                  "--client-secret-file /opt/secret /opt/token.json")
        self.assert_token()
        self.user(f"systemctl --user enable --now {SOCKET}")
        self.ok("an account is taken over, its token opens the Disk")

    def upgrade(self):
        """While the newest grant is in the descriptor store alone."""
        renew_unsaved(self.simulator, Renewal(self.user), lambda: self.user(LOCK))
        before, pid, version = self.status(), self.pid(), self.version()
        self.expect(before["saved"], False, "saved, in a keyring that is locked")
        self.ok("a renewed token could not be stored yet")
        self.apt("install /opt/after/*.deb")
        self.ok("upgraded by apt meanwhile")
        if self.pid() in (pid, "0"):
            raise Wrong("the daemon was not restarted")
        now = self.version()
        if now == version:
            raise Wrong(f"still version {version}")
        self.ok(f"the daemon was restarted: version {version}, then {now}")
        self.user("systemctl --user restart gnome-keyring-daemon.service")
        eventually(lambda: self.status()["saved"], "the token being stored")
        after = self.status()
        for key in ("id", "label", "login", "client_id", "expires_at"):
            self.expect(after[key], before[key], key)
        self.assert_token()
        self.user("yadiskctl refresh")
        self.assert_token()
        self.expect(self.manager(f"is-active {SOCKET}"), "active", SOCKET)
        self.ok("nothing was lost: the same account, the renewed token, which renews again")
        self.account = after

    def again(self):
        self.apt("install /opt/after/*.deb")
        self.machine.write("/etc/xdg/yadisk-tokend/yadisk-tokend.conf", self.configuration)
        self.expect(self.status()["id"], self.account["id"], "id")
        self.assert_token()
        self.ok("installed again: the account is there, its token opens the Disk")

    def purge(self):
        self.apt("purge yadisk-tokend libyadisk-token0 libyadisk-token-dev")
        for unit in (DAEMON, SOCKET):
            self.expect(self.manager(f"is-active {unit}"), "inactive", unit)
        left = sorted((self.files() - self.all_files) | (self.files() & self.our_files - self.folders_of_others()))
        left += self.root("find / -xdev -name '*yadisk*' ! -path '/proc/*' ! -path '/home/*' ! -path '/var/log/*' "
                          "! -path '/var/cache/*' ! -path '/root/*' ! -path '/opt/*'").splitlines()
        left += self.root("grep --recursive --files-with-matches --binary-files=without-match yadisk /etc /var/lib "
                          "|| true").splitlines()
        return [path for path in left if not self.is_of_root(path)]

    def folders_of_others(self):
        return set(self.root("dpkg --search " + " ".join(sorted(
            path for path in self.our_files if os.path.isdir(self.machine.path(path)))) +
            " | sed 's/.*: //'").splitlines()) | {"/."}

    @staticmethod
    def is_of_root(path):
        """What a password is in, the test's own, and what any package leaves."""
        return re.match("/etc/credstore.encrypted|/etc/simulator.pem|/opt|/etc/ld.so.cache|/var/lib/systemd", path)

    def come_and_go(self):
        keyring = f"/home/{USER}/.local/share/keyrings/login.keyring"
        keyring = self.machine.path(keyring)
        with open(keyring, "rb") as file:
            kept = file.read()
        self.expect(self.purge(), [], "left behind")
        with open(keyring, "rb") as file:
            self.expect(file.read() == kept, True, "the keyring is the same")
        self.ok("purged without a trace, and the user's keyring is as it was")


def main(before, after):
    packages = Packages(before, after)
    try:
        packages.simulator.start()
        packages.simulator.knobs(refresh_mode="B")
        packages.install()
        packages.activate()
        packages.sign_in()
        packages.upgrade()
        packages.come_and_go()
        packages.again()
    except BaseException:
        print(packages.machine.log()[-6000:] if packages.machine.is_on else "", file=sys.stderr)
        raise
    finally:
        packages.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
