#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A second implementation of the Secret Service: one collection, which is never locked, in memory.

It knows neither encryption nor a single signal, which is as little as an implementation may do. A test
can make it refuse what is written."""

import time

from gi.repository import Gio, GLib

ROOT = "/org/freedesktop/secrets"
COLLECTION = ROOT + "/collection/login"
SESSION = ROOT + "/session/1"
ITEM = "org.freedesktop.Secret.Item"

XML = """<node>
<interface name="org.freedesktop.Secret.Service">
  <method name="OpenSession"><arg type="s" direction="in"/><arg type="v" direction="in"/>
    <arg type="v" direction="out"/><arg type="o" direction="out"/></method>
  <method name="SearchItems"><arg type="a{ss}" direction="in"/>
    <arg type="ao" direction="out"/><arg type="ao" direction="out"/></method>
  <method name="Unlock"><arg type="ao" direction="in"/>
    <arg type="ao" direction="out"/><arg type="o" direction="out"/></method>
  <method name="ReadAlias"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
  <property name="Collections" type="ao" access="read"/>
</interface>
<interface name="org.freedesktop.Secret.Collection">
  <method name="SearchItems"><arg type="a{ss}" direction="in"/>
    <arg type="ao" direction="out"/></method>
  <method name="CreateItem"><arg type="a{sv}" direction="in"/>
    <arg type="(oayays)" direction="in"/><arg type="b" direction="in"/>
    <arg type="o" direction="out"/><arg type="o" direction="out"/></method>
  <property name="Items" type="ao" access="read"/>
  <property name="Locked" type="b" access="read"/>
</interface>
<interface name="org.freedesktop.Secret.Item">
  <method name="GetSecret"><arg type="o" direction="in"/>
    <arg type="(oayays)" direction="out"/></method>
  <method name="SetSecret"><arg type="(oayays)" direction="in"/></method>
  <method name="Delete"><arg type="o" direction="out"/></method>
  <property name="Locked" type="b" access="read"/>
  <property name="Attributes" type="a{ss}" access="read"/>
  <property name="Label" type="s" access="readwrite"/>
  <property name="Modified" type="t" access="read"/>
</interface>
<interface name="io.github.yadiskctl.Rig.Keyring">
  <method name="Refuse"><arg type="s" direction="in"/></method>
</interface>
</node>"""


class Item:
    def __init__(self, properties, secret):
        self.label = properties.get(ITEM + ".Label", "")
        self.attributes = properties.get(ITEM + ".Attributes", {})
        self.take(secret)

    def take(self, secret):
        self.secret = bytes(secret[2])
        self.modified = int(time.time())


class Service:
    def __init__(self, connection):
        self.connection = connection
        self.node = Gio.DBusNodeInfo.new_for_xml(XML)
        self.items = {}
        self.registered = {}
        self.refusal = ""
        self.made = 0
        self.publish(ROOT, "org.freedesktop.Secret.Service")
        self.publish(COLLECTION, "org.freedesktop.Secret.Collection")
        self.publish("/rig", "io.github.yadiskctl.Rig.Keyring")

    def publish(self, path, interface):
        return self.connection.register_object(path, self.node.lookup_interface(interface),
                                               self.on_call, self.on_get, self.on_set)

    def found(self, attributes):
        return [path for path, item in self.items.items()
                if attributes.items() <= item.attributes.items()]

    def on_call(self, _connection, _sender, path, _interface, member, arguments, invocation):
        given = arguments.unpack()
        if self.refusal and member in ("CreateItem", "SetSecret", "Delete"):
            return invocation.return_dbus_error(self.refusal, "not now")
        if member == "OpenSession" and given[0] != "plain":
            return invocation.return_dbus_error("org.freedesktop.DBus.Error.NotSupported",
                                                "only plain")
        invocation.return_value(getattr(self, "method_" + member)(path, *given))

    def method_OpenSession(self, _path, _algorithm, _value):
        return GLib.Variant("(vo)", (GLib.Variant("s", ""), SESSION))

    def method_SearchItems(self, path, attributes):
        found = self.found(attributes)
        return GLib.Variant("(aoao)", (found, [])) if path == ROOT else GLib.Variant("(ao)", (found,))

    def method_Unlock(self, _path, objects):
        return GLib.Variant("(aoo)", (objects, "/"))

    def method_ReadAlias(self, _path, name):
        return GLib.Variant("(o)", (COLLECTION if name == "default" else "/",))

    def method_CreateItem(self, _path, properties, secret, replace):
        item = Item(properties, secret)
        same = [path for path in self.found(item.attributes) if replace]
        if same:
            path = same[0]
        else:
            self.made += 1
            path = f"{COLLECTION}/{self.made}"
            self.registered[path] = self.publish(path, ITEM)
        self.items[path] = item
        return GLib.Variant("(oo)", (path, "/"))

    def method_GetSecret(self, path, session):
        return GLib.Variant("((oayays))", ((session, b"", self.items[path].secret, "text/plain"),))

    def method_SetSecret(self, path, secret):
        self.items[path].take(secret)

    def method_Delete(self, path):
        del self.items[path]
        self.connection.unregister_object(self.registered.pop(path))
        return GLib.Variant("(o)", ("/",))

    def method_Refuse(self, _path, error):
        self.refusal = error

    def on_get(self, _connection, _sender, path, _interface, name):
        if name == "Collections":
            return GLib.Variant("ao", [COLLECTION])
        if name == "Items":
            return GLib.Variant("ao", list(self.items))
        if name == "Locked":
            return GLib.Variant("b", False)
        if name == "Attributes":
            return GLib.Variant("a{ss}", self.items[path].attributes)
        if name == "Label":
            return GLib.Variant("s", self.items[path].label)
        return GLib.Variant("t", self.items[path].modified)

    def on_set(self, _connection, _sender, path, _interface, _name, value):
        self.items[path].label = value.unpack()
        return True


def serve():
    loop = GLib.MainLoop()
    connection = Gio.bus_get_sync(Gio.BusType.SESSION)
    Service(connection)
    Gio.bus_own_name_on_connection(connection, "org.freedesktop.secrets",
                                   Gio.BusNameOwnerFlags.NONE, None, lambda *_: loop.quit())
    loop.run()


if __name__ == "__main__":
    serve()
