#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""io.github.yadiskctl.Tokens1(5) says what the daemon serves: members, signatures, errors, limits.

The manager is asked itself, through a private bus that starts the daemon at the first call. Accounts
and requests are read from the same tables in the source, which the manager shows to be read rightly.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import page
import tree

NAME = "io.github.yadiskctl.Tokens1"
PATH = "/io/github/yadiskctl/Tokens1"
INTERFACES = [f"{NAME}.{part}" for part in ("Manager", "Account", "Request")]

BUS_CONFIG = """<busconfig><type>session</type><listen>unix:tmpdir={directory}</listen>
<servicedir>{directory}</servicedir><policy context="default"><allow send_destination="*"
eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""
SERVICE = "[D-BUS Service]\nName={name}\nExec={daemon}\n"

ON_PAGE = re.compile(r'^\.It Xo\n\.Fn (\w+)((?: "[^"]*")*)\n(?:\\\(-> (.*)\n)?(\.Pq signal\n)?\.Xc$'
                     r"|^\.It Va (\w+) Vt (\S+)( Pq constant)?$", re.MULTILINE)
IN_SOURCE = re.compile(
    r'SD_BUS_(METHOD|SIGNAL)_WITH_ARGS\(\s*"(\w+)",\s*SD_BUS_(?:ARGS\(([^)]*(?:\([^)]*\))?[^)]*?)\)|NO_ARGS)'
    r'(?:,\s*SD_BUS_(?:RESULT\(([^)]*)\)|NO_RESULT))?'
    r'|SD_BUS_PROPERTY\("(\w+)", "([^"]+)", \w+, 0, (\w+)\)')


def method(arguments, results):
    return f"method ({', '.join(arguments)}) -> ({', '.join(results)})"


def signal(arguments):
    return f"signal ({', '.join(arguments)})"


def prop(signature, constant):
    return f"property {signature}{' constant' if constant else ''}"


def on_page(interface, language=""):
    """Each member with how it is to be used; the form is the same in the next two."""
    members = {}
    for match in ON_PAGE.finditer(page.sections(f"{NAME}.5", language)[interface]):
        name, quoted, results, is_signal, property_name, signature, constant = match.groups()
        arguments = re.findall(r'"([^"]*)"', quoted or "")
        if property_name:
            members[property_name] = prop(signature, constant)
        elif is_signal:
            members[name] = signal(arguments)
        else:
            members[name] = method(arguments, re.split(r", (?!\w*})", results) if results else [])
    return members


def pairs(arguments):
    """'"s", account, "u", n' as ["s account", "u n"]."""
    return [" ".join(pair) for pair in re.findall(r'"([^"]+)", (\w+)', arguments or "")]


def in_source(interface):
    macro = f"TOKENS_{interface.rsplit('.')[-1].upper()}_INTERFACE"
    for path in tree.sources(["daemon/bus"], (".c",)):
        text = tree.without_comments(tree.read(path), keep_strings=True)
        vtable = re.search(rf"sd_bus_add_\w+_vtable\([^;]*{macro},\s*(\w+)", text)
        if vtable:
            table = re.search(rf"sd_bus_vtable {vtable[1]}\[\] = \{{(.*?)SD_BUS_VTABLE_END", text,
                              re.DOTALL)[1]
            return dict(member_in_source(match) for match in IN_SOURCE.finditer(table))
    raise AssertionError(f"{interface} is registered nowhere")


def member_in_source(match):
    kind, name, arguments, results, property_name, signature, flags = match.groups()
    if property_name:
        return property_name, prop(signature, flags == "CONSTANT")
    if kind == "SIGNAL":
        return name, signal(pairs(arguments))
    return name, method(pairs(arguments), pairs(results))


def introspect(daemon):
    """The XML of the root object, of the daemon itself."""
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "bus.conf"), "w", encoding="utf-8") as file:
            file.write(BUS_CONFIG.format(directory=directory))
        with open(os.path.join(directory, "tokens.service"), "w", encoding="utf-8") as file:
            file.write(SERVICE.format(name=NAME, daemon=daemon))
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("XDG_", "DBUS_"))}
        environment |= {"HOME": directory, "XDG_RUNTIME_DIR": directory}
        result = subprocess.run(
            ["dbus-run-session", "--config-file", os.path.join(directory, "bus.conf"), "--",
             "busctl", "--user", "introspect", "--xml-interface", NAME, PATH],
            env=environment, text=True, check=True, timeout=60, stdout=subprocess.PIPE)
        return result.stdout


def served(xml, interface):
    node = next(i for i in ElementTree.fromstring(xml) if i.get("name") == interface)
    members = {}
    for member in node.findall("method"):
        members[member.get("name")] = method(*(
            [f"{a.get('type')} {a.get('name')}" for a in member.findall("arg")
             if a.get("direction") == direction] for direction in ("in", "out")))
    for member in node.findall("property"):
        constant = any(a.get("value") == "const" for a in member.findall("annotation"))
        members[member.get("name")] = prop(member.get("type"), constant)
        assert member.get("access") == "read"
    return members


class InterfacePage(tree.HouseTest):
    LANGUAGE = ""

    def test_the_manager_of_the_running_daemon(self):
        live = served(introspect(DAEMON), INTERFACES[0])
        self.assertEqual(live, on_page(INTERFACES[0], self.LANGUAGE))
        self.assertEqual(live, in_source(INTERFACES[0]))

    def test_all_interfaces(self):
        for interface, least in zip(INTERFACES, (13, 18, 4)):
            members = in_source(interface)
            self.assertGreaterEqual(len(members), least)
            self.assertEqual(members, on_page(interface, self.LANGUAGE), interface)

    def test_options(self):
        text = page.source(f"{NAME}.5", self.LANGUAGE)
        told = set(re.findall(r"^\.It Cm (\w+) Pq (\w+)$", text, re.MULTILINE))
        tables = [table for path in tree.sources(["daemon/bus"], (".c",)) for table in
                  re.findall(r"const Option options\[\] = \{(.*?)\};", tree.read(path), re.DOTALL)]
        options = {o for table in tables for o in re.findall(r'\{ "(\w+)", "(\w+)",', table)}
        self.assertGreaterEqual(len(options), 9)
        self.assertEqual(options - told, set())

    def test_errors(self):
        source = tree.read("daemon/common/condition.c")
        names = re.findall(r'TOKENS_ERROR\("(\w+)"\)|"org\.freedesktop\.DBus\.Error\.(\w+)"', source)
        told = re.findall(r"^\.It Er (\w+)$", page.sections(f"{NAME}.5", self.LANGUAGE)["ERROR NAMES"],
                          re.MULTILINE)
        self.assertGreaterEqual(len(told), 18)
        self.assertEqual({ours or standard for ours, standard in names}, set(told))

    def test_states(self):
        states = re.findall(r'\[ACCOUNT_\w+\] = "([\w-]+)"', tree.read("daemon/keeper/account/account.c"))
        told = re.findall(r"^\.It Cm ([\w-]+)$",
                          page.sections(f"{NAME}.5", self.LANGUAGE)["STATES"], re.MULTILINE)
        self.assertEqual(len(states), 5)
        self.assertEqual(states, told)

    def test_limits(self):
        text = page.source(f"{NAME}.5", self.LANGUAGE)
        for path, name in (("daemon/bus/sender.c", "CALLS_MAX"),
                           ("daemon/bus/application.c", "APPLICATIONS_MAX"),
                           ("daemon/keeper/account/account.h", "LABEL_MAX"),
                           ("daemon/bus/application.c", "CLIENT_SECRET_MAX")):
            value = re.search(rf"^#define {name} +(\d+)$", tree.read(path), re.MULTILINE)[1]
            self.assertRegex(text, rf"\b{value}\b", name)


class RussianPage(InterfacePage):
    LANGUAGE = "ru"


if __name__ == "__main__":
    for tool in ("dbus-run-session", "busctl"):
        if not shutil.which(tool):
            tree.skip(f"{tool} is not installed.")
    DAEMON = sys.argv[1]
    tree.main()
