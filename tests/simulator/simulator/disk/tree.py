# SPDX-License-Identifier: MIT
"""One user's Disk: files and folders, and the trash. No HTTP here.

A place is the parts of a path below a folder: Tree.disk, Tree.trash, or that of an application.
"""

import hashlib
import secrets
from functools import cached_property

APPLICATIONS = "Приложения"
FIRST_FILE = "Мишки.jpg"
FIRST_SIZE = 1555830
FIRST_MOMENT = 1333569600.0  # 2012-04-04T20:00:00+00:00


class Refused(Exception):
    """The argument is the id of the error, see answers.ERRORS."""


class Node:
    def __init__(self, name, now):
        self.name = name
        self.created = self.modified = now
        self.id = secrets.token_hex(32)
        self.properties = {}
        self.parent = None
        self.trashed = {}  # deleted and origin_path, of what is in the trash

    @property
    def path(self):
        if not self.parent:
            return self.name
        return self.parent.path + ("" if self.parent.parent is None else "/") + self.name

    def is_within(self, folder):
        return self is folder or bool(self.parent and self.parent.is_within(folder))


class File(Node):
    def __init__(self, name, now, content):
        super().__init__(name, now)
        self.content = content

    @property
    def size(self):
        return len(self.content)

    @cached_property
    def md5(self):
        return hashlib.md5(self.content).hexdigest()

    @cached_property
    def sha256(self):
        return hashlib.sha256(self.content).hexdigest()

    def files(self):
        return [self]

    def twin(self, name, now):
        twin = File(name, now, self.content)
        twin.properties = dict(self.properties)
        return twin


class Folder(Node):
    def __init__(self, name, now):
        super().__init__(name, now)
        self.children = {}

    @property
    def size(self):
        return sum(child.size for child in self.children.values())

    def files(self):
        """All in it and below, in the order of their paths."""
        return [file for _, child in sorted(self.children.items()) for file in child.files()]

    def twin(self, name, now):
        twin = Folder(name, now)
        for child in self.children.values():
            twin.add(child.twin(child.name, now))
        return twin

    def add(self, node):
        self.children[node.name] = node
        node.parent = self
        return node

    def remove(self, node):
        del self.children[node.name]
        node.parent = None

    def find(self, parts):
        node = self
        for part in parts:
            node = node.children.get(part) if isinstance(node, Folder) else None
        if node is None:
            raise Refused("DiskNotFoundError")
        return node

    def room_for(self, parts, overwrite):
        """The folder that is to hold it, and what stands there already, if it may be replaced."""
        try:
            folder = self.find(parts[:-1])
        except Refused:
            folder = None
        if not parts or not isinstance(folder, Folder):
            raise Refused("DiskPathDoesntExistsError")
        present = folder.children.get(parts[-1])
        if present and not overwrite:
            raise Refused("DiskPathPointsToExistentDirectoryError" if isinstance(present, Folder)
                          else "DiskResourceAlreadyExistsError")
        return folder, present


class Tree:
    def __init__(self, clock):
        self._clock = clock
        self.disk = Folder("disk:/", FIRST_MOMENT)
        self.trash = Folder("trash:/", FIRST_MOMENT)
        self.disk.add(File(FIRST_FILE, FIRST_MOMENT, bytes(FIRST_SIZE)))
        self.changes = 0

    def folder_of_application(self, name):
        """It is there as soon as it is looked at."""
        node = self.disk
        for part in (APPLICATIONS, name):
            node = node.children.get(part) or node.add(Folder(part, self._clock.now()))
        return node

    def make_folder(self, root, parts):
        parent, _ = root.room_for(parts, overwrite=False)
        return self._changed(parent.add(Folder(parts[-1], self._clock.now())))

    def check_upload(self, root, parts, overwrite):
        if isinstance(root.room_for(parts, overwrite)[1], Folder):
            raise Refused("DiskPathPointsToExistentDirectoryError")

    def upload(self, root, parts, overwrite, content):
        """A file that is replaced stays the same resource."""
        self.check_upload(root, parts, overwrite)
        parent, present = root.room_for(parts, overwrite)
        file = parent.add(File(parts[-1], self._clock.now(), content))
        if present:
            file.id, file.created, file.properties = present.id, present.created, present.properties
        return self._changed(file)

    def delete(self, node, permanently):
        if not node.parent:
            raise Refused("FieldValidationError")
        origin = node.path
        node.parent.remove(node)
        if not permanently:
            node.trashed = {"deleted": self._clock.now(), "origin_path": origin}
            node.name += "_" + secrets.token_hex(20)
            self.trash.add(node)
        self._changed(node)

    def empty_trash(self):
        self.trash.children.clear()
        self.changes += 1

    def restore(self, node, overwrite):
        """To where it was; folders that are gone are made anew."""
        *folders, name = node.trashed["origin_path"].partition("/")[2].split("/")
        parent = self.disk
        for part in folders:
            parent = parent.children.get(part) or parent.add(Folder(part, self._clock.now()))
        parent.room_for([name], overwrite)
        return self._put(node, parent, name)

    def move(self, node, root, parts, overwrite):
        parent, _ = root.room_for(parts, overwrite)
        if not node.parent or parent.is_within(node):
            raise Refused("FieldValidationError")
        return self._put(node, parent, parts[-1])

    def copy(self, node, root, parts, overwrite):
        parent, present = root.room_for(parts, overwrite)
        if parent.is_within(node) or node is present:
            raise Refused("FieldValidationError")
        return self._changed(parent.add(node.twin(parts[-1], self._clock.now())))

    def _put(self, node, parent, name):
        node.parent.remove(node)
        node.name, node.trashed = name, {}
        return self._changed(parent.add(node))

    def set_properties(self, node, properties):
        """None removes one."""
        merged = node.properties | properties
        node.properties = {name: value for name, value in merged.items() if value is not None}
        return self._changed(node)

    def _changed(self, node):
        self.changes += 1
        node.modified = self._clock.now()
        return node
