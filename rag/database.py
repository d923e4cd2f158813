"""The SQLite file of a store: opened, checked, read from, and written to by one at a time.

Readers see the last committed state (WAL) while a writer works; a writer that dies
leaves it as it was.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import StoreDamaged, StoreError, StoreLocked, StoreMismatch
from rag.writer import SCHEMA, transaction

_PATIENCE = 10.0
"""Seconds to wait for another process that writes."""


class Database:
    """Safe to use from several threads."""

    def __init__(self, folder: Path, expected: Mapping[str, str]) -> None:
        """Open the file in ``folder``, or make an empty one that was made as is ``expected``.

        Raises ``StoreMismatch`` when it was made otherwise, ``StoreDamaged`` when it cannot be
        read, ``StoreError`` when it cannot be made.
        """
        self._folder = folder
        self._expected = expected
        self._lock = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The index cannot be kept in {folder} ({error.strerror}): name a folder that "
                "can be written to, with SAYSO_STORE."
            ) from error
        self._connection = self.connect()
        try:
            self._check()
            self._opened = self._file_id()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows that ``sql`` selects."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.ProgrammingError as error:
                raise StoreError(
                    f"The index in {self._folder} was closed: open it again."
                ) from error
            except sqlite3.DatabaseError as error:
                raise self._damaged(error) from error

    def connect(self) -> sqlite3.Connection:
        """Another connection to the file."""
        file = self._folder / "sayso.sqlite"
        try:
            connection = sqlite3.connect(file, timeout=30, check_same_thread=False)
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error
        try:
            connection.isolation_level = None
            _write_ahead(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise self._damaged(error) from error
        return connection

    def follow(self) -> None:
        """Go on with the file that another process has put in this one's place, if it has."""
        with self._lock:
            if self._file_id() != self._opened:
                self._connection.close()
                self._connection = self.connect()
                self._check()
                self._opened = self._file_id()

    def _file_id(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / "sayso.sqlite").stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _check(self) -> None:
        try:
            if self._is_empty():
                with transaction(self._connection):
                    if self._is_empty():  # still: another process may have come first
                        self._create()
            found = dict(self._connection.execute("SELECT key, value FROM meta"))
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error
        for key, value in self._expected.items():
            if found.get(key) != value:
                raise StoreMismatch(
                    f"The index in {self._folder} was made with {key} {found.get(key)}, but "
                    f"{value} is set. Make it again with: sayso index --rebuild"
                )

    def _is_empty(self) -> bool:
        return not self._connection.execute("SELECT 1 FROM sqlite_master").fetchone()

    def _create(self) -> None:
        for statement in SCHEMA.split(";"):
            self._connection.execute(statement)
        self._connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [*self._expected.items(), ("generation", secrets.token_hex(8))],
        )

    def _damaged(self, error: sqlite3.DatabaseError) -> StoreError:
        if "readonly" in str(error) or "unable to open" in str(error):
            return _refused(self._folder, str(error))
        return StoreDamaged(
            f"The index in {self._folder} cannot be read: {error}. Make it again with: "
            "sayso index --rebuild"
        )


def _refused(folder: Path, reason: str) -> StoreError:
    return StoreError(
        f"The index in {folder} cannot be written ({reason}). Check the folder's permissions and "
        "its disk, or name another one with SAYSO_STORE."
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within it no other process writes in ``folder``, nor discards what is there.

    Raises ``StoreLocked`` when another one has been at it for ``_PATIENCE``.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "writer.lock", timeout=_PATIENCE)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreLocked(
            f"Another process is indexing into {folder}. Wait until it has finished, then "
            "try again."
        ) from error
    except OSError as error:
        raise _refused(folder, error.strerror or "its lock is not usable") from error
    try:
        yield
    finally:
        lock.release()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the journal; SQLite does not wait by itself where another process does so."""
    for tries_left in reversed(range(100)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not tries_left or "locked" not in str(error):
                raise
            time.sleep(0.05)
