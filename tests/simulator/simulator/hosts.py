# SPDX-License-Identifier: MIT
"""The simulator as a whole, and the way of one request through it.

Scripted answers come first, then troubles, then the host itself. The journal is written and the
bell rung when the work is done, which is before the answer is sent.
"""

from email.utils import formatdate

from .control import Control
from .disk import DiskHost
from .http_message import server_page
from .http_server import Listener
from .journal import Bell, Gate, Journal
from .knobs import Knobs
from .login import LoginHost
from .oauth import OAuthHost
from .pages import Pages
from .scripts import Scripts
from .tls import Certificates, server_context
from .troubles import Delivery, take_accept_trouble, take_trouble
from .world import Clock, World

TLS_HOSTS = ("oauth", "login", "disk")


class Simulator:
    def __init__(self, directory, knobs, populate):
        """The knobs differ from their defaults; populate() is given each new world."""
        self._first_knobs, self._populate = knobs, populate
        self.bell = Bell()
        self.gate = Gate()
        self.addresses = {}
        self._certificates = Certificates(directory)
        self._tls = server_context()
        self._listeners = []
        self._begin()

    def _begin(self):
        self.knobs = Knobs()
        self.knobs.update(self._first_knobs)
        self.world = World(self.knobs, Clock())
        self._populate(self.world)
        self.journal = Journal()
        self.scripts = Scripts()
        self.disk = DiskHost(self.world, self.knobs)
        self._oauth_host = OAuthHost(self.world, self.knobs)
        self._pages = Pages(self.world)
        self._handlers = {
            "oauth": self._oauth,
            "login": LoginHost(self.world).handle,
            "disk": self.disk.handle,
            "plain": self._oauth,
        }

    def begin_anew(self):
        """As after a start, but for the addresses and the authority."""
        self.gate.let_go()
        self._begin()
        self.show_certificate()

    async def listen(self, port_base=None):
        """Opens all ports, in the order oauth, login, disk, control, plain."""
        self.show_certificate()
        for offset, host in enumerate(TLS_HOSTS + ("control", "plain")):
            port = port_base + offset if port_base else 0
            secure = host in TLS_HOSTS
            listener = self._listener(host)
            port = await listener.listen(port, self._tls if secure else None)
            self._listeners.append(listener)
            self.addresses[host] = (f"https://localhost:{port}" if secure
                                    else f"http://127.0.0.1:{port}")
        self.addresses["ca"] = self._certificates.ca

    def _listener(self, host):
        if host == "control":
            return Listener(host, Control(self).respond)
        return Listener(host, self._respond, self._refuses_connection)

    async def close(self):
        for listener in self._listeners:
            await listener.close()

    def show_certificate(self):
        """Shows the certificate the knob says, from the next connection on."""
        self._certificates.load(self._tls, self.knobs.use("certificate"))

    def _refuses_connection(self, host):
        return take_accept_trouble(self.knobs.use("trouble"), host) is not None

    async def _respond(self, request):
        intervention = self._intervention(request)
        real = None
        if not intervention or intervention.after_effect:
            real = self._handlers[request.host](request)
        answer, delivery = intervention.apply(real) if intervention else (real, Delivery())
        answer.headers = {"Date": formatdate(self.world.clock.now(), usegmt=True)} | answer.headers
        self.journal.enter(request, None if delivery.reset else answer.status,
                           intervention.name if intervention else None)
        self.bell.ring()
        if delivery.held:
            await self.gate.wait()
        return answer, delivery

    def _intervention(self, request):
        if request.host not in TLS_HOSTS:
            return None
        script = self.scripts.take(request)
        if script:
            return script.intervention()
        trouble = take_trouble(self.knobs.use("trouble"), request)
        return trouble and trouble.intervention(self.addresses["plain"] + request.path,
                                                self.world.clock.now())

    def _oauth(self, request):
        return (self._oauth_host.handle(request) or self._pages.handle(request)
                or server_page(404))
