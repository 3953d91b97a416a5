# SPDX-License-Identifier: MIT
"""A real gnome-keyring, and what it holds."""

import json
import os
import signal
import socket
import struct
import subprocess
import urllib.parse

from gi.repository import Gio, GLib

from .bus import PROPERTIES, TOKENS, BusError, Client
from .process import Process
from .waiting import await_until

SECRETS = "org.freedesktop.secrets"
SECRETS_PATH = "/org/freedesktop/secrets"
SERVICE = "org.freedesktop.Secret.Service"
COLLECTION = "org.freedesktop.Secret.Collection"
ITEM = "org.freedesktop.Secret.Item"
LOGIN = "/org/freedesktop/secrets/collection/login"
MASTER = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
PROMPTER = "org.gnome.keyring.SystemPrompter"
PASSWORD = "correct horse"

# What the control socket is asked, and what it answers.
CONTROL_UNLOCK = 1
CONTROL_OK = 0

PROMPTER_INTERFACES = """<node><interface name="org.gnome.keyring.internal.Prompter">
  <method name="BeginPrompting"><arg type="o" name="callback" direction="in"/></method>
  <method name="PerformPrompt"><arg type="o" name="callback" direction="in"/>
    <arg type="s" name="type" direction="in"/><arg type="a{sv}" name="properties" direction="in"/>
    <arg type="s" name="exchange" direction="in"/></method>
  <method name="StopPrompting"><arg type="o" name="callback" direction="in"/></method>
</interface></node>"""


def decoded(value):
    """The same with every string decoded, however deep."""
    if isinstance(value, dict):
        return {name: decoded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [decoded(inner) for inner in value]
    return urllib.parse.unquote(value, errors="strict") if isinstance(value, str) else value


class Item:
    """One item; its secret is read with secret()."""

    def __init__(self, keyring, path):
        self._keyring, self.path = keyring, path
        self.attributes = keyring.get(path, ITEM, "Attributes")
        self.label = keyring.get(path, ITEM, "Label")

    def secret(self):
        return self._keyring.secret(self.path)

    def document(self):
        """As it was before there was an encoding, which reads the same."""
        document = json.loads(self.secret())
        return decoded(document) if document.pop("encoding", None) == "percent" else document


class SecretService:
    """The service that is asked for secrets on this bus, now or later; unlocked or not."""

    collection = LOGIN

    def __init__(self, client):
        self._client = client
        self._session = None

    def call(self, path, interface, member, signature="()", *arguments):
        return self._client.call(path, interface, member, signature, *arguments,
                                 destination=SECRETS)

    def get(self, path, interface, name):
        return self.call(path, PROPERTIES, "Get", "(ss)", interface, name)[0]

    def start(self):
        """Has the bus start it. If that hands over to one that systemd starts, dbus-broker may refuse the call,
        as it sees an end and no owner of the name yet."""
        try:
            self.call(SECRETS_PATH, "org.freedesktop.DBus.Peer", "Ping")
        except BusError as error:
            if error.name != "NameHasNoOwner":
                raise
            self._client.await_owner(SECRETS)

    # Items

    def items(self):
        """Of the collection."""
        return [Item(self, path) for path in self.get(self.collection, COLLECTION, "Items")]

    def ours(self, kind=None):
        """Items of the daemon; of one kind, "account" or "application"."""
        return [item for item in self.items()
                if item.attributes.get("xdg:schema") == TOKENS
                and kind in (None, item.attributes.get("kind"))]

    def account(self):
        """The document of the only account."""
        item, = self.ours("account")
        return item.document()

    def secret(self, path):
        secret = self.call(path, ITEM, "GetSecret", "(o)", self._open_session())[0]
        return bytes(secret[2]).decode()

    def write(self, item, text):
        """As the user does with a keyring browser."""
        secret = self._open_session(), b"", text.encode(), "text/plain"
        self.call(item.path, ITEM, "SetSecret", "((oayays))", secret)

    def delete(self, item):
        self.call(item.path, ITEM, "Delete")

    def _open_session(self):
        if not self._session:
            self._session = self.call(SECRETS_PATH, SERVICE, "OpenSession", "(sv)", "plain",
                                      GLib.Variant("s", ""))[1]
        return self._session

    # Collections

    def make_other(self, label, password=PASSWORD):
        """A further keyring, which is open; returns its path."""
        secret = self._open_session(), b"", password.encode(), "text/plain"
        return self.call(SECRETS_PATH, MASTER, "CreateWithMasterPassword", "(a{sv}(oayays))",
                         {COLLECTION + ".Label": GLib.Variant("s", label)}, secret)[0]

    def set_default(self, path):
        self.call(SECRETS_PATH, SERVICE, "SetAlias", "(so)", "default", path)

    # Locks

    def is_locked(self):
        return self.get(self.collection, COLLECTION, "Locked")

    def lock(self, path=LOGIN):
        self.call(SECRETS_PATH, SERVICE, "Lock", "(ao)", [path])

    def unlock(self, password=PASSWORD, path=LOGIN):
        """As the user's own dialog would, without one."""
        secret = self._open_session(), b"", password.encode(), "text/plain"
        self.call(SECRETS_PATH, MASTER, "UnlockWithMasterPassword", "(o(oayays))", path, secret)


class Keyring(SecretService):
    """Started unlocked, with an empty login keyring unless the home has one already."""

    def __init__(self, address, environment, log):
        super().__init__(Client(address))
        self._runtime = environment["XDG_RUNTIME_DIR"]
        self.start(environment, log)

    def start(self, environment, log):
        """gnome-keyring 42 may abort when it is asked for a property by a program that it has not noted yet, which
        it does when it hears of it first. If so, it is started again."""
        while True:
            self.process = Process(
                ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
                env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log)
            self.process.stdin.write(PASSWORD.encode())
            self.process.stdin.close()
            self._client.await_owner(SECRETS)
            try:
                self._client.ping(SECRETS)
                return await_until(lambda: not self.is_locked(), "the keyring to be unlocked")
            except BusError as error:
                if error.name != "NoReply" or self.process.await_end() != -signal.SIGABRT:
                    raise

    def close(self):
        self.process.end()
        self._client.close()

    def stop(self):
        """Takes the service off the bus."""
        self.process.end()
        self._client.await_no_owner(SECRETS)

    def unlock_unannounced(self):
        """As PAM does when the screen is unlocked. No signal tells of it."""
        assert unlock_through_control(self._runtime)
        assert not self.is_locked()

    def make(self):
        """The keyring that a new user has not got yet, and which is the default one then."""
        self.set_default(self.make_other("Login"))


def unlock_through_control(runtime, password=PASSWORD):
    """As PAM does at login: no signal on the bus tells of it. Makes the login keyring if there is none.
    Returns whether it was done."""
    secret = password.encode()
    body = struct.pack(">II", CONTROL_UNLOCK, len(secret)) + secret
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(os.path.join(runtime, "keyring", "control"))
        control.sendall(b"\0")  # carries the credentials
        control.sendall(struct.pack(">I", len(body) + 4) + body)
        answer = control.recv(8, socket.MSG_WAITALL)
    return len(answer) == 8 and struct.unpack(">II", answer)[1] == CONTROL_OK


class Prompter:
    """Stands where the desktop shows password dialogs, and counts them. Dismisses each."""

    def __init__(self, address):
        self.prompts = 0
        self._client = Client(address)
        interface = Gio.DBusNodeInfo.new_for_xml(PROMPTER_INTERFACES).interfaces[0]
        self._client.connection.register_object("/org/gnome/keyring/Prompter", interface,
                                                self._on_call)
        self._client.bus("RequestName", "(su)", PROMPTER, 0)

    def close(self):
        self._client.close()

    def await_prompt(self):
        await_until(lambda: self.prompts, "a prompt")

    def _on_call(self, connection, sender, _path, _interface, member, arguments, invocation):
        callback = arguments.unpack()[0]
        invocation.return_value(None)
        if member == "BeginPrompting":
            self.prompts += 1
            self._tell(connection, sender, callback, "PromptReady", "(sa{sv}s)", "", {}, "")
        elif member == "PerformPrompt":
            self._tell(connection, sender, callback, "PromptReady", "(sa{sv}s)", "no", {}, "")
        elif member == "StopPrompting":
            self._tell(connection, sender, callback, "PromptDone", "()")

    @staticmethod
    def _tell(connection, sender, callback, member, signature, *arguments):
        connection.call(sender, callback, "org.gnome.keyring.internal.Prompter.Callback", member,
                        GLib.Variant(signature, arguments), None, Gio.DBusCallFlags.NONE, -1, None,
                        None)
