# SPDX-License-Identifier: MIT
"""From arguments to a running simulator."""

import argparse
import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
import tempfile
import textwrap

from . import control
from .hosts import Simulator
from .knobs import KNOBS, BadKnob
from .troubles import KINDS

PR_SET_PDEATHSIG = 1

DESCRIPTION = """\
A simulator of Yandex OAuth, Yandex ID and the Yandex Disk API, for tests.

Listens on 127.0.0.1 only: three TLS hosts (oauth, login, disk) with certificates of a throw-away
authority, and two plain ones: control, the side door for tests, and plain, a trap that records
whatever is sent to it and never should be. When all of them listen, one line of JSON with the
addresses, the applications and the users goes to stdout, and DIR/addresses.json is in its place.
It ends on SIGTERM or SIGINT."""

TROUBLE_HELP = """\
Troubles: a knob that holds a list. One trouble is an object {"kind", "path"?, "host"?,
"grant_type"?, "count"?, "seconds"?, "location"?, "after_effect"?} or KIND[@PATH][*COUNT], such as
502@/token*3. Without a count it lasts until the knob is set anew. With after_effect the real work
is done first, a rotation for example; kinds with a * do so by default:
"""


def knob_help():
    lines = [f"  {knob.name}  {knob.values.words}; default {json.dumps(knob.default)}\n"
             + textwrap.fill(knob.help, 96, initial_indent=" " * 6, subsequent_indent=" " * 6)
             for knob in KNOBS]
    return "Knobs, for --knob and PUT /knobs:\n" + "\n".join(lines)


def trouble_help():
    lines = [f"  {name:14} {'*' if kind.after_effect else ' '} {kind.help}"
             for name, kind in KINDS.items()]
    return TROUBLE_HELP + "\n".join(lines)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="yandex-simulator", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n\n".join((knob_help(), trouble_help(), "Control:\n" + control.__doc__)))
    option = parser.add_argument
    option("--directory", metavar="DIR",
           help="where ca.pem, the certificates and addresses.json go; default: a temporary one, "
                "removed at the end")
    option("--port-base", type=int, metavar="N",
           help="use the ports N to N+4, in the order oauth, login, disk, control, plain; "
                "default: free ones")
    option("--client", action="append", default=[], metavar="ID:SECRET[:SCOPES]",
           help="an application, SCOPES separated by spaces or commas; repeatable; default: one "
                "with every scope and random id and secret, which are printed")
    option("--user", action="append", default=[], metavar="LOGIN[:UID]",
           help="repeatable; default: ivan")
    option("--token-life", type=int, metavar="SECONDS",
           help="the same as --knob token_life=SECONDS")
    option("--interval", type=int, metavar="SECONDS", help="the same as --knob interval=SECONDS")
    option("--knob", action="append", default=[], metavar="NAME=VALUE",
           help="repeatable; VALUE is JSON, or a string where it is not")
    option("--bad-certificate", choices=("common-name", "expired", "self-signed", "wrong-name"),
           help="the same as --knob certificate=...")
    option("--ready-fd", type=int, metavar="N", help="write the JSON line to this descriptor "
           "instead of stdout, and close it")
    option("--exit-with-parent", action="store_true",
           help="end when the thread that started the simulator ends")
    options = parser.parse_args(arguments)
    if options.port_base and options.port_base not in range(1, 65532):
        parser.error("--port-base: the ports must be within 1 and 65535")
    options.knobs = read_knobs(parser, options)
    return parser, options


def read_knobs(parser, options):
    knobs = {}
    for setting in options.knob:
        name, equals, value = setting.partition("=")
        if not equals:
            parser.error(f"--knob {setting}: NAME=VALUE is missing its =")
        try:
            knobs[name] = json.loads(value)
        except ValueError:
            knobs[name] = value
    for name, value in (("token_life", options.token_life), ("interval", options.interval),
                        ("certificate", options.bad_certificate)):
        if value is not None:
            knobs[name] = value
    return knobs


def populate(world, options):
    for client in options.client:
        client_id, _, rest = client.partition(":")
        secret, _, scopes = rest.partition(":")
        # A scope holds a colon itself, so everything after the second one is scopes.
        world.add_application(client_id, secret, scopes.replace(",", " ").split())
    if not options.client:
        world.add_application()
    for user in options.user or ["ivan"]:
        login, _, uid = user.partition(":")
        world.add_user(login, uid)


def announce(simulator, directory, ready_fd):
    path = os.path.join(directory, "addresses.json")
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(simulator.addresses, file)
    os.rename(path + ".new", path)
    line = json.dumps({**simulator.addresses, "directory": directory, **simulator.world.shown()})
    with os.fdopen(sys.stdout.fileno() if ready_fd is None else ready_fd, "w",
                   closefd=ready_fd is not None) as out:
        out.write(line + "\n")


def exit_with_parent():
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


async def run(simulator, directory, options):
    loop = asyncio.get_running_loop()
    # A client that breaks off its handshake is an everyday event here, not news.
    loop.set_exception_handler(lambda loop, context: None
                               if isinstance(context.get("exception"), OSError)
                               else loop.default_exception_handler(context))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await simulator.listen(options.port_base)
    announce(simulator, directory, options.ready_fd)
    await ended.wait()
    await simulator.close()


def main(arguments=None):
    parser, options = parse_arguments(arguments)
    if options.exit_with_parent:
        exit_with_parent()
    with contextlib.ExitStack() as stack:
        try:
            directory = os.path.abspath(options.directory or stack.enter_context(
                tempfile.TemporaryDirectory(prefix="yandex-simulator-")))
            os.makedirs(directory, mode=0o700, exist_ok=True)
            simulator = Simulator(directory, options.knobs, lambda world: populate(world, options))
            asyncio.run(run(simulator, directory, options))
        except BadKnob as bad:
            parser.error(f"--knob: {bad}")
        except (OSError, RuntimeError) as error:
            sys.exit(f"yandex-simulator: {error}")
