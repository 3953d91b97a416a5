#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Words that have no place in the code, each with the reason."""

import re

import tree

# Anywhere in C, outside comments and strings.
CODE = [
    (r"\bgoto\b", "use a cleanup attribute"),
    (r"\bCURLOPT_(VERBOSE(?!, 0L?\s*[)}])|DEBUGFUNCTION|DEBUGDATA)\b", "curl's log shows tokens"),
    (r"\b(sprintf|vsprintf|gets)\s*\(", "has no bound"),
    (r"\bJSON_TOKENER_STRICT\b", "each json-c is strict about something else; see common/json-text.h"),
]

# In the daemon: one thread, and nothing blocks its loop.
DAEMON = [
    (r"\b\w+_sync\s*\(", "waits for an answer"),
    (r"\bsd_bus_(call|call_method|call_methodv)\s*\(", "waits for an answer; there is an _async"),
    (r"\bsd_bus_(add_match|match_signal|request_name|release_name|list_names)\s*\(",
     "waits for an answer; there is an _async"),
    (r"\bsd_bus_(get_property\w*|set_property\w*|get_name_creds|query_sender_creds"
     r"|query_sender_privilege|get_name_machine_id|get_owner_creds)\s*\(", "waits for an answer"),
    (r"\bsd_bus_track_add_\w+\s*\(", "asks the bus and waits"),
    (r"\bsd_bus_(wait|flush)\s*\(", "waits"),
    (r"\bcurl_easy_perform\b", "waits for the server"),
    (r"\bcurl_multi_(wait|poll|perform)\b", "the loop is sd-event; use curl_multi_socket_action"),
    (r"\bg_main_loop_\w+", "the loop is sd-event, inside GLib's context"),
    (r"\b(sleep|usleep|nanosleep|system|popen|fork|vfork|getaddrinfo|gethostbyname)\s*\(",
     "blocks, or makes a process"),
    (r"\blog_\w+\s*\([^;]*\bsecret_string\s*\(", "would put a secret into the log"),
]

# Anywhere, comments included.
TEXT = [(r"\b(TODO|FIXME|XXX|HACK)\b", "do it, or leave it out")]


def find(path, text, rules):
    for pattern, why in rules:
        for match in re.finditer(pattern, text):
            word = match.group().split("(")[0].strip()
            yield f"{path}:{tree.line_of(text, match.start())}: {word}: {why}"


def offences(path, text):
    code = tree.without_comments(text)
    if path.endswith((".c", ".h")):
        yield from find(path, code, CODE)
    if path.startswith("daemon/"):
        yield from find(path, code, DAEMON)
    yield from find(path, text, TEXT)


class Words(tree.HouseTest):
    def test_every_source_of_the_tree(self):
        paths = tree.sources(["daemon", "client"]) + \
            [p for p in tree.sources(["tests", "tools", "systemd"], (".c", ".h", ".py", ".in", ""))
             if not p.startswith("tests/house/")]
        self.assertGreater(len(paths), 100)
        self.assert_none(o for path in paths for o in offences(path, tree.read(path)))

    def assert_caught(self, path, text):
        self.assertEqual(len(list(offences(path, text))), 1, text)

    def assert_fine(self, path, text):
        self.assertEqual(list(offences(path, text)), [])

    def test_the_rules_catch(self):
        self.assert_caught("client/a.c", "        goto fail;")
        self.assert_caught("daemon/a.c", "curl_easy_setopt(e, CURLOPT_VERBOSE, 1L);")
        self.assert_caught("daemon/a.c", "secret_item_delete_sync(item, NULL, &error);")
        self.assert_caught("daemon/a.c", "r = sd_bus_call(bus, m, 0, &error, &reply);")
        self.assert_caught("daemon/a.c", "r = sd_bus_call_method(bus, NULL);")
        self.assert_caught("daemon/a.c", "curl_easy_perform(e);")
        self.assert_caught("daemon/a.c", "g_main_loop_run(loop);")
        self.assert_caught("daemon/a.c", "log_debug(\"%s\",\n          secret_string(s));")
        self.assert_caught("daemon/a.c", "json_tokener_set_flags(t, JSON_TOKENER_STRICT);")
        self.assert_caught("tests/a.c", "/* TO" "DO: more */")

    def test_the_rules_allow(self):
        self.assert_fine("client/a.c", "r = sd_bus_call(bus, m, 0, &error, &reply);")
        self.assert_fine("daemon/a.c", "r = sd_bus_call_async(bus, &slot, m, fn, u, 0);")
        self.assert_fine("daemon/a.c", "{ CURLOPT_VERBOSE, 0 },")
        self.assert_fine("daemon/a.c", "/* never goto, never a _sync() call */")
        self.assert_fine("daemon/a.c", 'log_debug("goto");')


if __name__ == "__main__":
    tree.main()
