"""The language model that may write answers, where one is set.

Any OpenAI-compatible endpoint through LlamaIndex's ``OpenAILike``, which is kept up to date
with what Ollama, llama.cpp, vLLM, LM Studio and hosted services speak; or a GGUF file, which
``xllamacpp`` (llama.cpp's own engine, with wheels for every system) runs inside this process
and answers in the same way. ``Assistant.open(llm=…)`` takes any other LlamaIndex ``LLM``.

Imported only when a model is set: LlamaIndex takes longer to import than a quote to find.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rag.errors import ModelError, SettingsError, WriterError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from rag.settings import Settings

MOST_TOKENS = 300
"""Of an answer: three short sentences, and room for a model that says more."""
_CONTEXT = 4096
"""Tokens of a GGUF model's context: the passages, the rules and the answer."""
_RETRIES = 2

Messages = Sequence[tuple[str, str]]
"""``(role, text)``; roles are ``system``, ``user`` and ``assistant``."""


class Writer(Protocol):
    """A language model as the rest of Sayso knows it."""

    name: str
    """What it is called on the page and in answers."""

    def write(self, messages: Messages) -> Generator[str, None, None]:
        """Pieces of its reply as they come; closing the generator stops the model.

        Raises ``WriterError`` when it cannot be reached, fails or takes too long.
        """
        ...


class LlamaWriter:
    """A LlamaIndex ``LLM``. Keeps whatever the model is served by alive."""

    def __init__(self, llm: LLM, name: str = "", where: str = "", keep: object = None) -> None:
        self._llm = llm
        self._keep = keep
        self.name = name or llm.metadata.model_name
        self._where = where or self.name

    def write(self, messages: Messages) -> Generator[str, None, None]:
        from llama_index.core.llms import ChatMessage

        chat = [ChatMessage(role=role, content=text) for role, text in messages]
        stream: Any = None
        try:
            stream = self._llm.stream_chat(chat)
            for part in stream:
                if part.delta:
                    yield part.delta
        except Exception as error:  # each model's library has errors of its own
            raise WriterError(
                f"The language model {self._where} did not answer: {_reason(error)}"
            ) from error
        finally:
            # The connection goes with the innermost generator, and the model stops.
            if hasattr(stream, "close"):
                stream.close()


def load_writer(settings: Settings) -> Writer | None:
    """The model that is set; None where none is.

    Raises ``SettingsError`` where the settings do not go together, ``ModelError`` for a GGUF
    file that cannot be used. Nothing is asked of an endpoint yet.
    """
    if settings.llm_gguf is not None:
        if settings.llm_url:
            raise SettingsError(
                "SAYSO_LLM_URL and SAYSO_LLM_GGUF are both set: unset the one that is not to "
                "write the answers."
            )
        return _gguf(settings.llm_gguf, settings.llm_timeout)
    if settings.llm_url:
        key = settings.llm_key.get_secret_value() if settings.llm_key else ""
        return endpoint(settings.llm_url, settings.llm_model, key, settings.llm_timeout)
    return None


def endpoint(url: str, model: str, key: str = "", timeout: float = 60) -> Writer:
    """An OpenAI-compatible server, e.g. ``http://localhost:11434/v1``.

    ``timeout`` is in seconds, of the connection and between two pieces of a reply; what can
    be tried again (a connection, a rate limit, an error of the server) is, twice, with
    growing pauses. Raises ``SettingsError`` for an address that is none.
    """
    if not url.startswith(("http://", "https://")):
        raise SettingsError(
            f"setting 'llm_url': {url!r} is not an address. Give one as "
            "http://localhost:11434/v1 in SAYSO_LLM_URL."
        )
    if not model:
        raise SettingsError(
            "SAYSO_LLM_URL is set, but no model: name one of those that the server has, e.g. "
            "SAYSO_LLM_MODEL=llama3.2."
        )
    return _openai_like(url, model, key, timeout, name=model, where=f"{model} at {url}")


def _gguf(path: Path, timeout: float) -> Writer:
    if not path.is_file():
        raise ModelError(
            f"The language model {path} is not there. Give the path of a GGUF file in "
            "SAYSO_LLM_GGUF."
        )
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelError(f"{path} is not a GGUF file. Give another one in SAYSO_LLM_GGUF.")
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(
            "A GGUF model needs the package xllamacpp: pip install 'sayso[gguf]'."
        ) from error
    # llama.cpp answers on a loopback port of its own; the key keeps other programs off it.
    key = secrets.token_hex(16)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = _CONTEXT
    parameters.n_parallel = 1
    parameters.api_keys = [key]
    parameters.verbosity = -1
    parameters.cpuparams.poll = 0  # waiting threads leave the processor to others
    try:
        server = xllamacpp.Server(parameters)
    except Exception as error:
        raise ModelError(
            f"The language model {path} cannot be loaded ({error}). Give another one in "
            "SAYSO_LLM_GGUF."
        ) from error
    address = f"{server.listening_address}/v1"
    return _openai_like(
        address, path.stem, key, timeout, name=path.stem, where=path.name, keep=server
    )


def _openai_like(
    url: str, model: str, key: str, timeout: float, *, name: str, where: str, keep: object = None
) -> Writer:
    from llama_index.llms.openai_like import OpenAILike

    llm = OpenAILike(
        model=model,
        api_base=url,
        api_key=key or "none",
        is_chat_model=True,
        temperature=0.0,
        max_tokens=MOST_TOKENS,
        max_retries=_RETRIES,
        timeout=timeout,
    )
    return LlamaWriter(llm, name, where, keep)


def _reason(error: Exception) -> str:
    """What went wrong and what to do, without what a server may have put into its message."""
    import httpx
    import openai

    if isinstance(error, (openai.APITimeoutError, httpx.TimeoutException)):
        return "it took too long. Wait, or raise SAYSO_LLM_TIMEOUT."
    if isinstance(error, openai.AuthenticationError):
        return "it refused the key. Check SAYSO_LLM_KEY."
    if isinstance(error, openai.NotFoundError):
        return "it does not know the model or the address. Check SAYSO_LLM_MODEL and SAYSO_LLM_URL."
    if isinstance(error, openai.RateLimitError):
        return "it is asked too often at the moment. Wait a little."
    if isinstance(error, openai.APIStatusError):
        return f"it answered with status {error.status_code}. Look at its log."
    if isinstance(error, (openai.APIConnectionError, httpx.TransportError)):
        return "there is no connection. Start it, or check SAYSO_LLM_URL."
    return f"what it sent is no answer ({type(error).__name__})."
