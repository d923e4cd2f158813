"""Every error that Sayso raises on purpose.

::

    SaysoError                 catch this one for all of them; exit code 2
    ├── SettingsError          a setting is unknown or out of range
    ├── DocumentError          one file cannot be read; indexing skips it and goes on
    ├── DocumentsNotFound      the documents' folder is not there
    ├── ModelError             a model is missing, or its weights are not the expected ones
    ├── WriterError            the language model did not answer; quotes are given instead
    └── StoreError
        ├── StoreMismatch      the store was made with another model or layout
        ├── StoreDamaged       the store's file cannot be read
        ├── StoreLocked        another process is indexing
        └── ConversationNotFound  no conversation of that id is kept

A message names the file or setting, says what is wrong, and what to do next.
"""

from __future__ import annotations


class SaysoError(Exception):
    """Base of all errors that Sayso raises on purpose."""


class SettingsError(SaysoError):
    """A setting is unknown or out of range."""


class DocumentError(SaysoError):
    """One file cannot be read. The message is the reason alone, without the path."""


class DocumentsNotFound(SaysoError):
    """The documents' folder is not there."""


class ModelError(SaysoError):
    """A model is missing, or its weights are not the expected ones."""


class WriterError(SaysoError):
    """The language model cannot be reached, failed or took too long."""


class StoreError(SaysoError):
    """The store cannot be used as it is."""


class StoreMismatch(StoreError):
    """The store was made with another embedding model, passage size or layout."""


class StoreDamaged(StoreError):
    """The store's file cannot be read."""


class StoreLocked(StoreError):
    """Another process is writing to the store."""


class ConversationNotFound(StoreError):
    """No conversation of that id is kept, or no longer."""
