# SPDX-License-Identifier: MIT
"""The canary run: with YADISK_TEST_CANARY=1 in the environment each world and each session is searched at its end for
every secret that the simulators of the test have given out or taken in. The daemon says all it can, everything that
passes the bus is recorded, and a finding fails the test.

A secret may be where it has to be: in the answer of GetToken, in the arguments that take it in, in the keyring's own
files, and where the test's user has put it. Everything that is allowed is in the tables here."""

import os
import re
import struct
import sys
import urllib.parse

from simulator_client import Simulator

from .bus import Client
from .monitor import HEADER, Recorder, unpack
from .process import read_proc

WANTED = "YADISK_TEST_CANARY"

TOKEN, REFRESH, SECRET, CODE, USER_CODE = (
    "access_token", "refresh_token", "client_secret", "confirmation_code", "user_code")
HANDLE = "feed_handle"
HANDLE_FORM = re.compile(rb"yadisk-feed-[0-9a-f]{48}")

SHORTEST = 6  # below which it is found anywhere

# What these calls take in, and what the answers of those give out.
ARGUMENTS = {
    "AddApplication": {SECRET},
    "SetApplication": {SECRET},
    "CheckApplication": {SECRET},
    "SignIn": {SECRET, TOKEN, REFRESH},
    "SubmitCode": {CODE},
    "Notify": {USER_CODE},  # of a desktop, which shows it to the user
}
ANSWERS = {"GetToken": {TOKEN}, "GetPrompt": {USER_CODE}}

# Below a home; where a keyring has its files, and where a user lets a program write what it was given.
KEYRINGS = (".local/share/keyrings/", ".local/share/kwalletd/", "keepassxc", ".kdbx")
FILES = {"rclone.conf": {TOKEN, HANDLE, REFRESH, SECRET}, "token": {TOKEN}, "loaded": {TOKEN}}

DUNST = "org.dunstproject."  # tells what it has shown

# Never on a terminal, nor on the standard output of any program.
HIDDEN = {REFRESH, SECRET, "device_code", "code_verifier", "basic_credentials"}
KINDS = HIDDEN | {TOKEN, CODE, USER_CODE, HANDLE, "page_ticket"}


class Heard:
    """A stream whose text is remembered."""

    def __init__(self, stream):
        self._stream = stream
        self.text = ""

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def _note(self, text):
        self.text += text
        return text

    def read(self, *size):
        return self._note(self._stream.read(*size))

    def readline(self):
        return self._note(self._stream.readline())

    def __iter__(self):
        return iter(self.readline, "")

    def close(self):
        """What nobody has read is read now; the program has ended."""
        if not self._stream.closed:
            self.read()
            self._stream.close()


class Canary:
    """The secrets that are known, and where one of them was found."""

    def __init__(self):
        self.findings, self.bytes, self.places = [], 0, 0
        self._secrets = {}
        self._processes = {}
        self._recorders, self._programs, self._terminals, self._said = [], [], [], []
        self.typed = set()  # kinds that the test types where it can be seen

    @classmethod
    def if_wanted(cls):
        return cls() if os.environ.get(WANTED) == "1" else None

    # While the test goes on

    def record(self, address):
        """Everything that passes this bus."""
        self._recorders.append(Recorder(address))

    def look_at(self, pid):
        """Its arguments and its environment."""
        for name in ("cmdline", "environ"):
            self._processes[pid, name] = "\0".join(read_proc(pid, name)).encode()

    def hear(self, arguments, out, err):
        """What a program has said before it ended."""
        self._said.append((arguments, out, err))

    def listen_to(self, child):
        """A program that goes on, and whose standard error is read by the test."""
        child.stderr = Heard(child.stderr)
        self._programs.append(child)

    def watch(self, terminal):
        self._terminals.append(terminal)

    def learn(self):
        """Before a simulator forgets them."""
        for simulator in Simulator.running:
            for value, kind in simulator.ledger().items():
                if len(value) >= SHORTEST:
                    self._secrets[value.encode()] = kind
                    self._secrets[urllib.parse.quote(value, safe="").encode()] = kind

    def catch_up(self, client):
        """Until all is recorded that has passed the client's bus; if that is gone, there is nothing more."""
        try:
            self._recorders[-1].catch_up(client)
        except Exception:  # pylint: disable=broad-except
            pass

    # The search

    def search(self, text, place, allowed=()):
        """Text is bytes."""
        self.bytes += len(text)
        self.places += 1
        for value, kind in self.found_in(text):
            if kind not in allowed:
                self.findings.append(f"canary: {kind} {value.decode()[:8]}… in {place}")

    def found_in(self, text):
        """(value, kind) of each secret that the text holds."""
        found = [(value, kind) for value, kind in self._secrets.items()
                 if text.find(value) >= 0 and is_apart(value, text)]
        return found + [(match, HANDLE) for match in set(HANDLE_FORM.findall(text))]

    def search_all(self, directory, put, journal=""):
        """Below the directory is all that was written. Returns the findings."""
        self.learn()
        self.search(journal.encode(), "the journal")
        for (pid, name), text in self._processes.items():
            self.search(text, f"/proc/{pid}/{name}")
        self._search_what_was_said()
        self.search_files(directory, put)
        self.search_recordings()
        print(self.summary(), file=sys.stderr, flush=True)
        return self.findings

    def _search_what_was_said(self):
        visible = KINDS - HIDDEN
        for arguments, out, err in self._said:
            self.search(err.encode(), f"the standard error of {arguments}", {USER_CODE})
            if "yadisk" in os.path.basename(arguments[0]):
                self.search(out.encode(), f"the standard output of {arguments}", visible)
        for child in self._programs:
            self.search(child.stderr.text.encode(), f"the standard error of {child.args}", {USER_CODE})
        for terminal in self._terminals:
            self.search(terminal.shown.encode(), f"the terminal of {terminal.arguments}", visible | self.typed)

    def search_files(self, directory, put=()):
        """All that is left below the directory, but what the test's user has put there."""
        for folder, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path) and path not in put and \
                        not any(part in path for part in KEYRINGS):
                    with open(path, "rb") as file:
                        self.search(file.read(), path, FILES.get(name, ()))

    def search_recordings(self):
        """Ends them."""
        for recorder in self._recorders:
            recorder.close()
            recording = Recording(recorder)
            self.bytes += recording.size
            self.places += 1
            for value, kind in self.found_in(recording.bytes):
                self.findings += [f"canary: {kind} {value.decode()[:8]}… in {message!r}"
                                  for message in recording.messages_with(value)
                                  if not recording.may_have(message, kind)]
        self._recorders.clear()

    def summary(self):
        return (f"canary: {len(self._secrets)} secrets, {self.places} places, {self.bytes} bytes, "
                f"{len(self.findings)} findings")


def is_apart(value, text):
    """Whether it stands somewhere by itself, if it is a number, which a longer one may have in it."""
    return not value.isdigit() or re.search(rb"(?<![0-9])" + value + rb"(?![0-9])", text)


class Recording:
    """The messages of a bus, which are taken apart only if something was found in them."""

    def __init__(self, recorder):
        self.bytes = recorder.bytes()
        self.size = len(self.bytes)
        self._spans = self._plain = None

    def _all(self):
        """(start, end, type, serial) of each."""
        if self._spans is None:
            self._spans, start = [], 0
            while start + HEADER <= self.size:
                body, serial, fields = struct.unpack_from("<III", self.bytes, start + 4)
                end = start + HEADER + ((fields + 7) & ~7) + body
                self._spans.append((start, end, self.bytes[start + 1], serial))
                start = end
        return self._spans

    def messages_with(self, value):
        for start, end, _, _ in self._all():
            if self.bytes.find(value, start, end) >= 0:
                message = unpack(self.bytes[start:end])
                message.call = self._call_of(message)
                yield message

    def _call_of(self, answer):
        if answer.type not in ("answer", "error"):
            return None
        for start, end, _, serial in self._all():
            if serial == answer.reply_serial:
                call = unpack(self.bytes[start:end])
                if call.type == "call" and call.sender == answer.destination:
                    return call
        return None

    def may_have(self, message, kind):
        if message.type == "call" and kind in ARGUMENTS.get(message.member, ()):
            return True
        if message.type == "answer" and message.call and kind in ANSWERS.get(message.call.member, ()):
            return True
        if kind == USER_CODE and message.call and (message.call.interface or "").startswith(DUNST):
            return True
        return is_keyring_of_the_test(message) or \
            bool({message.sender, message.destination} & self._plain_keyrings())

    def _plain_keyrings(self):
        """Those that have refused to talk in cipher, as no keyring that people have does."""
        if self._plain is None:
            self._plain = {error.sender for error in self.messages_with(b"org.freedesktop.DBus.Error.NotSupported")
                           if error.type == "error" and error.call and error.call.member == "OpenSession"}
        return self._plain


def is_keyring_of_the_test(message):
    """A test reads and writes items in plain; the daemon does not."""
    call = message.call or message
    return (call.interface or "").startswith("org.freedesktop.Secret.") and \
        call.sender in Client.names
