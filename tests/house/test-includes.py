#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who may include whom. An include goes down, never up, and never sideways between neighbours."""

import os
import re

import tree

# From the top. Folders on one floor do not see each other.
FLOORS = [["main.c"], ["bus"], ["keeper"], ["yandex", "keyring", "platform"], ["model"], ["common"]]
CLIENT_FOLDERS = ["yadiskctl", "library", "shared"]

LIBC = {
    "assert.h", "ctype.h", "errno.h", "fcntl.h", "getopt.h", "inttypes.h", "langinfo.h", "libintl.h",
    "limits.h", "locale.h", "malloc.h", "poll.h", "pwd.h", "signal.h", "spawn.h", "stdarg.h",
    "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h",
    "sys/epoll.h", "sys/eventfd.h", "sys/file.h", "sys/ioctl.h", "sys/mman.h",
    "sys/prctl.h", "sys/queue.h", "sys/random.h", "sys/resource.h", "sys/signalfd.h",
    "sys/socket.h", "sys/stat.h", "sys/timerfd.h", "sys/types.h", "sys/uio.h", "sys/un.h",
    "sys/wait.h", "sysexits.h", "syslog.h", "termios.h", "time.h", "unistd.h", "wchar.h",
}

# Which library headers each part may include; the longest prefix that fits decides. GLib and
# libsecret stay in two folders, json-c and curl in one each, so that each can be replaced, and
# tested without; the client has one file for what it wants of GLib, and one for json-c. sd-event is the loop of everybody from the keeper up and of whoever does I/O.
LIBRARIES = {
    "daemon/main.c": ["systemd/sd-daemon.h", "systemd/sd-event.h"],
    "daemon/bus/": ["systemd/sd-bus.h", "systemd/sd-event.h"],
    "daemon/keeper/": ["systemd/sd-event.h"],
    "daemon/yandex/": [],
    "daemon/yandex/http": ["curl/", "systemd/sd-event.h"],
    "daemon/keyring/": ["libsecret/secret.h", "gio/gio.h", "glib.h"],
    "daemon/platform/": ["glib.h", "gio/", "systemd/sd-event.h", "systemd/sd-daemon.h",
                         "systemd/sd-id128.h", "systemd/sd-bus.h"],
    "daemon/model/": ["json-c/"],
    "daemon/common/": [],
    "daemon/common/log.c": ["systemd/sd-journal.h"],
    "client/include/": [],
    "client/library/": ["systemd/sd-bus.h"],
    "client/shared/": ["systemd/sd-bus.h"],
    "client/yadiskctl/": ["systemd/sd-bus.h", "systemd/sd-event.h"],
    "client/yadiskctl/sign-in/picture.c": ["qrencode.h"],
    "client/yadiskctl/import/token-file-ini.c": ["glib.h"],
    "client/yadiskctl/import/token-file-json.c": ["json-c/"],
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"\n]+)[>"]', re.MULTILINE)


def floor(folder):
    return next(i for i, folders in enumerate(FLOORS) if folder in folders)


def why_not_in_daemon(path, target):
    """Why this include of another file of ours is wrong, or None."""
    here, there = path.split("/")[1], target.split("/")[0]
    if "/" not in target:
        return "does not name its folder"
    if not any(there in folders for folders in FLOORS):
        return "is in no folder of the daemon"
    if here != there and floor(there) < floor(here):
        return f"goes up, from {here} to {there}"
    if here != there and floor(there) == floor(here):
        return f"goes sideways, from {here} to {there}"
    return None


def why_not_in_client(path, target):
    here, there = path.split("/")[1], target.split("/")[0]
    if target == "yadisk-token.h":
        return None if here == "library" else "is the library's; yadiskctl does without it"
    if there == "common" or there == here or (there == "shared" and here in CLIENT_FOLDERS):
        return None
    return f"goes from {here} to {there}; common and shared are for all"


def why_not_library(path, target):
    prefix = max((p for p in LIBRARIES if path.startswith(p)), key=len, default=None)
    if prefix is None:
        return "is in a file of no known part"
    if target in LIBC or any(target == a or (a.endswith("/") and target.startswith(a))
                             for a in LIBRARIES[prefix]):
        return None
    return f"is a library header that {prefix} does without"


def offences(path, text):
    text = tree.without_comments(text, keep_strings=True)
    for match in INCLUDE.finditer(text):
        kind, target = match.groups()
        if kind == "<":
            why = why_not_library(path, target)
        elif path.startswith("client/"):
            why = why_not_in_client(path, target)
        else:
            why = why_not_in_daemon(path, target)
        if why:
            yield f"{path}:{tree.line_of(text, match.start())}: {target} {why}"
        if kind == '"' and not exists(path, target):
            yield f"{path}:{tree.line_of(text, match.start())}: {target} is not there"


def exists(path, target):
    roots = ["daemon", "client", "client/include"] if path.startswith("client/") else ["daemon"]
    return any(os.path.exists(os.path.join(tree.ROOT, root, target)) for root in roots)


class Includes(tree.HouseTest):
    def test_every_include_of_the_tree(self):
        paths = tree.sources(["daemon", "client"])
        self.assertGreater(len(paths), 50)
        self.assert_none(o for path in paths for o in offences(path, tree.read(path)))

    def assert_caught(self, path, line):
        self.assertEqual(len(list(offences(path, line))), 1, line)

    def assert_fine(self, path, line):
        self.assertEqual(list(offences(path, line)), [])

    def test_the_rules_catch(self):
        self.assert_caught("daemon/keeper/a.c", '#include "bus/bus.h"')
        self.assert_caught("daemon/yandex/http.c", '#include "platform/clock.h"')
        self.assert_caught("daemon/model/json.c", '#include "model/gone.h"')
        self.assert_caught("daemon/model/json.c", '#include "yandex/http.h"')
        self.assert_caught("daemon/keeper/a.c", "#include <curl/curl.h>")
        self.assert_caught("daemon/yandex/oauth.c", "#include <curl/curl.h>")
        self.assert_caught("daemon/keeper/a.c", "#  include <json-c/json.h>")
        self.assert_caught("daemon/keeper/a.h", "#include <systemd/sd-bus.h>")
        self.assert_caught("daemon/keyring/vault.c", "#include <systemd/sd-bus.h>")
        self.assert_caught("daemon/bus/a.c", "#include <glib.h>")
        self.assert_caught("daemon/common/util.h", "#include <systemd/sd-journal.h>")
        self.assert_caught("daemon/bus/a.c", "#include <openssl/ssl.h>")
        self.assert_caught("client/yadiskctl/a.c", '#include "model/secret.h"')
        self.assert_caught("client/shared/a.c", '#include "yadiskctl/output.h"')
        self.assert_caught("client/yadiskctl/a.c", "#include <glib.h>")
        self.assert_caught("client/yadiskctl/import/token-file.c", "#include <json-c/json.h>")
        self.assert_caught("client/yadiskctl/import/token-file-ini.c", "#include <gio/gio.h>")
        self.assert_caught("client/include/yadisk-token.h", "#include <systemd/sd-bus.h>")

    def test_the_rules_allow(self):
        self.assert_fine("daemon/main.c", '#include "bus/bus.h"')
        self.assert_fine("daemon/bus/a.c", '#include "common/names.h"')
        self.assert_fine("daemon/keeper/a.c", '#include "platform/clock.h"')
        self.assert_fine("daemon/keeper/a.c", '/* #include "bus/bus.h" */')
        self.assert_fine("daemon/common/log.c", "#include <systemd/sd-journal.h>")
        self.assert_fine("daemon/yandex/http-loop.h", "#include <curl/curl.h>")
        self.assert_fine("client/yadiskctl/import/token-file-ini.c", "#include <glib.h>")
        self.assert_fine("client/yadiskctl/a.c", '#include "common/condition.h"')


if __name__ == "__main__":
    tree.main()
