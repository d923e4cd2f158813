"""Serves a page with uvicorn on an address that is known to be free.

Gradio's own ``launch`` is not used: it cannot take port 0, calls itself over HTTP (through
a proxy where one is set), and prints another project's messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI
from gradio.routes import App as GradioApp
from gradio.themes import Base
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import SaysoError, SettingsError

HERE = Path(__file__).parent

SANS = ("-apple-system", "'Segoe UI'", "Roboto", "'Helvetica Neue'", "Arial", "sans-serif")
MONO = ("ui-monospace", "Consolas", "monospace")

# Gradio's page needs inline scripts, and its HTML component compiles its template. All of
# them are its own: text from documents is escaped, and nothing is loaded from elsewhere.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


Make = Callable[[], gr.Blocks]
"""Makes the page; called where Gradio finds an event loop."""


def run(make: Make, host: str, port: int) -> None:
    """Serve the page until interrupted. Raises ``SaysoError`` without an address."""
    listening = listen(host, port)
    server = _server(make, host)
    print(f"Sayso is at {address(host, listening)}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


@contextlib.contextmanager
def running(make: Make, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve the page from a thread as long as the context lasts; gives its address."""
    listening = listen(host, port)
    server = _server(make, host)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield address(host, listening)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 takes a free one."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise SettingsError(
            f"{host} is not an address of this machine. Set SAYSO_HOST or --host, "
            "e.g. to 127.0.0.1."
        ) from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise SaysoError(
            f"Port {port} of {host} cannot be used ({error.strerror}). Choose another one with "
            "SAYSO_PORT or --port; 0 takes a free one."
        ) from error
    return bound


def address(host: str, bound: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{bound.getsockname()[1]}"


def _server(make: Make, host: str) -> uvicorn.Server:
    """Outside of an event loop Gradio makes one for each of its locks and closes none."""

    async def made() -> FastAPI:
        return _app(make(), host)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        app = asyncio.run(made())
    else:
        app = _app(make(), host)
    config = uvicorn.Config(app, log_level=logging.WARNING, ws="none", timeout_graceful_shutdown=2)
    return _Server(config)


class _Server(uvicorn.Server):
    """Stops at once and without complaint, although each browser keeps a request open."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        served = self.config.app
        assert isinstance(served, FastAPI)
        for route in served.routes:
            if isinstance(route, Mount) and isinstance(route.app, GradioApp):
                route.app.stop_event.set()
        log = logging.getLogger("uvicorn.error")
        level = log.level
        log.setLevel(logging.CRITICAL)  # what is still running is cancelled, and that logged
        try:
            await super().shutdown(sockets)
        finally:
            log.setLevel(level)


def _app(page: gr.Blocks, host: str) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(_Headers)
    if _is_loopback(host):
        # Else a web site could point a name of its own at this machine and read along.
        app.add_middleware(
            TrustedHostMiddleware, allowed_hosts=[host, "localhost", "127.0.0.1", "[::1]"]
        )
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        server_name=host,
        footer_links=[],
        run_history=False,  # else questions are kept in the browser
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        show_error=False,
        enable_monitoring=False,
        app_kwargs={"openapi_url": None, "docs_url": None, "redoc_url": None},
        favicon_path=str(HERE / "icon.svg"),
        theme=theme(),
        css=(HERE / "style.css").read_text("utf-8"),
    )
    return app


def theme() -> Base:
    """Gradio's plainest theme in the fonts that the system has; the rest is style.css."""
    return Base(font=SANS, font_mono=MONO).set(
        body_background_fill="#faf8f3", body_background_fill_dark="#151719",
        body_text_color="#1f1e1b", body_text_color_dark="#ebe7de",
    )  # fmt: skip


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Headers:
    """Adds ``HEADERS`` to every answer, streamed ones included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, with_headers)
