# SPDX-License-Identifier: MIT
"""Authorities and the certificates they gave out, made by the openssl command; and other files."""

import os
import subprocess

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {subject}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
{names}
[ca]
default_ca = office
[office]
database = {folder}/{cn}.index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = names
[names]
commonName = supplied
"""

# What the client must not do though the machine would let it.
LENIENT = """
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = system
[system]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""
NETRC = "machine 127.0.0.1 login somebody password netrc-password\n"

LOOPBACK = "IP:127.0.0.1, DNS:localhost"
NO_HOST = "email:127.0.0.1, URI:https://127.0.0.1/"


GARBLED = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
PASSWORD = ("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,%s\n\n%s\n-----END CERTIFICATE-----\n"
            % ("00" * 16, "A" * 64))


def openssl(*arguments):
    return subprocess.run(("openssl",) + arguments, check=True, capture_output=True, text=True).stdout


class Files:
    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def config(self, name, names):
        """Without names the host is the common name, and nothing else says which it is."""
        path = self.path(name + ".cnf")
        with open(path, "w", encoding="ascii") as f:
            f.write(CONFIG.format(cn=name, subject=name if names else "127.0.0.1", folder=self.folder,
                                  names="subjectAltName = " + names if names else ""))
        return path

    def authority(self, name):
        self.self_signed(name, "DNS:unused", "authority")

    def self_signed(self, name, names, extensions):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "30", "-config", self.config(name, names), "-extensions", extensions,
                "-keyout", self.path(name + ".key"), "-out", self.path(name + ".pem"))

    def request(self, name, names):
        config, request = self.config(name, names), self.path(name + ".csr")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-config", config, "-keyout", self.path(name + ".key"), "-out", request)
        return config, request

    def signed(self, name, authority, names):
        config, request = self.request(name, names)
        openssl("x509", "-req", "-in", request, "-days", "30", "-CAcreateserial",
                "-CA", self.path(authority + ".pem"), "-CAkey", self.path(authority + ".key"),
                "-extfile", config, "-extensions", "server", "-out", self.path(name + ".pem"))

    def signed_for(self, name, authority, names, first, last):
        """For another year than this one, which not every openssl x509 can."""
        config, request = self.request(name, names)
        self.write(name + ".index", "")
        openssl("ca", "-batch", "-notext", "-config", config, "-in", request, "-extensions", "server",
                "-startdate", first, "-enddate", last,
                "-cert", self.path(authority + ".pem"), "-keyfile", self.path(authority + ".key"),
                "-out", self.path(name + ".pem"))

    def hashed(self, folder, name):
        """A folder in which OpenSSL finds that certificate by a hash of its subject."""
        os.mkdir(self.path(folder))
        subject = openssl("x509", "-noout", "-hash", "-in", self.path(name + ".pem")).strip()
        os.symlink(self.path(name + ".pem"), os.path.join(self.path(folder), subject + ".0"))

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as f:
            f.write(text)

    def environment(self):
        return {
            "HOME": self.folder,
            "OPENSSL_CONF": self.path("lenient.cnf"),
            "CA_OURS": self.path("ours.pem"),
            "CA_SYSTEM": self.path("system.pem"),
            "CA_STRANGER": self.path("stranger.pem"),
            "CA_HASHED": self.path("hashed"),
            "CA_PASSWORD": self.path("password.pem"),
            "CA_HALF_GARBLED": self.path("half-garbled.pem"),
            "CA_EMPTY": self.path("empty.pem"),
            "CA_KEY_ONLY": self.path("ours.key"),
            "CA_GARBLED": self.path("garbled.pem"),
            "CA_MISSING": self.path("missing.pem"),
            "CA_FOLDER": self.folder,
        }


def make(folder):
    files = Files(folder)
    files.authority("ours")
    files.authority("system")
    files.authority("stranger")
    files.signed("good", "ours", LOOPBACK)
    files.signed("by-system", "system", LOOPBACK)
    files.signed("by-stranger", "stranger", LOOPBACK)
    files.signed("wrong-host", "ours", "IP:127.0.0.2, DNS:other.test")
    files.signed("common-name", "ours", None)
    files.signed("common-name-and-others", "ours", NO_HOST)
    files.signed_for("expired", "ours", LOOPBACK, "20200101000000Z", "20210101000000Z")
    files.signed_for("not-yet-valid", "ours", LOOPBACK, "20980101000000Z", "20990101000000Z")
    files.self_signed("self-signed", LOOPBACK, "server")
    files.write("lenient.cnf", LENIENT)
    files.write(".netrc", NETRC)
    files.write("empty.pem", "")
    files.write("garbled.pem", GARBLED)
    with open(files.path("ours.pem"), encoding="ascii") as f:
        files.write("half-garbled.pem", f.read() + GARBLED)
    files.write("password.pem", PASSWORD)
    files.hashed("hashed", "system")
    return files
