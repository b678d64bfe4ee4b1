"""The monitor's page: a server for this computer's own browser.

Every address begins with a token that only the printed link holds. Other origins, other host names (DNS
rebinding) and wrong tokens get nothing; the page loads nothing from elsewhere.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import json
import secrets
import socket
import threading
from collections.abc import AsyncIterator, Callable
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from earkit.errors import EarkitError, require, require_all
from earkit.monitor.feed import Feed

TICK_SECONDS = 0.1
BACKLOG = 50
"""Messages that wait for a page; a slower one is cut off, and comes back by itself."""
PAGES = 20
MESSAGE_LIMIT = 4096
_FILES = {"": ("index.html", "text/html"), "page.js": ("page.js", "text/javascript"),
          "draw.js": ("draw.js", "text/javascript"), "page.css": ("page.css", "text/css")}  # fmt: skip
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Set = Callable[[str, str, int, bool], None]
"""Takes board, setting, value, and whether to keep it over a reset."""


class Web:
    """Use as a context manager; `url` is the page's address."""

    def __init__(self, feed: Feed, set_: Set, address: str = "127.0.0.1") -> None:
        """`address` is HOST[:PORT]; a free port without. Raises EarkitError, MissingExtraError."""
        require_all("web", "starlette", "uvicorn", "wsproto", "plotly")
        self._feed, self._set = feed, set_
        self._token = secrets.token_urlsafe(16)
        host, self._socket = _listen(address)
        port = self._socket.getsockname()[1]
        self.is_local = ipaddress.ip_address(host).is_loopback
        names = {host, "localhost"} if self.is_local else None
        self._hosts = None if names is None else {f"{_quoted(name)}:{port}" for name in names}
        self.url = f"http://{_quoted(host)}:{port}/{self._token}/"
        self._pages: set[asyncio.Queue[str | None]] = set()
        uvicorn = require("uvicorn", "web")
        config = uvicorn.Config(
            self._app(), log_level="critical", ws="wsproto", ws_max_size=MESSAGE_LIMIT, lifespan="on",
            timeout_graceful_shutdown=1, server_header=False,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()

    def _app(self) -> Any:
        routing = require("starlette.routing", "web")
        application = require("starlette.applications", "web").Starlette(
            routes=[
                routing.Route("/{token}/clip/{number:int}.wav", self._serve_clip),
                routing.WebSocketRoute("/{token}/live", self._serve_live),
                routing.Route("/{token}/{name:path}", self._serve_file),
            ],
            lifespan=self._lifespan,
        )
        return _Guard(application, self._is_allowed)

    def _is_allowed(self, headers: dict[bytes, bytes], path: str) -> bool:
        """Own token, own host name, own origin."""
        token = path.split("/")[1] if path.count("/") > 1 else ""
        host = headers.get(b"host", b"").decode("latin-1")
        origin = headers.get(b"origin")
        return (
            hmac.compare_digest(token.encode("latin-1", "replace"), self._token.encode())
            and (self._hosts is None or host in self._hosts)
            and (origin is None or origin.decode("latin-1") == f"http://{host}")
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(self._broadcast())
        yield
        task.cancel()

    async def _broadcast(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            message = self._feed.message()
            if message is None or not self._pages:
                continue
            text = json.dumps(message)
            for page in list(self._pages):
                if page.full():
                    self._pages.discard(page)
                    page.get_nowait()
                    page.put_nowait(None)  # it is too slow: cut off
                else:
                    page.put_nowait(text)

    async def _serve_file(self, request: Any) -> Any:
        responses = require("starlette.responses", "web")
        name = request.path_params["name"]
        if name == "plotly.min.js":
            return responses.FileResponse(_plotly(), media_type="text/javascript", headers=_HEADERS)
        if name not in _FILES or request.method != "GET":
            return responses.PlainTextResponse("not here", 404, _HEADERS)
        file, kind = _FILES[name]
        content = resources.files("earkit.monitor").joinpath("page", file).read_bytes()
        return responses.Response(content, 200, _HEADERS, kind)

    async def _serve_clip(self, request: Any) -> Any:
        responses = require("starlette.responses", "web")
        clip = self._feed.clip(request.path_params["number"])
        if clip is None:
            return responses.PlainTextResponse("not kept", 404, _HEADERS)
        return responses.Response(clip, 200, _HEADERS, "audio/wav")

    async def _serve_live(self, socket_: Any) -> None:
        if len(self._pages) >= PAGES:
            await socket_.close()
            return
        await socket_.accept()
        page: asyncio.Queue[str | None] = asyncio.Queue(BACKLOG)
        page.put_nowait(json.dumps(self._feed.snapshot()))
        self._pages.add(page)
        tasks = [asyncio.create_task(work) for work in (_send(socket_, page), self._receive(socket_))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._pages.discard(page)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(Exception):  # it may be closed already
                await socket_.close()

    async def _receive(self, socket_: Any) -> None:
        async for text in socket_.iter_text():
            wish = _wish(text)
            if wish is not None and self._feed.has_setting(wish[0], wish[1]):
                self._set(*wish)


class _Guard:
    """Refuses what is not allowed before anything else looks at it."""

    def __init__(self, app: Any, is_allowed: Callable[[dict[bytes, bytes], str], bool]) -> None:
        self._app, self._is_allowed = app, is_allowed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or self._is_allowed(dict(scope["headers"]), scope["path"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            responses = require("starlette.responses", "web")
            refusal = responses.PlainTextResponse("open the link that earkit monitor printed", 403, _HEADERS)
            await refusal(scope, receive, send)


async def _send(socket_: Any, page: "asyncio.Queue[str | None]") -> None:
    while (text := await page.get()) is not None:
        await socket_.send_text(text)


def _wish(text: str) -> tuple[str, str, int, bool] | None:
    """`{"board": …, "name": …, "value": 0..65535, "keep": …}`, or None."""
    try:
        wish = json.loads(text)
        board, name, value, keep = (wish[key] for key in ("board", "name", "value", "keep"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    fits = isinstance(board, str) and isinstance(name, str) and type(value) is int and isinstance(keep, bool)
    return (board, name, value, keep) if fits and 0 <= value <= 65535 else None


def _listen(address: str) -> tuple[str, socket.socket]:
    host, _, port = address.rpartition(":") if address.count(":") == 1 else (address, "", "0")
    try:
        host = "127.0.0.1" if host == "localhost" else str(ipaddress.ip_address(host.strip("[]")))
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return host, socket.create_server((host, int(port)), family=family)
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EarkitError(
            f"cannot serve the page at {address}: {reason}", "give ADDRESS or ADDRESS:PORT"
        ) from error


def _quoted(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _plotly() -> Path:
    return Path(str(resources.files("plotly").joinpath("package_data", "plotly.min.js")))
