"""An OpenAI-compatible server as a writer: what is sent, how long it may take, what is told.

LlamaIndex's ``OpenAILike`` speaks the protocol. Here is what it leaves open: a server that
sends signs of life and no words, replies without an end, other addresses that it points to,
what the client tells about this machine, and when it is worth asking again.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
import openai
from llama_index.llms.openai_like import OpenAILike
from pydantic import SecretStr

from rag.errors import SettingsError, WriterError
from rag.llm import Messages, failed, pieces_of

MOST_TOKENS = 2000
"""Of a reply. ``rag/generate.py`` hears a few hundred of its text; the others are for models
that think before they write."""
PAUSES = (0.5, 2.0)
"""Seconds before a request is made again."""
LONGEST_PAUSE = 10.0
"""Seconds; a server that wants a longer one is not waited for, there are quotes to show."""
MOST_BYTES = 4_000_000
"""Of a reply, as it is sent."""

_SENT = frozenset(
    ("host", "accept", "accept-encoding", "connection", "content-type", "content-length")
)
_EXAMPLE = "http://localhost:11434/v1"


def endpoint(
    url: str,
    model: str,
    key: str = "",
    timeout: float = 60,
    *,
    where: str = "",
    keep: object = None,
) -> Endpoint:
    """The writer at ``url``, e.g. ``http://localhost:11434/v1``. Nothing is asked of it yet.

    ``timeout`` is in seconds, for the connection and between two words of a reply. ``where`` is
    what errors call it, and ``keep`` is kept alive as long as the writer. Raises
    ``SettingsError`` for an address or a key that is none.
    """
    url, model, key = url.strip(), model.strip(), key.strip()
    _check(url)
    if not model:
        raise SettingsError(
            "SAYSO_LLM_URL is set, but no model: name one of those that the server has, e.g. "
            "SAYSO_LLM_MODEL=llama3.2."
        )
    if not all("!" <= char <= "~" for char in key):
        raise SettingsError(
            "setting 'llm_key': a key has no blanks, line breaks or letters beyond ASCII. Copy it "
            "into SAYSO_LLM_KEY again."
        )

    return Endpoint(url, model, key, timeout, where or f"{model} at {url}", keep)


class Endpoint:
    """A writer that asks again where that may help, as long as no word has come."""

    def __init__(
        self, url: str, model: str, key: str, timeout: float, where: str, keep: object
    ) -> None:
        """Use ``endpoint``, which checks what it is given."""
        self.name = model
        self._url, self._timeout, self._where, self._keep = url, timeout, where, keep
        self._key = SecretStr(key)
        # A proxy has no business on this machine.
        self._trust = not _is_loopback(urlsplit(url).hostname or "")
        self._tls = httpx.create_ssl_context(trust_env=self._trust)

    def write(self, messages: Messages) -> Generator[str, None, None]:
        since = time.monotonic()
        for pause in (*PAUSES, None):
            begun = False
            try:
                # Closing the client ends the connection, whoever else still holds on to it.
                with self._client() as client, closing(self._pieces(client, messages)) as pieces:
                    for piece in pieces:
                        begun = begun or bool(piece)
                        yield piece
                return
            except WriterError:
                raise
            except Exception as error:
                wait = None if begun or pause is None else _again(error, pause)
                if wait is None or time.monotonic() - since + wait > self._timeout:
                    raise failed(self._where, reason(error)) from error
            time.sleep(wait)

    def _pieces(self, client: httpx.Client, messages: Messages) -> Generator[str, None, None]:
        llm = OpenAILike(
            model=self.name,
            api_base=self._url,
            api_key="none",  # the real one is added to the request, and shown to nobody else
            is_chat_model=True,
            temperature=0.0,
            max_tokens=MOST_TOKENS,
            max_retries=0,
            timeout=self._timeout,
            http_client=client,
        )
        return pieces_of(llm, messages, self._where)

    def _client(self) -> httpx.Client:
        return httpx.Client(
            verify=self._tls,
            trust_env=self._trust,
            follow_redirects=False,  # passages go where they were meant to go, or nowhere
            event_hooks={"request": [self._plain], "response": [self._bounded]},
        )

    def _plain(self, request: httpx.Request) -> None:
        """Nothing about this machine, nor of other programs' settings (``OPENAI_ORG_ID``)."""
        for name in set(request.headers) - _SENT:
            del request.headers[name]
        request.headers["User-Agent"] = "sayso"
        if key := self._key.get_secret_value():
            request.headers["Authorization"] = f"Bearer {key}"

    def _bounded(self, response: httpx.Response) -> None:
        response.stream = _Bounded(response.stream, self._timeout)


def _again(error: Exception, pause: float) -> float | None:
    """Seconds after which it may go better; None where it will not, or takes too long."""
    if isinstance(error, openai.APITimeoutError):
        return None
    if isinstance(error, (openai.RateLimitError, openai.InternalServerError)):
        wait = max(pause, _wanted(error) or 0.0)
        return wait if wait <= LONGEST_PAUSE else None
    return pause if isinstance(error, openai.APIConnectionError) else None


def _wanted(error: openai.APIStatusError) -> float | None:
    """Seconds of the header ``Retry-After``; None where there is none, or a date."""
    try:
        wanted = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return wanted if 0 <= wanted < 1e6 else None


def reason(error: Exception) -> str:
    """What went wrong and what to do, without what a server may have put into its message."""
    if isinstance(error, (openai.APITimeoutError, httpx.TimeoutException)):
        return "it took too long. Wait, or raise SAYSO_LLM_TIMEOUT."
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return "it refused the key. Check SAYSO_LLM_KEY."
    if isinstance(error, openai.NotFoundError):
        return (
            "it does not know the model or the address, which often ends in /v1. Check "
            "SAYSO_LLM_MODEL and SAYSO_LLM_URL."
        )
    if isinstance(error, openai.RateLimitError):
        wanted = _wanted(error)
        later = f"in {wanted:.0f} seconds" if wanted else "in a while"
        return f"it is asked too often, or its quota is used up. Ask again {later}."
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        if status < 400:
            return f"it points to another address (status {status}). Check SAYSO_LLM_URL."
        if status < 500:
            return (
                f"it refused the request (status {status}): the passages may be more than it takes "
                "in. Lower SAYSO_LLM_PASSAGES, or look at its log."
            )
        return f"it failed (status {status}). Look at its log."
    if isinstance(error, (openai.APIConnectionError, httpx.TransportError)):
        if isinstance(error, _TooMuch):
            return "it sent far more than an answer. Check SAYSO_LLM_URL."
        return "there is no connection. Start it, or check SAYSO_LLM_URL."
    if isinstance(error, openai.APIError):
        return "it reported an error in the middle of its answer. Look at its log."
    return f"what it sent is no answer ({type(error).__name__}). Check SAYSO_LLM_URL."


class _TooMuch(httpx.TransportError):
    """A reply that does not end."""


class _Bounded(httpx.SyncByteStream):
    """A reply's bytes, up to ``MOST_BYTES``. Signs of life that servers send while they work
    (comments between the events) are no words: ``timeout`` goes on."""

    def __init__(self, stream: object, timeout: float) -> None:
        assert isinstance(stream, httpx.SyncByteStream)
        self._stream, self._timeout = stream, timeout

    def __iter__(self) -> Iterator[bytes]:
        size, waited, since = 0, 0.0, time.monotonic()
        for chunk in self._stream:
            size += len(chunk)
            waited = 0.0 if b"data:" in chunk else waited + time.monotonic() - since
            if size > MOST_BYTES:
                raise _TooMuch("a reply without an end")
            if waited > self._timeout:
                raise httpx.ReadTimeout("signs of life alone")
            yield chunk
            since = time.monotonic()

    def close(self) -> None:
        self._stream.close()


def _check(url: str) -> None:
    """Raises ``SettingsError`` for what is no address, or holds a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # a port that is no number raises ValueError
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise SettingsError(
            f"setting 'llm_url': {url!r} is not an address. Give one as {_EXAMPLE} in "
            "SAYSO_LLM_URL."
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            "setting 'llm_url': the address holds a password or a query, which would be shown "
            f"with it. Give it as {_EXAMPLE}, and the key in SAYSO_LLM_KEY."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
