# SPDX-License-Identifier: MIT
"""The way of one call: transfers first, then the token, the route, the scope, and the work."""

from ..http_message import JSON, server_page
from .answers import disk_error
from .resources import OPERATIONS, RESOURCES, Call, Resources, split_path
from .transfers import Transfers
from .tree import Refused, Tree

INFO, READ, WRITE, APP = ("cloud_api:disk." + name for name in ("info", "read", "write", "app_folder"))
TRASH = "/v1/disk/trash/resources"


class DiskHost:
    def __init__(self, world, knobs):
        self._world = world
        self._knobs = knobs
        self._good_calls = 0
        self._trees = {}
        self._transfers = Transfers()
        resources = Resources(self._transfers)
        # What is to be done, the scope that it needs outside of the application's folder, the schemes of paths.
        self._routes = {
            ("GET", OPERATIONS): (resources.operation, None, ()),
            ("GET", "/v1/disk"): (resources.disk, INFO, ()),
            ("GET", RESOURCES): (resources.get, READ, ("disk", "app")),
            ("PUT", RESOURCES): (resources.make_folder, WRITE, ("disk", "app")),
            ("PATCH", RESOURCES): (resources.patch, WRITE, ("disk", "app")),
            ("DELETE", RESOURCES): (resources.delete, WRITE, ("disk", "app")),
            ("GET", RESOURCES + "/files"): (resources.files, READ, ()),
            ("GET", RESOURCES + "/last-uploaded"): (resources.last_uploaded, READ, ()),
            ("GET", RESOURCES + "/upload"): (resources.upload, WRITE, ("disk", "app")),
            ("GET", RESOURCES + "/download"): (resources.download, READ, ("disk", "app")),
            ("POST", RESOURCES + "/copy"): (resources.copy, WRITE, ("disk", "app")),
            ("POST", RESOURCES + "/move"): (resources.move, WRITE, ("disk", "app")),
            ("GET", TRASH): (resources.get, READ, ("trash",)),
            ("DELETE", TRASH): (resources.empty_trash, WRITE, ("trash",)),
            ("PUT", TRASH + "/restore"): (resources.restore, WRITE, ("trash",)),
        }

    def tree_of(self, login):
        if login not in self._trees:
            self._trees[login] = Tree(self._world.clock)
        return self._trees[login]

    def handle(self, request):
        carried = self._transfers.handle(request)
        if carried:
            return carried
        if not request.path.startswith("/v1/"):
            return server_page(404)
        if request.headers.get("accept", "*/*").partition(";")[0] not in ("*/*", JSON):
            return server_page(406)
        grant = self._world.grant_accepted(request.oauth_token())
        if not grant or self._is_spurious():
            return disk_error("UnauthorizedError")
        try:
            return self._call(request, grant)
        except Refused as refused:
            return disk_error(refused.args[0])

    def _is_spurious(self):
        every = self._knobs.use("spurious_401_every")
        self._good_calls += 1
        return every > 0 and self._good_calls % every == 0

    def _call(self, request, grant):
        call = Call(request, self._world.users[grant.login], grant.client_id,
                    self.tree_of(grant.login))
        wanted = OPERATIONS if request.path.startswith(OPERATIONS) else request.path.rstrip("/")
        methods = [method for method, path in self._routes if path == wanted]
        if not methods:
            return server_page(404)
        if request.method not in methods:
            return server_page(405, {"Allow": ", ".join(methods)})
        act, scope, schemes = self._routes[request.method, wanted]
        if scope:
            self._check_scopes(request, grant, scope, schemes)
        return act(call)

    def _check_scopes(self, request, grant, scope, schemes):
        """What a call without any path needs is its own matter."""
        asked = [split_path(value)[0] for name, value in request.query if name in ("path", "from")]
        if schemes and not set(asked) <= set(schemes):
            raise Refused("FieldValidationError")
        needed = {APP if scheme == "app" else scope for scheme in asked or [""]}
        if not needed <= set(grant.scopes):
            raise Refused("ForbiddenError")
        if self._knobs.use("disk_account") == "unsupported":
            raise Refused("DiskUnsupportedUserAccountTypeError")
