# SPDX-License-Identifier: MIT
"""A file system whose server answers only as long as it is told to. Needs root."""

import ctypes
import os
import select
import stat
import struct
import threading
import unittest

from .hiding import must
from .process import LIBC

INIT, GETATTR, ACCESS, FORGET, BATCH_FORGET = 26, 3, 34, 2, 42
ENOSYS = 38
MNT_DETACH = 2


class SilentFileSystem:
    """There is nothing on it but its root, a directory or a file. It answers until fall_silent()."""

    def __init__(self, path, mode, pid=0):
        """The mode is that of the root, such as stat.S_IFDIR. If there is a pid, the process sees it, which must have
        mounts of its own; else this process does."""
        if os.getuid() != 0 or not os.path.exists("/dev/fuse"):
            raise unittest.SkipTest("needs root, and FUSE")
        self._path, self._mode = path if pid == 0 else None, mode | 0o755
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        self._stopping, self._stop = os.pipe()
        if pid == 0:
            self._mount(path)
        else:
            self._mount_for(pid, path)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _mount(self, path):
        options = f"fd={self.fd},rootmode={self._mode:o},user_id=0,group_id=0,allow_other"
        must(LIBC.mount(b"silent", path.encode(), b"fuse", ctypes.c_ulong(0), options.encode()))

    def _mount_for(self, pid, path):
        child = os.fork()
        if child == 0:
            with open(f"/proc/{pid}/ns/mnt", "rb") as namespace:
                must(LIBC.setns(namespace.fileno(), 0))
            self._mount(path)
            os._exit(0)
        must(os.waitpid(child, 0)[1])

    def fall_silent(self):
        if self._stop >= 0:
            os.close(self._stop)
            self._stop = -1
            self._thread.join()
            os.close(self._stopping)

    def close(self):
        """Whoever waits for an answer gets an error."""
        self.fall_silent()
        if self._path:
            LIBC.umount2(self._path.encode(), MNT_DETACH)
        os.close(self.fd)

    def _serve(self):
        while self.fd in select.select([self.fd, self._stopping], [], [])[0]:
            request = os.read(self.fd, 1 << 17)
            _, opcode, unique = struct.unpack_from("=IIQ", request)
            if opcode == INIT:
                self._answer(unique, struct.pack("=8I32x", 7, 31, 0, 0, 0, 4096, 0, 0))
            elif opcode == GETATTR:
                self._answer(unique, struct.pack("=QII6Q10I", 0, 0, 0, 1, *[0] * 5, *[0] * 3, self._mode, 1,
                                                 *[0] * 5))
            elif opcode not in (FORGET, BATCH_FORGET):
                self._answer(unique, b"", -ENOSYS)

    def _answer(self, unique, body, error=0):
        os.write(self.fd, struct.pack("=IiQ", 16 + len(body), error, unique) + body)
