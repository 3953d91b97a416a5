# SPDX-License-Identifier: MIT
"""Accounts in bulk: a keyring of gnome-keyring with a blank password, which is a text file, with items as the daemon
writes them (daemon/model/record.h). So a thousand accounts take neither a thousand sign-ins nor the half minute in
which gnome-keyring would write its file a thousand times."""

import json
import os
import secrets
import time

from rig.bus import TOKENS

YEAR = 365 * 86400
NAME = "bench"  # of the keyring


def made_up():
    """A token of the usual size."""
    return "y0_" + secrets.token_urlsafe(43)


def application_item(app):
    return {"kind": "application", "client_id": app["client_id"]}, {
        "client_id": app["client_id"], "client_secret": app["client_secret"], "kept": True}


def account_item(app, login, tokens=None):
    """Without tokens of Yandex it has made-up ones, and cannot be renewed."""
    tokens = tokens or {"access_token": made_up(), "refresh_token": made_up(), "expires_in": YEAR}
    now, account = int(time.time()), secrets.token_hex(16)
    grant = {"access_token": tokens["access_token"], "refresh_token": tokens["refresh_token"],
             "obtained_at": now, "expires_at": now + tokens["expires_in"], "generation": 1}
    return {"kind": "account", "id": account, "client_id": app["client_id"]}, {
        "id": account, "client_id": app["client_id"], "uid": str(secrets.randbelow(10 ** 9)), "login": login,
        "label": login, "scopes": ["cloud_api:disk.read", "cloud_api:disk.write", "login:info"], "created_at": now,
        "default_since": 0, "last_refresh_at": now, "needs_secret": True, "verdict": "accepted", "grant": grant,
        "previous_grant": grant}


def label(document):
    """As the daemon writes it; a renewal corrects another one, with one more call."""
    return f"Yandex Disk access of {document['label']}" if "label" in document else \
        f"Yandex application {document['client_id']}"


def write_keyring(data_home, items):
    """The default one of a gnome-keyring that is not started yet. The strings need no encoding."""
    now = int(time.time())
    lines = ["[keyring]", f"display-name={NAME}", f"ctime={now}", f"mtime={now}", "lock-on-idle=false",
             "lock-after=false"]
    for number, (attributes, document) in enumerate(items, 1):
        secret = json.dumps({"version": 1, "encoding": "percent"} | document)
        lines += ["", f"[{number}]", "item-type=0", f"display-name={label(document)}",
                  f"secret={secret}", f"mtime={now}", f"ctime={now}"]
        for at, (name, value) in enumerate(({"xdg:schema": TOKENS} | attributes).items()):
            lines += ["", f"[{number}:attribute{at}]", f"name={name}", "type=string", f"value={value}"]
    directory = os.path.join(data_home, "keyrings")
    os.makedirs(directory, mode=0o700)
    for name, text in ((NAME + ".keyring", "\n".join(lines)), ("default", NAME)):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text + "\n")
