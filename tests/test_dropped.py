"""Dropped-in files by themselves; through the assistant they are tested in test_assistant.py."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.dropped import DROPPED, DroppedIn
from rag.errors import DocumentError


@pytest.fixture
def dropped(tmp_path: Path) -> DroppedIn:
    (tmp_path / "storks.txt").write_text("Storks nest on the tower.")
    found = DroppedIn(tmp_path / "dropped", tmp_path / "reports", max_file_mb=1.0)
    assert found.add([tmp_path / "storks.txt"]) == []
    return found


def test_of_several_that_remove_a_file_one_does(dropped: DroppedIn) -> None:
    def remove(_: int) -> str:
        try:
            dropped.remove(DROPPED + "storks.txt")
        except DocumentError as error:
            return str(error)
        return "removed"

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(remove, range(8)))
    assert outcomes.count("removed") == 1
    assert all("is not a dropped-in file" in one for one in outcomes if one != "removed")
    assert not list(dropped.folder.iterdir())


def test_who_removes_a_file_of_the_documents_is_told_where_they_are(
    dropped: DroppedIn, tmp_path: Path
) -> None:
    with pytest.raises(DocumentError, match=f"Files of {tmp_path / 'reports'} are removed by"):
        dropped.remove("storks.txt")
    assert (dropped.folder / "storks.txt").exists()


def test_files_of_one_name_that_come_at_once_are_all_kept(
    dropped: DroppedIn, tmp_path: Path
) -> None:
    files = []
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        files.append(folder / "storks.txt")
        files[-1].write_text(f"Stork number {number}.")
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda file: dropped.add([file]), files)) == [[]] * 8
    kept = {file.name: file.read_text() for file in dropped.folder.iterdir()}
    assert len(kept) == 9
    assert set(kept.values()) >= {f"Stork number {number}." for number in range(8)}
