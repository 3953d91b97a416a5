# SPDX-License-Identifier: MIT
"""What the calls below /v1/disk do. They raise Refused."""

import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from ..http_message import Answer
from .answers import describe_disk, describe_resource, link, selected
from .transfers import Upload
from .tree import File, Folder, Refused, Tree

LIST_LIMIT = 20
SORTS = ("name", "path", "created", "modified", "size")
RESOURCES = "/v1/disk/resources"
OPERATIONS = "/v1/disk/operations/"


class Operation:
    """Work that goes on after its answer. In truth it is done at once, but not before somebody has asked."""

    def __init__(self, asked_in_vain=1):
        self.id = secrets.token_hex(32)
        self._asked_in_vain = asked_in_vain

    def finish(self):
        self._asked_in_vain = 0

    def status(self):
        if self._asked_in_vain:
            self._asked_in_vain -= 1
            return "in-progress"
        return "success"


class Operations:
    def __init__(self):
        self._by_id = {}

    def add(self, operation):
        self._by_id[operation.id] = operation
        return operation

    def status(self, identifier):
        if identifier not in self._by_id:
            raise Refused("DiskOperationNotFoundError")
        return self._by_id[identifier].status()


@dataclass
class Call:
    """One call of a user whose token is good for it. Only a path with a scheme of its own changes the root."""

    request: object
    user: object
    client_id: str
    tree: Tree

    def flag(self, name):
        value = self.request.query_value(name, "false").lower()
        if value not in ("true", "false"):
            raise Refused("FieldValidationError")
        return value == "true"

    def number(self, name, default):
        value = self.request.query_value(name, str(default))
        if not value.isdecimal():
            raise Refused("FieldValidationError")
        return int(value)

    def place(self, name="path"):
        """The root, and the parts below it."""
        scheme, path = split_path(self.request.query_value(name))
        if not path:
            raise Refused("FieldValidationError")
        roots = {"disk": lambda: self.tree.disk, "trash": lambda: self.tree.trash,
                 "app": lambda: self.tree.folder_of_application(self.client_id)}
        return roots[scheme](), [part for part in path.split("/") if part]

    def node(self, name="path"):
        root, parts = self.place(name)
        return root.find(parts)

    def page(self, nodes):
        limit, offset = self.number("limit", LIST_LIMIT), self.number("offset", 0)
        return {"limit": limit, "offset": offset,
                "items": [describe_resource(self.user, node)
                          for node in nodes[offset:offset + limit]]}

    def answer(self, value, status=200):
        return selected(self.request, value, status)

    def link_to(self, node, status):
        query = urlencode({"path": node.path})
        return self.answer(link(f"{self.request.origin()}{RESOURCES}?{query}"), status)


def split_path(path):
    """A colon anywhere makes what is before it the scheme."""
    before, colon, after = path.partition(":")
    return (before, after) if colon else ("disk", path)


class Resources:
    def __init__(self, transfers):
        self._transfers = transfers
        self._operations = Operations()

    def _in_progress(self, call):
        operation = self._operations.add(Operation())
        return call.answer(link(call.request.origin() + OPERATIONS + operation.id), 202)

    def _takes_long(self, call, node):
        return call.flag("force_async") or isinstance(node, Folder) and bool(node.children)

    def operation(self, call):
        identifier = call.request.path.removeprefix(OPERATIONS)
        return call.answer({"status": self._operations.status(identifier)})

    def disk(self, call):
        return call.answer(describe_disk(call.user, call.tree))

    def get(self, call):
        """A folder comes with one page of what is in it."""
        sort = call.request.query_value("sort")
        if sort and sort.removeprefix("-") not in SORTS:
            raise Refused("FieldValidationError")
        node = call.node()
        shown = describe_resource(call.user, node)
        page = call.page(sorted_nodes(node, sort) if isinstance(node, Folder) else [])
        if isinstance(node, Folder):
            shown["_embedded"] = {"sort": sort, "total": len(node.children), "path": node.path} | page
        return call.answer(shown)

    def files(self, call):
        return call.answer(call.page(call.tree.disk.files()))

    def last_uploaded(self, call):
        files = sorted(call.tree.disk.files(), key=lambda file: file.modified, reverse=True)
        page = call.page(files)
        del page["offset"]
        return call.answer(page)

    def make_folder(self, call):
        return call.link_to(call.tree.make_folder(*call.place()), 201)

    def patch(self, call):
        try:
            properties = json.loads(call.request.body)["custom_properties"]
        except (ValueError, KeyError, TypeError):
            properties = None
        if not isinstance(properties, dict):
            raise Refused("FieldValidationError")
        return call.answer(describe_resource(
            call.user, call.tree.set_properties(call.node(), properties)))

    def upload(self, call):
        root, parts = call.place()
        call.tree.check_upload(root, parts, call.flag("overwrite"))
        operation = self._operations.add(Operation(asked_in_vain=float("inf")))
        href = self._transfers.new_upload(
            call.request, Upload(call.tree, root, parts, call.flag("overwrite"), operation))
        return call.answer(link(href, "PUT", operation_id=operation.id))

    def download(self, call):
        node = call.node()
        if not isinstance(node, File):
            raise Refused("FieldValidationError")
        return call.answer(link(self._transfers.new_download(call.request, node)))

    def copy(self, call):
        node = call.tree.copy(call.node("from"), *call.place(), call.flag("overwrite"))
        return self._in_progress(call) if self._takes_long(call, node) else call.link_to(node, 201)

    def move(self, call):
        node = call.tree.move(call.node("from"), *call.place(), call.flag("overwrite"))
        return self._in_progress(call) if self._takes_long(call, node) else call.link_to(node, 201)

    def delete(self, call):
        node = call.node()
        call.tree.delete(node, call.flag("permanently") or node.is_within(call.tree.trash))
        return self._in_progress(call) if self._takes_long(call, node) else Answer(204)

    def empty_trash(self, call):
        if call.request.query_value("path"):
            return self.delete(call)
        call.tree.empty_trash()
        return Answer(204)

    def restore(self, call):
        node = call.tree.restore(call.node(), call.flag("overwrite"))
        return self._in_progress(call) if self._takes_long(call, node) else call.link_to(node, 201)


def sorted_nodes(folder, sort):
    """By name if nothing is asked for."""
    name = sort.removeprefix("-") or "name"
    return sorted(folder.children.values(), key=lambda node: getattr(node, name),
                  reverse=sort.startswith("-"))
