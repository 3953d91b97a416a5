# SPDX-License-Identifier: MIT
"""The JSON schemas of docs/schemas, made strict.

For readers the schemas are open, since keys and names may be added within a version. For the program
that writes the documents they are closed: a key that is not described, or a name that is not among the
examples, has been forgotten in the schema."""

import copy
import json
import os

from jsonschema import Draft7Validator

from rig.world import SOURCE

DIRECTORY = os.path.join(SOURCE, "docs", "schemas")
SUFFIX = ".schema.json"


def names():
    """What there are schemas of, common definitions included."""
    return {name.removesuffix(SUFFIX) for name in os.listdir(DIRECTORY) if name.endswith(SUFFIX)}


def load(name):
    with open(os.path.join(DIRECTORY, name + SUFFIX), encoding="utf-8") as file:
        return json.load(file)


def resolve(reference, here):
    """The schema that a reference leads to, and the name of the file it is in."""
    file, _, pointer = reference.partition("#")
    here = file.removesuffix(SUFFIX) or here
    found = load(here)
    for key in pointer.strip("/").split("/"):
        found = found[key]
    return found, here


def closed(schema, here):
    """With everything that it refers to in its place, and without room for anything else."""
    if isinstance(schema, list):
        return [closed(item, here) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return closed(*resolve(schema["$ref"], here))

    # A condition only looks at the key that it names.
    strict = {key: copy.deepcopy(value) if key in ("if", "not") else closed(value, here)
              for key, value in schema.items() if key not in ("$id", "definitions", "examples")}
    if schema.get("type") == "object" and "properties" in schema:
        strict["additionalProperties"] = False
    if "examples" in schema:
        strict["enum"] = schema["examples"]
    return strict


def validator(name):
    return Draft7Validator(closed(load(name), name))
