"""Sayso: answers from your documents, with the words they stand on.

>>> from rag import Assistant
>>> assistant = Assistant.open("seeds")
>>> print(assistant.ask("Who called the comments an open provocation?"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant, answer
    from rag.errors import SaysoError
    from rag.settings import Settings
    from rag.types import (
        Answer,
        Citation,
        Claim,
        Document,
        Hit,
        Passage,
        Speaker,
        Statement,
        SyncReport,
    )

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "Claim",
    "Document",
    "Hit",
    "Passage",
    "SaysoError",
    "Settings",
    "Speaker",
    "Statement",
    "SyncReport",
    "answer",
]

_HOME = {"Assistant": "assistant", "SaysoError": "errors", "Settings": "settings"}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used, so that ``sayso --help`` need not wait."""
    if name not in __all__:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    if name == "answer":
        return import_module("rag.assistant").answer
    return getattr(import_module(f"rag.{_HOME.get(name, 'types')}"), name)
