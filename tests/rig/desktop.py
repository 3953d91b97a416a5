# SPDX-License-Identifier: MIT
"""The two services of a desktop that the daemon asks for something: one that shows notifications, and the
service manager, which opens pages. Both only remember what they were asked, and tell what a user does."""

from gi.repository import Gio, GLib

from .bus import Client
from .waiting import await_until

NOTIFICATIONS = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"
NOTIFICATIONS_XML = """<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
    <arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
</interface></node>"""

EXPIRED, DISMISSED, CLOSED = 1, 2, 3  # the reasons of NotificationClosed

MANAGER = "org.freedesktop.systemd1"
MANAGER_PATH = "/org/freedesktop/systemd1"
MANAGER_XML = """<node><interface name="org.freedesktop.systemd1.Manager">
  <method name="StartTransientUnit"><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="a(sv)" direction="in"/><arg type="a(sa(sv))" direction="in"/><arg type="o" direction="out"/>
  </method>
</interface></node>"""


class Service:
    """One object on a connection of its own, which owns a name."""

    def __init__(self, address, name, path, xml):
        self._client = Client(address)
        self._path, self._interface = path, Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
        self._client.connection.register_object(path, self._interface, self._on_call)
        self._client.bus("RequestName", "(su)", name, 0)

    def close(self):
        """It leaves the bus."""
        self._client.close()

    def _on_call(self, _connection, sender, _path, _interface, member, arguments, invocation):
        invocation.return_value(getattr(self, "_on_" + member)(sender, *arguments.unpack()))

    def _emit(self, member, signature, *arguments):
        if self._client.connection.is_closed():
            return
        self._client.connection.emit_signal(None, self._path, self._interface.name, member,
                                            GLib.Variant(signature, arguments))
        self._client.connection.flush_sync(None)


class Note:
    """What a program asked to be shown. The actions are a dictionary from key to label."""

    def __init__(self, sender, number, summary, body, actions, hints):
        self.sender, self.number = sender, number
        self.summary, self.body, self.hints = summary, body, hints
        self.actions = dict(zip(actions[::2], actions[1::2]))

    def __repr__(self):
        return f"<{self.number}: {self.summary}: {self.body} {list(self.actions.values())}>"


class Desktop(Service):
    """Shows notifications, that is, remembers them; no longer than the program that sent them lives, as
    GNOME does."""

    EVERYTHING = ("actions", "body", "body-markup", "persistence")

    def __init__(self, address, capabilities=EVERYTHING):
        self.said = []  # every note in order, also those that replaced another
        self.withdrawn = []  # those that their program took off
        self._screen = {}
        self._count = 0
        self._capabilities = capabilities
        super().__init__(address, NOTIFICATIONS, NOTIFICATIONS_PATH, NOTIFICATIONS_XML)

    def screen(self):
        """The notes on the screen."""
        return [note for note in list(self._screen.values()) if self._client.owner_of(note.sender)]

    def find(self, summary):
        """The note on the screen whose summary has these words, or None."""
        return next((note for note in self.screen() if summary in note.summary), None)

    def await_shown(self, summary):
        return await_until(lambda: self.find(summary), f"the notification: {summary}")

    def await_closed(self, summary):
        """Until it is on the screen no longer, where it was."""
        await_until(lambda: any(summary in note.summary for note in self.said)
                    and not self.find(summary), f"the end of the notification: {summary}")

    def await_empty(self):
        await_until(lambda: not self.screen(), "the notifications to be withdrawn")

    # What a user does, and other programs

    def press(self, note, label=None):
        """The button that says this, or the only one it has."""
        action, = [key for key, said in note.actions.items() if label in (None, said)]
        self._emit("ActionInvoked", "(us)", note.number, action)

    def dismiss(self, note):
        del self._screen[note.number]
        self._emit("NotificationClosed", "(uu)", note.number, DISMISSED)

    def show_other(self, summary):
        """A note of somebody else's."""
        self._on_Notify(self._client.name, "", 0, "", summary, "", [], {}, 0)
        return self.said.pop()

    # What it is asked

    def _on_GetCapabilities(self, _sender):  # pylint: disable=invalid-name
        return GLib.Variant("(as)", (self._capabilities,))

    def _on_Notify(self, sender, _program, replaces, _icon, summary, body, actions, hints, _expiry):
        # pylint: disable=invalid-name, too-many-arguments
        if replaces not in self._screen:
            self._count += 1
            replaces = self._count
        note = Note(sender, replaces, summary, body, actions, hints)
        self._screen[replaces] = note
        self.said.append(note)
        return GLib.Variant("(u)", (replaces,))

    def _on_CloseNotification(self, _sender, number):  # pylint: disable=invalid-name
        note = self._screen.pop(number, None)
        if note:
            self.withdrawn.append(note)
            self._emit("NotificationClosed", "(uu)", number, CLOSED)


class ServiceManager(Service):
    """Starts what opens a page, that is, remembers the addresses."""

    def __init__(self, address):
        self.opened = []
        self.units = []
        super().__init__(address, MANAGER, MANAGER_PATH, MANAGER_XML)

    def await_opened(self, count=1):
        """Until that many pages were opened; returns the address of the last."""
        await_until(lambda: len(self.opened) >= count, f"page {count}")
        return self.opened[-1]

    def _on_StartTransientUnit(self, _sender, name, _mode, properties, _others):
        # pylint: disable=invalid-name
        (program, arguments, _), = dict(properties)["ExecStart"]
        assert (program, arguments[0]) == ("xdg-open", "xdg-open") and len(arguments) == 2, arguments
        assert name not in self.units, name
        self.units.append(name)
        self.opened.append(arguments[1])
        return GLib.Variant("(o)", (f"{MANAGER_PATH}/job/{len(self.opened)}",))
