# SPDX-License-Identifier: MIT
"""A private session bus, and programs that speak on it."""

import fcntl
import os
import re

from gi.repository import Gio, GLib

from .process import Process
from .waiting import await_until

TOKENS = "io.github.yadiskctl.Tokens1"
MANAGER_PATH = "/io/github/yadiskctl/Tokens1"
MANAGER = TOKENS + ".Manager"
ACCOUNT = TOKENS + ".Account"
REQUEST = TOKENS + ".Request"
PROPERTIES = "org.freedesktop.DBus.Properties"
BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"

CALL_TIMEOUT_MS = 60000
ALL_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE

CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    {rules}
  </policy>
  <limit name="max_message_size">1000000000</limit>
  <limit name="max_incoming_bytes">1000000000</limit>
  <limit name="max_outgoing_bytes">1000000000</limit>
  <limit name="max_incoming_unix_fds">250000000</limit>
  <limit name="max_outgoing_unix_fds">250000000</limit>
  <limit name="max_completed_connections">100000</limit>
  <limit name="max_incomplete_connections">10000</limit>
  <limit name="max_connections_per_user">100000</limit>
  <limit name="max_pending_service_starts">10000</limit>
  <limit name="max_names_per_connection">50000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"""


def short(name):
    """The name of an error without what comes before it."""
    return re.sub(r"^(io\.github\.yadiskctl\.Tokens1|org\.freedesktop\.DBus)\.Error\.", "", name)


class BusError(Exception):
    """An error answer. The name is shortened if it is one of ours or of D-Bus itself."""

    def __init__(self, error):
        self.full_name = Gio.DBusError.get_remote_error(error) or error.domain
        self.name = short(self.full_name)
        self.message = re.sub(r"^GDBus\.Error:[^ ]+: ", "", error.message)
        super().__init__(f"{self.name}: {self.message}")


class PrivateBus:
    """A bus daemon that starts no program unless a test puts a file into services."""

    def __init__(self, directory, environment, log):
        self.services = os.path.join(directory, "services")
        os.mkdir(self.services)
        configuration = os.path.join(directory, "bus.conf")
        self._configuration, self._directory = configuration, directory
        self.write_policy()

        reading, writing = os.pipe()
        self.process = Process(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile",
             f"--print-address={writing}"], env=environment, pass_fds=[writing], stderr=log)
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as file:
            self.address = file.readline().strip()
        if not self.address:
            raise RuntimeError("the bus did not start")

    def write_policy(self, rules=""):
        """In force from the next ReloadConfig on."""
        with open(self._configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(socket=os.path.join(self._directory, "bus"),
                                            services=self.services, rules=rules))


def to_variant(value):
    """What a client would send: bool is b, a number u, a string s, a list as."""
    if isinstance(value, GLib.Variant):
        return value
    if isinstance(value, bool):
        return GLib.Variant("b", value)
    if isinstance(value, int):
        return GLib.Variant("u", value)
    if isinstance(value, str):
        return GLib.Variant("s", value)
    return GLib.Variant("as", value)


def options(given):
    return {name: to_variant(value) for name, value in given.items()}


class Pending:
    """A call that is under way."""

    def __init__(self, what, form=lambda *values: values):
        self._what = what
        self._form = form
        self._end = None

    def on_done(self, connection, result):
        try:
            self._end = connection.call_finish(result).unpack(), None
        except GLib.Error as error:
            self._end = None, BusError(error)

    @property
    def done(self):
        return self._end is not None

    def result(self):
        await_until(lambda: self.done, f"the answer to {self._what}")
        values, error = self._end
        if error:
            raise error
        return self._form(*values)


class Token:
    """What GetToken answered."""

    def __init__(self, value, expires_at, generation, details):
        self.value, self.expires_at, self.generation = value, expires_at, generation
        self.details = details

    def _key(self):
        """What makes it another one. When it will be renewed is a plan, which changes."""
        return self.value, self.expires_at, self.generation, self.details["account"]

    def __eq__(self, other):
        return self._key() == other._key()

    def __hash__(self):
        return hash(self._key())

    def __repr__(self):
        return f"<generation {self.generation}>"


class Client:
    """One connection to a bus: one program, in the daemon's eyes."""

    names = set()  # of all that this process has ever made

    def __init__(self, address):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.set_exit_on_close(False)
        self.names.add(self.name)
        self.signals = []
        for interface in (PROPERTIES, REQUEST, "org.freedesktop.DBus.ObjectManager"):
            self.connection.signal_subscribe(None, interface, None, None, None,
                                             Gio.DBusSignalFlags.NONE, self._on_signal)
        self.connection.signal_subscribe(BUS, BUS, "NameOwnerChanged", BUS_PATH, None,
                                         Gio.DBusSignalFlags.NONE, lambda *_: None)

    def close(self):
        if not self.connection.is_closed():
            self.connection.close_sync(None)

    @property
    def name(self):
        return self.connection.get_unique_name()

    def _on_signal(self, _connection, sender, path, _interface, member, arguments):
        self.signals.append((sender, path, member, arguments.unpack()))

    # Calls

    def call(self, path, interface, member, signature="()", *arguments, destination=TOKENS,
             interactive=False):
        flags = Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION if interactive \
            else Gio.DBusCallFlags.NONE
        try:
            return self.connection.call_sync(
                destination, path, interface, member, GLib.Variant(signature, arguments), None,
                flags, CALL_TIMEOUT_MS, None).unpack()
        except GLib.Error as error:
            raise BusError(error) from None

    def begin(self, path, interface, member, signature="()", *arguments, destination=TOKENS,
              interactive=False, **form):
        """Makes the call and returns at once."""
        flags = Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION if interactive \
            else Gio.DBusCallFlags.NONE
        pending = Pending(member, **form)
        self.connection.call(destination, path, interface, member, GLib.Variant(signature, arguments),
                             None, flags, CALL_TIMEOUT_MS, None, pending.on_done)
        return pending

    def bus(self, member, signature="()", *arguments):
        return self.call(BUS_PATH, BUS, member, signature, *arguments, destination=BUS)[0]

    def owner_of(self, name):
        """The unique name, or an empty string."""
        try:
            return self.bus("GetNameOwner", "(s)", name)
        except BusError:
            return ""

    def await_owner(self, name, also=lambda: False):
        return await_until(lambda: self.owner_of(name) or also(), f"an owner of {name}")

    def names_of(self, pid):
        """The unique names of all the connections of a process."""
        return {name for name in self.bus("ListNames") if name.startswith(":")
                and self.bus("GetConnectionUnixProcessID", "(s)", name) == pid}

    def await_no_owner(self, name):
        await_until(lambda: not self.owner_of(name), f"no owner of {name}")

    def ping(self, destination=TOKENS):
        self.call("/", "org.freedesktop.DBus.Peer", "Ping", destination=destination)

    # The daemon

    def manager(self, member, signature="()", *arguments, **keywords):
        return self.call(MANAGER_PATH, MANAGER, member, signature, *arguments, **keywords)

    def get_token(self, account="", **given):
        return Token(*self.manager("GetToken", "(sa{sv})", account, options(given)))

    def begin_get_token(self, account="", interactive=False, **given):
        return self.begin(MANAGER_PATH, MANAGER, "GetToken", "(sa{sv})", account, options(given),
                          interactive=interactive, form=Token)

    def get_token_fd(self, account="", **given):
        """The token, and the seals of the descriptor it came in."""
        try:
            reply, fds = self.connection.call_with_unix_fd_list_sync(
                TOKENS, MANAGER_PATH, MANAGER, "GetTokenFD",
                GLib.Variant("(sa{sv})", (account, options(given))), None, Gio.DBusCallFlags.NONE,
                CALL_TIMEOUT_MS, None, None)
        except GLib.Error as error:
            raise BusError(error) from None
        handle, *rest = reply.unpack()
        fd = fds.get(handle)
        try:
            value = os.pread(fd, os.fstat(fd).st_size, 0).decode()
            return Token(value, *rest), fcntl.fcntl(fd, fcntl.F_GET_SEALS)
        finally:
            os.close(fd)

    def property(self, name, path=MANAGER_PATH, interface=MANAGER):
        return self.call(path, PROPERTIES, "Get", "(ss)", interface, name)[0]

    def await_property(self, name, value):
        """Of the manager, read anew whenever anything is announced."""
        return await_until(lambda: self.property(name) == value, f"{name} = {value!r}")

    def objects(self):
        return self.call(MANAGER_PATH, "org.freedesktop.DBus.ObjectManager",
                         "GetManagedObjects")[0]

    def accounts(self):
        return [Account(self, path) for path, interfaces in sorted(self.objects().items())
                if ACCOUNT in interfaces]

    def find_account(self, name=""):
        return Account(self, self.manager("FindAccount", "(s)", name)[0])

    def sign_in(self, interactive=False, **given):
        return SignIn(self, self.manager("SignIn", "(a{sv})", options(given),
                                         interactive=interactive)[0])


class Account:
    """An account object, as one client sees it. Its properties are read with get()."""

    def __init__(self, client, path):
        self.client, self.path = client, path

    def call(self, member, signature="()", *arguments):
        return self.client.call(self.path, ACCOUNT, member, signature, *arguments)

    def get(self, name):
        return self.client.property(name, self.path, ACCOUNT)

    def all(self):
        return self.client.call(self.path, PROPERTIES, "GetAll", "(s)", ACCOUNT)[0]

    @property
    def id(self):
        return self.get("Id")

    @property
    def generation(self):
        return self.get("Generation")

    @property
    def state(self):
        return self.get("State")

    @property
    def last_error(self):
        """The short name."""
        return short(self.get("LastError")[0])

    def get_token(self, **given):
        return self.client.get_token(self.id, **given)

    def refresh(self):
        return self.call("Refresh")[0]

    def begin_refresh(self):
        return self.client.begin(self.path, ACCOUNT, "Refresh")

    def sign_out(self, **given):
        return self.call("SignOut", "(a{sv})", options(given))[0]

    def told(self, name):
        """Every value of the property that signals have announced so far."""
        return [arguments[1][name] for _, path, member, arguments in self.client.signals
                if path == self.path and member == "PropertiesChanged" and name in arguments[1]]

    def await_told(self, name, value):
        await_until(lambda: value in self.told(name), f"{name} = {value!r} announced")

    def await_is(self, name, value):
        """Until the property has the value, read anew whenever anything is announced."""
        return await_until(lambda: self.get(name) == value, f"{name} = {value!r}")


class SignIn:
    """A request, in the hands of its creator."""

    def __init__(self, client, path):
        self.client, self.path = client, path
        self._daemon = client.owner_of(TOKENS)  # the next one counts from 1 again

    def call(self, member, signature="()", *arguments):
        return self.client.call(self.path, REQUEST, member, signature, *arguments)

    def prompt(self):
        return self.call("GetPrompt")[0]

    def submit(self, code):
        """A code, or the address that the browser was sent to."""
        self.call("SubmitCode", "(s)", code)

    def cancel(self):
        self.call("Cancel")

    def ends(self):
        return [arguments for sender, path, member, arguments in self.client.signals
                if (sender, path, member) == (self._daemon, self.path, "Completed")]

    def await_end(self):
        """(response, results) of Completed."""
        return await_until(self.ends, "the end of the sign-in")[0]

    def await_error(self):
        """The short name of the error it fails with."""
        response, results = self.await_end()
        assert response == 2, (response, results)
        return short(results["error"])

    def await_account(self):
        response, results = self.await_end()
        assert response == 0, (response, results)
        return Account(self.client, results["account"])
