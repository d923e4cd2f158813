"""The language model that may write answers, where one is set.

Any OpenAI-compatible endpoint through LlamaIndex's ``OpenAILike``, which is kept up to date
with what Ollama, llama.cpp, vLLM, LM Studio and hosted services speak; or a GGUF file, which
``xllamacpp`` (llama.cpp's own engine, with wheels for every system) runs inside this process
and answers in the same way. ``Assistant.open(llm=…)`` takes any other LlamaIndex ``LLM``.

Imported only when a model is set: LlamaIndex takes longer to import than a quote to find.
"""

from __future__ import annotations

import gc
import secrets
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from rag.errors import ModelError, SettingsError, WriterError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from rag.settings import Settings

_CONTEXT = 4096
"""Tokens that a GGUF model takes in at least: the passages, the rules and the answer."""
_BESIDE = 1024
"""Of these for what is no passage."""

Messages = Sequence[tuple[str, str]]
"""``(role, text)``; roles are ``system``, ``user`` and ``assistant``."""


class Writer(Protocol):
    """A language model as the rest of Sayso knows it."""

    name: str
    """What it is called on the page and in answers."""

    def write(self, messages: Messages) -> Generator[str, None, None]:
        """Pieces of its reply as they come, empty ones while it thinks; closing the generator
        stops the model.

        Raises ``WriterError`` when it cannot be reached, fails, takes too long or writes
        nothing.
        """
        ...


class LlamaWriter:
    """A LlamaIndex ``LLM``."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self.name = llm.metadata.model_name

    def write(self, messages: Messages) -> Generator[str, None, None]:
        try:
            yield from pieces_of(self._llm, messages, self.name)
            return
        except GeneratorExit:
            pass
        except WriterError:
            raise
        except Exception as error:  # each model's library has errors of its own
            reason = f"it failed ({type(error).__name__}). Look at its log."
            raise failed(self.name, reason) from error
        # Given up. Some libraries end the connection with their stream's last reference, which
        # is part of a cycle (openai's is); the model would write on until it is collected.
        gc.collect()


def pieces_of(llm: LLM, messages: Messages, where: str) -> Generator[str, None, None]:
    """The pieces of a model's reply; raises ``WriterError`` when there is none, and whatever the
    model's library does. ``where`` is what the error calls it."""
    from llama_index.core.llms import ChatMessage

    stream: Any = llm.stream_chat([ChatMessage(role=role, content=text) for role, text in messages])
    silent = True
    try:
        for part in stream:
            silent = silent and not part.delta
            yield part.delta or ""  # so that a model that thinks can be given up
    finally:
        if hasattr(stream, "close"):
            stream.close()
    if silent:
        raise failed(
            where,
            "it sent no text. A model that thinks first, or calls tools, may come to none: try "
            "another one.",
        )


def failed(where: str, reason: str) -> WriterError:
    """The error of a model, for people."""
    return WriterError(f"The language model {where} did not answer: {reason}")


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
        return _gguf(settings)
    if settings.llm_url:
        from rag.endpoint import endpoint

        key = settings.llm_key.get_secret_value() if settings.llm_key else ""
        return endpoint(settings.llm_url, settings.llm_model, key, settings.llm_timeout)
    return None


def _gguf(settings: Settings) -> Writer:
    assert settings.llm_gguf is not None
    path = settings.llm_gguf
    if not path.is_file():
        raise ModelError(
            f"The language model {path} is not there. Give the path of a GGUF file in "
            "SAYSO_LLM_GGUF."
        )
    try:
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as error:
        raise ModelError(
            f"The language model {path} cannot be read ({error.strerror}). Mend that, or give "
            "another one in SAYSO_LLM_GGUF."
        ) from error
    if begins != b"GGUF":
        raise ModelError(f"{path} is not a GGUF file. Give another one in SAYSO_LLM_GGUF.")
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(
            "A GGUF model needs the package xllamacpp: pip install 'sayso[gguf]'."
        ) from error
    from rag.endpoint import endpoint

    # llama.cpp answers on a loopback port of its own; the key keeps other programs off it.
    key = secrets.token_hex(16)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    # Its tokens are not those that passages are measured in: there is room for twice as many.
    passages = settings.llm_passages * settings.passage_tokens
    parameters.n_ctx = max(_CONTEXT, 2 * passages + _BESIDE)
    parameters.n_parallel = 1
    parameters.api_keys = [key]
    parameters.offline = True
    parameters.verbosity = -1
    parameters.ui = parameters.endpoint_slots = False
    parameters.cache_ram_mib = 0  # else earlier prompts are kept, gigabytes of them
    parameters.cpuparams.poll = 0  # waiting threads leave the processor to others
    try:
        server = xllamacpp.Server(parameters)
    except Exception as error:
        raise ModelError(
            f"The language model {path} cannot be loaded: it is damaged, or of a kind that this "
            "llama.cpp does not know. Give another one in SAYSO_LLM_GGUF."
        ) from error
    address = f"{server.listening_address}/v1"
    return endpoint(address, path.stem, key, settings.llm_timeout, where=path.name, keep=server)
