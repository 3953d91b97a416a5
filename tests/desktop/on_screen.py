# SPDX-License-Identifier: MIT
"""What the keyrings have in common that ask in windows, on a screen that nobody sees."""

from rig.keyring import SECRETS, SECRETS_PATH, SERVICE, SecretService


class Asking:
    """For a SecretService with windows."""

    def type_password(self, window, password):
        self.windows.type(window, password)
        self.windows.press(window, "Return")

    def asks(self):
        return list(self.windows.shown().values())

    def kept(self):
        """(attributes, text) of each item, as far as it can be read now."""
        return [] if self.is_locked() else [(item.attributes, item.secret()) for item in self.items()]


class Program(Asking, SecretService):
    """One whose process is ours to start and to end."""

    def stop(self):
        """As a session ends it. What it has not written yet is lost."""
        self.process.end()
        self._client.await_no_owner(SECRETS)

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        self.process.end()
        self._client.close()
        self._screen.close()

    @property
    def collection(self):
        """The default one, or "/"."""
        return self.call(SECRETS_PATH, SERVICE, "ReadAlias", "(s)", "default")[0]
