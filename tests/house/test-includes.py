#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who may include whom. An include goes down, never up, never sideways between neighbours, and never in a circle."""

import os
import re

import tree

# From the top. Folders on one floor do not see each other.
FLOORS = [["main.c"], ["bus"], ["keeper"], ["yandex", "keyring", "platform"], ["model"], ["common"]]
# The same inside the keeper: its rooms, and the files that are in none.
ROOMS = [["keeper"], ["keyring-watch"], ["notify", "reconcile"], ["sign-in", "diagnosis"], ["account"], ["renewal"],
         ["storage"], ["world", "wait", "backoff"]]
CLIENT_FOLDERS = ["yadiskctl", "library", "shared", "feed", "api"]
# What the token endpoint and yadiskctl share.
FEEDS = {"feed/feed.h", "feed/socket-owner.h"}

# The same inside yadiskctl, where one file is in no room: all verbs know the command line.
YADISKCTL_ROOMS = [["main"], ["doctor", "import", "exec"], ["verb"], ["feed"], ["setup"], ["sign-in"], ["daemon"], ["command"],
                   ["terminal"]]
# yadiskctl-disk is verbs in a program of their own; it stands on the same rooms, and gets tokens as others do.
API_ROOMS = {"daemon", "command", "terminal"}

LIBC = {
    "arpa/inet.h", "assert.h", "byteswap.h", "ctype.h", "dirent.h", "dlfcn.h", "errno.h", "fcntl.h", "getopt.h", "inttypes.h", "langinfo.h", "libgen.h", "libintl.h",
    "limits.h", "linux/inet_diag.h", "linux/netlink.h", "linux/openat2.h", "linux/rtnetlink.h", "linux/sock_diag.h", "linux/unix_diag.h", "locale.h", "malloc.h", "netinet/in.h", "poll.h", "pwd.h", "search.h", "signal.h", "spawn.h", "stdarg.h",
    "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h",
    "sys/epoll.h", "sys/eventfd.h", "sys/file.h", "sys/ioctl.h", "sys/mman.h",
    "sys/prctl.h", "sys/queue.h", "sys/random.h", "sys/resource.h", "sys/signalfd.h",
    "sys/socket.h", "sys/stat.h", "sys/syscall.h", "sys/timerfd.h", "sys/types.h", "sys/uio.h", "sys/un.h",
    "sys/wait.h", "sysexits.h", "syslog.h", "termios.h", "time.h", "unistd.h", "wchar.h",
}

# Which library headers each part may include; the longest prefix that fits decides. GLib and
# libsecret stay in two folders, json-c, curl and OpenSSL in one each, so that each can be replaced, and
# tested without; yadiskctl loads GLib and json-c through one file each. sd-event is the loop of everybody from the keeper up and of whoever does I/O.
LIBRARIES = {
    "daemon/main.c": ["systemd/sd-daemon.h", "systemd/sd-event.h"],
    "daemon/bus/": ["systemd/sd-bus.h", "systemd/sd-event.h"],
    "daemon/keeper/": ["systemd/sd-event.h"],
    "daemon/yandex/": [],
    "daemon/yandex/http": ["curl/", "systemd/sd-event.h"],
    "daemon/yandex/http-reason.c": ["curl/", "openssl/x509_vfy.h"],
    "daemon/yandex/http-trust": ["curl/", "openssl/", "systemd/sd-event.h"],
    "daemon/keyring/": ["libsecret/secret.h", "gio/gio.h", "glib.h"],
    "daemon/platform/": ["glib.h", "gio/", "systemd/sd-event.h", "systemd/sd-daemon.h",
                         "systemd/sd-id128.h", "systemd/sd-bus.h"],
    "daemon/model/": ["json-c/"],
    "daemon/common/": [],
    "daemon/common/log.c": ["systemd/sd-journal.h"],
    "client/include/": [],
    "client/library/": ["systemd/sd-bus.h"],
    "client/shared/": ["systemd/sd-bus.h"],
    "client/shared/glib-library": ["glib.h"],
    "client/shared/json-library": ["json-c/"],
    "client/feed/": ["microhttpd.h", "systemd/sd-bus.h", "systemd/sd-daemon.h", "systemd/sd-event.h"],
    "client/feed/answer": ["json-c/", "systemd/sd-bus.h"],
    "client/feed/message": [],
    "client/api/": [],
    "client/api/connection.c": ["curl/"],
    "client/api/disk.c": ["yadisk-token.h"],
    "client/api/document.c": ["json-c/"],
    "client/yadiskctl/": ["systemd/sd-bus.h", "systemd/sd-event.h"],
    "client/yadiskctl/sign-in/picture.c": ["qrencode.h"],
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"\n]+)[>"]', re.MULTILINE)


def floor(folder, floors):
    return next((i for i, folders in enumerate(floors) if folder in folders), None)


def room(path):
    """The room of a file of the keeper, given by its path below that."""
    return path.split("/")[0] if "/" in path else object_of(path)


def object_of(path):
    """The files of one object: its .c, its .h, and the -private.h between several of its .c."""
    return re.sub(r"(-private)?\.[ch]$", "", path)


def why_not_down(here, there, floors):
    """Why an include from one folder to another is wrong, or None."""
    if here == there:
        return None
    for folder in here, there:
        if floor(folder, floors) is None:
            return f"is between {here} and {there}, but {folder} is on no floor"
    if floor(there, floors) < floor(here, floors):
        return f"goes up, from {here} to {there}"
    if floor(there, floors) == floor(here, floors):
        return f"goes sideways, from {here} to {there}"
    return None


def why_not_in_daemon(path, target):
    """Why this include of another file of ours is wrong, or None."""
    if "/" not in target:
        return "does not name its folder"
    here, there = path.split("/")[1], target.split("/")[0]
    if here == there == "keeper":
        return why_not_down(room(path.split("/", 2)[2]), room(target.split("/", 1)[1]), ROOMS)
    return why_not_down(here, there, FLOORS)


def why_not_in_yadiskctl(path, target):
    """Why this include is wrong, or None. Both are below client/yadiskctl/."""
    here, there = (re.sub(r"\.[ch]$", "", p.split("/")[0]) for p in (path, target))
    floors = {room: i for i, rooms in enumerate(YADISKCTL_ROOMS) for room in rooms}
    for name in here, there:
        if name not in floors:
            return f"is between {here} and {there}, but {name} is no room"
    return None if here == there or floors[there] > floors[here] else f"does not go down, from {here} to {there}"


def why_not_in_client(path, target):
    here, there = path.split("/")[1], target.split("/")[0]
    if here == there == "yadiskctl":
        return why_not_in_yadiskctl(path.split("/", 2)[2], target.split("/", 1)[1])
    if here == "api" and there == "yadiskctl":
        name = re.sub(r"\.h$", "", target.split("/")[1])
        return None if name in API_ROOMS else f"is in {name}; api stands on {', '.join(sorted(API_ROOMS))}"
    if target == "yadisk-token.h":
        return None if here == "library" else "is the library's; yadiskctl does without it"
    if target in FEEDS and here == "yadiskctl":
        return None
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


def roots(path):
    return ["client", "client/include", "daemon"] if path.startswith("client/") else ["daemon"]


def exists(path, target):
    return any(os.path.exists(os.path.join(tree.ROOT, root, target)) for root in roots(path))


def inclusions(paths):
    """Object to the set of objects that it includes."""
    graph = {}
    for path in paths:
        code = tree.without_comments(tree.read(path), keep_strings=True)
        targets = {target for kind, target in INCLUDE.findall(code) if kind == '"'}
        found = {f"{root}/{target}" for target in targets for root in roots(path)
                 if os.path.exists(os.path.join(tree.ROOT, root, target))}
        graph.setdefault(object_of(path), set()).update(object_of(f) for f in found)
    return {here: there - {here} for here, there in graph.items()}


def reached(graph, start):
    found, left = set(), set(graph.get(start, ()))
    while left:
        found |= left
        left = set().union(*(graph.get(o, ()) for o in left)) - found
    return found


def circles(graph):
    """The objects that include themselves by way of others."""
    return sorted(o for o in graph if o in reached(graph, o))


class Includes(tree.HouseTest):
    def test_every_include_of_the_tree(self):
        paths = tree.sources(["daemon", "client"])
        self.assertGreater(len(paths), 50)
        self.assert_none(o for path in paths for o in offences(path, tree.read(path)))

    def test_no_circles(self):
        self.assertEqual(circles(inclusions(tree.sources(["daemon", "client"]))), [])

    def test_circles_are_found(self):
        self.assertEqual(circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}), ["b", "c"])
        self.assertEqual(circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}), [])
        self.assertEqual(object_of("daemon/bus/request-private.h"), "daemon/bus/request")

    def assert_caught(self, path, line):
        self.assertEqual(len(list(offences(path, line))), 1, line)

    def assert_fine(self, path, line):
        self.assertEqual(list(offences(path, line)), [])

    def test_the_rules_catch(self):
        self.assert_caught("daemon/keeper/a.c", '#include "bus/bus.h"')
        self.assert_caught("daemon/yandex/http.c", '#include "platform/clock.h"')
        self.assert_caught("daemon/keeper/account/a.c", '#include "keeper/keeper.h"')
        self.assert_caught("daemon/keeper/account/a.c", '#include "keeper/sign-in/flow.h"')
        self.assert_caught("daemon/keeper/storage/a.c", '#include "keeper/renewal/schedule.h"')
        self.assert_caught("daemon/keeper/diagnosis/a.c", '#include "keeper/sign-in/flow.h"')
        self.assert_caught("daemon/keeper/world.h", '#include "keeper/account/account.h"')
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
        self.assert_caught("daemon/yandex/http.c", "#include <openssl/ssl.h>")
        self.assert_caught("client/yadiskctl/a.c", '#include "model/secret.h"')
        self.assert_caught("client/shared/a.c", '#include "yadiskctl/terminal/output.h"')
        self.assert_caught("client/library/a.c", "#include <glib.h>")
        self.assert_caught("client/library/a.c", '#include "feed/feed.h"')
        self.assert_caught("client/feed/a.c", '#include "yadiskctl/terminal/output.h"')
        self.assert_caught("client/yadiskctl/daemon/bus.c", '#include "yadiskctl/verb/report.h"')
        self.assert_caught("client/yadiskctl/doctor/check.c", '#include "yadiskctl/import/token-file.h"')
        self.assert_caught("client/yadiskctl/terminal/text.c", '#include "yadiskctl/command.h"')
        self.assert_caught("client/yadiskctl/feed/endpoint.c", "#include <glib.h>")
        self.assert_caught("client/yadiskctl/attic/a.c", '#include "yadiskctl/command.h"')
        self.assert_caught("client/yadiskctl/import/token-file-ini.c", "#include <json-c/json.h>")
        self.assert_caught("client/yadiskctl/import/token-file-ini.c", "#include <gio/gio.h>")
        self.assert_caught("client/api/api.c", "#include <curl/curl.h>")
        self.assert_caught("client/api/disk.c", "#include <json-c/json.h>")
        self.assert_caught("client/api/pages.c", "#include <yadisk-token.h>")
        self.assert_caught("client/api/disk.c", '#include "library/token.h"')
        self.assert_caught("client/api/info.c", '#include "yadiskctl/verb/report.h"')
        self.assert_caught("client/yadiskctl/verb/verb-disk.c", '#include "api/disk.h"')
        self.assert_caught("client/include/yadisk-token.h", "#include <systemd/sd-bus.h>")

    def test_the_rules_allow(self):
        self.assert_fine("daemon/main.c", '#include "bus/bus.h"')
        self.assert_fine("daemon/bus/a.c", '#include "common/names.h"')
        self.assert_fine("daemon/keeper/a.c", '#include "platform/clock.h"')
        self.assert_fine("daemon/keeper/keeper.c", '#include "keeper/notify/notifications.h"')
        self.assert_fine("daemon/keeper/account/a.c", '#include "keeper/storage/save.h"')
        self.assert_fine("daemon/keeper/a.c", '/* #include "bus/bus.h" */')
        self.assert_fine("daemon/common/log.c", "#include <systemd/sd-journal.h>")
        self.assert_fine("daemon/yandex/http-loop.h", "#include <curl/curl.h>")
        self.assert_fine("client/shared/glib-library.h", "#include <glib.h>")
        self.assert_fine("client/yadiskctl/a.c", '#include "common/condition.h"')
        self.assert_fine("client/yadiskctl/feed/verb-feed.c", '#include "feed/feed.h"')
        self.assert_fine("client/yadiskctl/verb/verb-apps.c", '#include "yadiskctl/setup/credential.h"')
        self.assert_fine("client/yadiskctl/command.c", '#include "yadiskctl/command.h"')


if __name__ == "__main__":
    tree.main()
