# SPDX-License-Identifier: MIT
"""Files in place of others, for this process and its children alone. Needs root."""

import ctypes
import os
import tempfile

from .process import LIBC

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
END = "-----END CERTIFICATE-----\n"

CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000


def have_mounts():
    """From now on this process and its children alone see what they mount."""
    must(LIBC.unshare(CLONE_NEWNS))
    mount("none", "/", MS_REC | MS_PRIVATE)


def hide(path, *files):
    """Each shows what the one at the path holds."""
    have_mounts()
    for file in files:
        if os.path.exists(file):
            mount(path, os.path.realpath(file), MS_BIND)


def trust_one_authority():
    """Of those that the machine trusts, if that can be had. The daemon would read all of them, more than a
    hundred, for each connection to a Yandex that is in none of their books: half of its work in these tests."""
    if os.geteuid() != 0 or not os.path.exists(BUNDLE):
        return
    with open(BUNDLE, encoding="utf-8") as file:
        first = file.read().partition(END)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(first[0] + first[1])
        file.flush()
        os.chmod(file.name, 0o644)
        try:
            hide(file.name, BUNDLE)
        except OSError:  # a machine without namespaces
            pass


def mount(source, target, flags):
    must(LIBC.mount(source.encode(), target.encode(), None, ctypes.c_ulong(flags), None))


def must(result):
    if result != 0:
        raise OSError("nothing can be hidden here")
