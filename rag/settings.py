"""One frozen ``Settings``, from the environment (``SAYSO_*``) and ``sayso.toml``.

The environment wins over ``sayso.toml`` in the current folder, which wins over the
defaults. An unknown key in either is an error, so that a typing mistake is noticed.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.errors import SettingsError

PREFIX = "SAYSO_"
TOML = "sayso.toml"


class Settings(BaseSettings):
    """All that can be set. Each field is ``SAYSO_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=TOML, frozen=True, extra="forbid", env_ignore_empty=True
    )

    documents: Path = Field(Path("seeds"), description="Folder of the documents")
    store: Path | None = Field(
        None,
        description="Folder of the index and of dropped-in files; "
        "default: one per documents' folder in the user's data directory",
    )
    max_file_mb: float = Field(
        50, gt=0, allow_inf_nan=False, description="Larger files are skipped, in megabytes"
    )
    language: str = Field(
        "en",
        pattern="^[a-z]{2,3}$",
        description="Language of the documents, ISO 639-1 in small letters",
    )
    embedding_model: str = Field(
        "all-MiniLM-L6-v2",
        min_length=1,
        description="The packaged model, or a sentence-transformers name or path",
    )
    passage_tokens: int = Field(
        128, ge=16, le=8192, description="Largest passage, in the embedding model's tokens"
    )
    reader_model: str = Field(
        "sayso-minilm",
        min_length=1,
        description="The packaged reading model, or the name or path of one that transformers "
        "loads as AutoModelForQuestionAnswering",
    )
    read_tokens: int = Field(
        4000,
        ge=1,
        description="Tokens that are read for a question at most, though always 4 passages; "
        "4000 take about 0.3 s on 2 cores",
    )
    top_k: int = Field(10, ge=1, le=1000, description="Passages that are read for a question")
    max_claims: int = Field(3, ge=1, le=20, description="Most quotes in an answer")
    answer_threshold: float | None = Field(
        None, ge=0, le=1, description="Least confidence to be 'answered'; default: as fitted"
    )
    decline_threshold: float | None = Field(
        None, ge=0, le=1, description="Below it nothing is quoted; default: as fitted"
    )
    llm_url: str = Field(
        "",
        description="OpenAI-compatible endpoint that writes answers, e.g. "
        "http://localhost:11434/v1; default: none, answers are quotes",
    )
    llm_model: str = Field("", description="The model's name at that endpoint")
    llm_key: SecretStr | None = Field(None, description="The endpoint's key, where it wants one")
    llm_gguf: Path | None = Field(
        None, description="GGUF file that writes answers, without a server; needs sayso[gguf]"
    )
    llm_passages: int = Field(
        4, ge=1, le=50, description="Passages that the language model is given"
    )
    llm_timeout: float = Field(
        60,
        gt=0,
        allow_inf_nan=False,
        description="Seconds that the language model may take to begin, and between two words",
    )
    host: str = Field("127.0.0.1", description="Address that the chat listens on")
    port: int = Field(7860, ge=0, le=65535, description="Port of the chat; 0 takes a free one")

    @field_validator("documents", "store", "llm_gguf", mode="after")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return path and path.expanduser()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls, **given: Any) -> Settings:
        """Settings with ``given`` on top.

        Raises ``SettingsError`` for an unknown key, a value out of range, or a
        ``sayso.toml`` that is not TOML.
        """
        known = {PREFIX + name.upper() for name in cls.model_fields}
        unknown = sorted(
            key for key in os.environ if key.upper().startswith(PREFIX) and key.upper() not in known
        )
        if unknown:
            raise SettingsError(
                f"{unknown[0]} is not a setting. Unset it, or use one of: "
                + ", ".join(sorted(known))
            )
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            secret = first["type"] == "extra_forbidden" or name == "llm_key"
            shown = "" if secret else f" (given: {first['input']!r})"
            raise SettingsError(
                f"setting '{name}': {first['msg']}{shown}. Change it in {TOML}, in "
                f"{PREFIX}{name.upper()} or in the call."
            ) from error
        except OSError as error:
            raise SettingsError(
                f"{TOML} cannot be read ({error.strerror}): check its permissions, or remove it."
            ) from error
        except ValueError as error:  # tomllib.TOMLDecodeError is one
            raise SettingsError(f"{TOML} is not valid TOML: {error}. Mend or remove it.") from error

    def store_path(self) -> Path:
        """Folder of the store: as set, else one of its own for the documents' folder."""
        if self.store is not None:
            return self.store
        from platformdirs import user_data_path

        folder = self.documents.resolve()
        tag = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        return user_data_path("sayso", appauthor=False) / f"{folder.name or 'root'}-{tag}"
