# SPDX-License-Identifier: MIT
"""Where the sources are, and what was built of them."""

import os

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def build_directory():
    return os.environ.get("YADISK_BUILD_DIR") or os.path.join(SOURCE, "build", "dev")
