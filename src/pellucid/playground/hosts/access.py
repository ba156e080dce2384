"""Access control of the server, and the files that it serves.

Any page in a browser may send requests to this machine; only our own may be answered. So a request must name this
machine as its `Host` (or an attacker's domain that resolves to 127.0.0.1 would pass as ours: DNS rebinding), and a
socket must come from our page (`Origin`) with the random token of the printed address.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from pellucid.playground.hosts.bundle import PAGE

SOCKET = "/socket"

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {f"/{path.name}": path for path in PAGE.iterdir() if path.suffix in _TYPES}
_FILES["/"] = PAGE / "index.html"
_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class AccessControl:
    """The checks of a server on `port`; `allowed` are further host names for it."""

    def __init__(self, port: int, allowed: Iterable[str] = ()) -> None:
        self.token = secrets.token_urlsafe(24)
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self.allowed = frozenset(name.lower() for name in allowed)

    def answer(self, request: Request) -> Response | None:
        """A file or a refusal; None if the socket may be opened."""
        if getattr(request, "method", "GET") != "GET":  # older versions of websockets refuse others themselves
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is answered here.")
        host = _single(request.headers, "Host")
        if not (host in self.hosts or self._is_allowed(host)):
            return _text(
                HTTPStatus.FORBIDDEN,
                f"This server is called by another name than its own, {host[:80]!r}. If that is the name of a tunnel "
                f"of yours, start `pellucid playground` with --allow-host and that name.",
            )
        path = urlsplit(request.path).path
        if path == SOCKET:
            return self._socket(request)
        if path in _FILES:
            return _file(path)
        return _text(HTTPStatus.NOT_FOUND, "There is no such page.")

    def session_id(self, request: Request) -> str:
        """The name of a page's session; empty if it is not valid."""
        name = _query(request, "session")
        return name if _ID.fullmatch(name) else ""

    def _socket(self, request: Request) -> Response | None:
        """A page cannot see why its socket was refused, so it requests the same address again without upgrade."""
        upgrades = "Upgrade" in request.headers
        if (upgrades or "Origin" in request.headers) and not self._is_own(_single(request.headers, "Origin")):
            return _text(HTTPStatus.FORBIDDEN, "Only the playground's own page may open its socket.")
        if not secrets.compare_digest(_query(request, "token").encode(), self.token.encode()):
            return _text(
                HTTPStatus.FORBIDDEN,
                "This page does not have the key of the running playground: open the address that it printed when "
                "it started.",
            )
        if not self.session_id(request):
            return _text(HTTPStatus.BAD_REQUEST, "A socket needs `session`: 8 to 64 letters, digits, - and _.")
        return None if upgrades else _text(HTTPStatus.UPGRADE_REQUIRED, "The playground runs, and this is its socket.")

    def _is_own(self, origin: str) -> bool:
        scheme, _, host = origin.partition("://")
        return (scheme == "http" and host in self.hosts) or (scheme in ("http", "https") and self._is_allowed(host))

    def _is_allowed(self, host: str) -> bool:
        """Whether it is a name of `--allow-host`, which may have a port or allow any."""
        return bool({host.lower(), re.sub(r":\d+$", "", host.lower())} & self.allowed)


def _single(headers: Headers, name: str) -> str:
    values = headers.get_all(name)
    return values[0] if len(values) == 1 else ""


def _query(request: Request, name: str) -> str:
    values = parse_qs(urlsplit(request.path).query, max_num_fields=20).get(name, [])
    return values[0] if len(values) == 1 else ""


def _file(path: str) -> Response:
    # Read on each request, so that a reload shows changes of the files.
    file = _FILES[path]
    return _response(HTTPStatus.OK, f"{_TYPES[file.suffix]}; charset=utf-8", file.read_bytes())


def _text(status: HTTPStatus, text: str) -> Response:
    return _response(status, "text/plain; charset=utf-8", (text + "\n").encode())


def _response(status: HTTPStatus, content_type: str, body: bytes) -> Response:
    headers = Headers(
        {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
    )
    return Response(status.value, status.phrase, headers, body)
