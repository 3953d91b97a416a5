#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The commands of rclone, each a program of its own, from one token to the next; and a server that is there for
longer than any token."""

import json
import os
import re
import urllib.request

from rig.fed import REMOTE, FedTest, main_fed
from rig.waiting import eventually

UPLOAD = "/v1/disk/resources/upload"
ROUNDS = 3


class Rclone(FedTest):
    def rclone(self, *arguments):
        return self.type("rclone", *arguments)

    def make_folder(self, name):
        for file, size in (("a", 10), ("b c/Файл", 100000), ("b c/empty", 0)):
            self.make_file(f"{name}/{file}", size)
        return os.path.join(self.session.home, name)

    def listed(self, path):
        return {item["Path"] for item in json.loads(self.rclone("lsjson", "-R", f"{REMOTE}:{path}"))}

    def test_commands(self):
        """Each round with a new token."""
        for count in range(ROUNDS):
            source = self.make_folder(f"source-{count}")
            target = f"{REMOTE}:commands-{count}"
            self.rclone("copy", source, target)
            self.rclone("check", "--download", source, target)
            self.rclone("moveto", f"{target}/a", f"{target}/d/a")
            self.rclone("copyto", f"{target}/d/a", f"{target}/e")
            self.assertEqual(self.listed(f"commands-{count}"),
                             {"b c", "b c/Файл", "b c/empty", "d", "d/a", "e"})
            self.rclone("purge", f"{target}/b c")
            self.assertEqual(self.listed(f"commands-{count}"), {"d", "d/a", "e"})
            self.await_renewal()
        self.assertGreaterEqual(len(self.tokens_used()), ROUNDS)
        self.assertEqual(self.rejected(), [])

    def test_a_copy_across_a_renewal(self):
        source = self.make_folder("source")
        self.run_across_a_renewal(UPLOAD, "rclone", "copy", source, f"{REMOTE}:across")
        self.rclone("check", "--download", source, f"{REMOTE}:across")
        self.assertGreaterEqual(len(self.tokens_used()), 2)

    def test_many_at_once(self):
        source = self.make_folder("source")
        children = [self.launch("rclone", "copy", source, f"{REMOTE}:many-{count}")
                    for count in range(8)]
        for count, child in enumerate(children):
            said, _ = child.communicate(timeout=120)
            self.assertEqual(child.returncode, 0, said)
            self.assert_on_disk(f"many-{count}/a", os.path.join(source, "a"))

    def test_a_server(self):
        """WebDAV for programs that know no Yandex."""
        server = self.launch("rclone", "serve", "webdav", f"{REMOTE}:", "--addr", "127.0.0.1:0",
                             "--vfs-cache-mode", "writes", "--vfs-write-back", "1s")
        address = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())[0]
        for count in range(ROUNDS):
            path = self.make_file(f"served-{count}")
            with open(path, "rb") as file:
                content = file.read()
            request = urllib.request.Request(f"{address}served-{count}", content, method="PUT")
            with urllib.request.urlopen(request) as answer:
                self.assertEqual(answer.status, 201)
            self.assert_on_disk(f"served-{count}", path)
            self.await_renewal()
            with urllib.request.urlopen(f"{address}served-{count}") as answer:
                self.assertEqual(answer.read(), content)
        self.assertEqual(self.rejected(), [])

    def test_renewed_out_of_turn(self):
        """The token that rclone keeps is dead before its time: it heals by itself when that is over."""
        self.rclone("lsf", f"{REMOTE}:")
        self.renew()
        eventually(lambda: self.session.run("rclone", "lsf", f"{REMOTE}:", **self.world()).returncode == 0,
                   "rclone to heal")


if __name__ == "__main__":
    main_fed(__file__)
