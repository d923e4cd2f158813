"""A server on loopback that speaks ``/v1/chat/completions``, or fails to in every way."""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Reply"], None]
"""What a server does with a request."""

FROM_SERVER = "words of the server itself"
"""Stands in everything that a server says beside answers; nobody is to be shown it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    path: str
    headers: Mapping[str, str]
    """With names in lower case."""
    body: Mapping[str, Any]

    @property
    def roles(self) -> list[str]:
        return [message["role"] for message in self.body["messages"]]


@dataclass
class OpenAIServer:
    """Acts by one of its behaviours for each request, in turn; by the last from then on."""

    behaviours: Sequence[Behaviour]
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when a client left before its answer was complete."""
    closing: threading.Event = field(default_factory=threading.Event)


class Reply:
    """The answer to one request, piece by piece."""

    def __init__(self, handler: BaseHTTPRequestHandler, server: OpenAIServer) -> None:
        self._handler, self._server = handler, server

    def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self._handler.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **headers}.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def send(self, data: bytes | str) -> None:
        """Raises ``OSError`` when nobody listens any more."""
        self._handler.wfile.write(data.encode() if isinstance(data, str) else data)
        self._handler.wfile.flush()

    def event(self, data: Any) -> None:
        self.send(f"data: {json.dumps(data)}\n\n")

    def piece(self, text: str, **delta: Any) -> None:
        self.event(chunk({"role": "assistant", "content": text, **delta}))

    def wait(self) -> None:
        """Until the client has left, or the server is closed."""
        connection = self._handler.connection
        while not self._server.closing.is_set():
            readable, _, _ = select.select([connection], [], [], 0.02)
            if readable and not connection.recv(1, socket.MSG_PEEK):
                self._server.gone.set()
                return


def chunk(delta: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[OpenAIServer]:
    """A server that is up until the end of the block."""
    server = OpenAIServer(behaviours)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            at = min(len(server.requests), len(behaviours) - 1)
            server.requests.append(Request(self.path, headers, body))
            self.close_connection = True
            try:
                behaviours[at](Reply(self, server))
            except OSError:
                server.gone.set()

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        http.server_close()  # waits for the threads of its requests
        thread.join()


def closed_port() -> str:
    """The address of a server that is down."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return f"http://127.0.0.1:{one.getsockname()[1]}/v1"


# -- what servers do -------------------------------------------------------------------------


def says(text: str, size: int = 7) -> Behaviour:
    """Answers with ``text`` in pieces of ``size`` characters."""

    def act(reply: Reply) -> None:
        reply.head()
        for at in range(0, len(text), size):
            reply.piece(text[at : at + size])
        reply.event({**chunk({}), "choices": []})  # the usage, as some send it
        reply.send("data: [DONE]\n\n")

    return act


def status(code: int, **headers: str) -> Behaviour:
    """Refuses, with a message as services give it."""

    def act(reply: Reply) -> None:
        body = json.dumps({"error": {"message": FROM_SERVER, "type": "x", "code": FROM_SERVER}})
        reply.head(code, "application/json", Content_Length=str(len(body)), **headers)
        reply.send(body)

    return act


def sends(body: bytes | str, kind: str = "text/event-stream") -> Behaviour:
    """Sends ``body`` with status 200, and no more."""

    def act(reply: Reply) -> None:
        reply.head(200, kind)
        reply.send(body)

    return act


def hangs(reply: Reply) -> None:
    """Never answers."""
    reply.wait()


def hangs_after(text: str) -> Behaviour:
    """Begins with ``text`` and says no more."""

    def act(reply: Reply) -> None:
        reply.head()
        reply.piece(text)
        reply.wait()

    return act


def signs_of_life(reply: Reply) -> None:
    """Comments between events, without an event, until the client leaves."""
    reply.head()
    while True:
        reply.send(": still working\n\n")


def writes_on(reply: Reply) -> None:
    """Sentence after sentence, all different, until the client leaves."""
    reply.head()
    number = 0
    while True:
        number += 1
        reply.piece(f"This is sentence number {number}. ")


def one_word_without_end(reply: Reply) -> None:
    """One event that never ends."""
    reply.head()
    reply.send('data: {"choices": [{"delta": {"content": "')
    while True:
        reply.send("x" * 65536)


def fails_midway(text: str) -> Behaviour:
    """Begins, then reports an error."""

    def act(reply: Reply) -> None:
        reply.head()
        reply.piece(text)
        reply.event({"error": {"message": FROM_SERVER}})

    return act


def breaks_off_after(text: str) -> Behaviour:
    """Begins a reply of a stated length and closes the connection."""

    def act(reply: Reply) -> None:
        reply.head(Content_Length="100000")
        reply.piece(text)

    return act


HTML = sends(f"<!doctype html><title>{FROM_SERVER}</title><p>Log in", "text/html")
BROKEN_JSON = sends(f'data: {{"choices": [{{"delta": {{"content": "{FROM_SERVER}\n\n')
EMPTY = sends("")
NO_CHOICES = sends(f'data: {{"id": "1", "note": "{FROM_SERVER}"}}\n\ndata: [DONE]\n\n')
NOT_AN_OBJECT = sends(f'data: "{FROM_SERVER}"\n\ndata: [DONE]\n\n')
NOT_UTF8 = sends(b'data: {"choices": [{"delta": {"content": "\xff\xfe\x80"}}]}\n\n')
TOOL_CALLS = sends(
    "data: "
    + json.dumps(
        chunk(
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "index": 0,
                        "id": "1",
                        "type": "function",
                        "function": {"name": "open", "arguments": f'{{"url": "{FROM_SERVER}"}}'},
                    }
                ],
            }
        )
    )
    + "\n\ndata: [DONE]\n\n"
)
THINKS_ALONE = sends(
    "data: "
    + json.dumps(chunk({"role": "assistant", "content": "", "reasoning_content": FROM_SERVER}))
    + "\n\ndata: [DONE]\n\n"
)
