# SPDX-License-Identifier: MIT
"""A throw-away certificate authority, the good certificate and four bad ones.

EC P-256, so that making them takes milliseconds. No session tickets: every connection makes the
client look at the certificate again.
"""

import os
import ssl
import subprocess

# Those of the world are for programs that have them built in and are led here by a proxy.
GOOD_NAMES = ("subjectAltName=DNS:localhost,IP:127.0.0.1,"
              "DNS:cloud-api.yandex.net,DNS:cloud-api.yandex.com,DNS:*.disk.yandex.net,DNS:*.disk.yandex.ru")
WRONG_NAMES = "subjectAltName=DNS:elsewhere.example"
DAYS = "360"  # less than the year after which a test finds them outdated
LONG_AGO = ("-startdate", "20200101000000Z", "-enddate", "20210101000000Z")

CONFIG = """
[ca]
default_ca = office
[office]
database = {directory}/ca.index
new_certs_dir = {directory}
rand_serial = yes
default_md = sha256
copy_extensions = copy
policy = names
[names]
commonName = supplied
"""


class Certificates:
    """Makes each certificate when it is first asked for, inside one directory."""

    def __init__(self, directory):
        self._directory = directory
        self.ca = self._path("ca.pem")
        self._new_key("ca")
        self._openssl("req", "-x509", "-new", "-key", self._path("ca.key"), "-out", self.ca,
                      "-days", DAYS, "-subj", "/CN=Yandex simulator CA",
                      "-addext", "basicConstraints=critical,CA:TRUE",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def load(self, context, name):
        """Shows the certificate of this name on connections to come."""
        if not os.path.exists(self._path(name + ".pem")):
            self._make(name)
        context.load_cert_chain(self._path(name + ".pem"), self._path(name + ".key"))

    def _make(self, name):
        self._new_key(name)
        names = WRONG_NAMES if name == "wrong-name" else GOOD_NAMES
        request = ["req", "-new", "-key", self._path(name + ".key"), "-subj", "/CN=localhost"]
        if name != "common-name":
            request += ["-addext", names]
        if name == "self-signed":
            self._openssl(*request, "-x509", "-days", DAYS, "-out", self._path(name + ".pem"))
            return
        self._openssl(*request, "-out", self._path(name + ".csr"))
        self._sign(name, *(LONG_AGO if name == "expired" else ("-days", DAYS)))

    def _sign(self, name, *life):
        """By `openssl ca`: not every `openssl x509` makes what is over already."""
        with open(self._path("ca.cnf"), "w", encoding="ascii") as config, \
                open(self._path("ca.index"), "w", encoding="ascii"):
            config.write(CONFIG.format(directory=self._directory))
        self._openssl("ca", "-batch", "-notext", "-config", self._path("ca.cnf"), *life,
                      "-cert", self.ca, "-keyfile", self._path("ca.key"),
                      "-in", self._path(name + ".csr"), "-out", self._path(name + ".pem"))

    def _new_key(self, name):
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-out", self._path(name + ".key"))

    def _path(self, name):
        return os.path.join(self._directory, name)

    @staticmethod
    def _openssl(*arguments):
        made = subprocess.run(("openssl",) + arguments, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if made.returncode != 0:
            raise RuntimeError(f"openssl {arguments[0]}: {made.stderr.strip()}")


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context
