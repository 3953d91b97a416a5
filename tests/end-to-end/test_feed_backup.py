#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Backups through rclone: made and restored while tokens are renewed."""

import os
import shutil

from rig.fed import REMOTE, FedTest, main_fed

UPLOAD = "/v1/disk/resources/upload"
DOWNLOAD = "/v1/disk/resources/download"
FILES, FILE_SIZE = 6, 1000000


class Backup(FedTest):
    def setUp(self):
        super().setUp()
        self.source = os.path.join(self.session.home, "source")
        for count in range(FILES):
            self.make_file(f"source/{count}/Файл {count}", FILE_SIZE)
        self.addCleanup(shutil.rmtree, self.source)

    def assert_restored(self, folder):
        self.assertEqual(self.type("diff", "-r", self.source, folder), "")

    def restored(self, name):
        return os.path.join(self.session.home, name)


class Restic(Backup):
    ENVIRONMENT = {"RESTIC_PASSWORD": "correct horse"}

    def restic(self, *arguments):
        return self.type("restic", *arguments, **self.ENVIRONMENT)

    def test_across_renewals(self):
        repository = f"rclone:{REMOTE}:restic"
        self.restic("-r", repository, "init")
        self.run_across_a_renewal(UPLOAD, "restic", "-r", repository, "backup", self.source,
                                  **self.ENVIRONMENT)
        self.restic("-r", repository, "check", "--read-data")
        self.run_across_a_renewal(DOWNLOAD, "restic", "-r", repository, "--no-cache", "restore", "latest",
                                  "--target", self.restored("restic"), **self.ENVIRONMENT)
        self.assert_restored(self.restored("restic") + self.source)
        self.assertGreaterEqual(len(self.tokens_used()), 3)
        self.assertEqual(self.rejected(), [])

    def test_renewed_out_of_turn(self):
        """What rclone holds is dead before it expects it: restic tries again until that is over."""
        repository = f"rclone:{REMOTE}:restic-out-of-turn"
        self.restic("-r", repository, "init")
        self.sim.trouble({"kind": "held", "path": UPLOAD, "count": 1})
        child = self.launch("restic", "-r", repository, "backup", self.source, **self.ENVIRONMENT)
        self.sim.wait(UPLOAD, trouble="held")
        self.renew()
        self.sim.let_go()
        said, _ = child.communicate(timeout=120)
        self.assertEqual(child.returncode, 0, said)
        self.restic("-r", repository, "check", "--read-data")


class Duplicity(Backup):
    ENVIRONMENT = {"PASSPHRASE": "correct horse"}

    def duplicity(self, *arguments):
        return self.type("duplicity", *arguments, **self.ENVIRONMENT)

    def test_across_renewals(self):
        target = f"rclone://{REMOTE}:duplicity"
        self.run_across_a_renewal(UPLOAD, "duplicity", self.source, target, **self.ENVIRONMENT)
        self.make_file("source/new")
        self.await_renewal()
        self.duplicity(self.source, target)
        self.duplicity("verify", "--compare-data", target, self.source)
        shutil.rmtree(os.path.join(self.session.home, ".cache", "duplicity"))
        self.run_across_a_renewal(DOWNLOAD, "duplicity", "restore", target, self.restored("duplicity"),
                                  **self.ENVIRONMENT)
        self.assert_restored(self.restored("duplicity"))
        self.assertGreaterEqual(len(self.tokens_used()), 4)


if __name__ == "__main__":
    main_fed(__file__, programs=("restic", "duplicity"))
