"""Where a setting comes from, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rag.errors import SettingsError
from rag.settings import Settings

OUT_OF_RANGE = [
    ("max_file_mb", 0),
    ("max_file_mb", -1),
    ("max_file_mb", math.nan),
    ("max_file_mb", math.inf),
    ("passage_tokens", 15),
    ("passage_tokens", 8193),
    ("passage_tokens", 100.5),
    ("top_k", 0),
    ("top_k", 1001),
    ("max_claims", 0),
    ("max_claims", 21),
    ("answer_threshold", -0.1),
    ("answer_threshold", 1.1),
    ("answer_threshold", math.nan),
    ("decline_threshold", 2),
    ("port", -1),
    ("port", 65536),
    ("embedding_model", ""),
    ("reader_model", ""),
    ("read_tokens", 0),
    ("read_tokens", 0.5),
    ("top_k", "ten"),
]


def write_toml(text: str) -> None:
    Path("sayso.toml").write_text(text, "utf-8")


def test_defaults() -> None:
    settings = Settings.load()
    assert settings.documents == Path("seeds")
    assert settings.store is None
    assert settings.embedding_model == "all-MiniLM-L6-v2"
    assert (settings.passage_tokens, settings.top_k, settings.max_claims) == (128, 10, 3)
    assert (settings.reader_model, settings.read_tokens) == ("sayso-minilm", 4000)
    assert settings.answer_threshold is None
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)


def test_call_over_environment_over_toml_over_default(monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml('top_k = 20\nmax_claims = 4\nhost = "::1"\n')
    monkeypatch.setenv("SAYSO_TOP_K", "30")
    monkeypatch.setenv("SAYSO_MAX_CLAIMS", "5")
    settings = Settings.load(top_k=40)
    assert settings.top_k == 40  # the call
    assert settings.max_claims == 5  # the environment
    assert settings.host == "::1"  # sayso.toml
    assert settings.port == 7860  # the default


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml("top_k = 20\n")
    monkeypatch.setenv("SAYSO_TOP_K", "")
    assert Settings.load().top_k == 20


def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYSO_TOPK", "5")
    with pytest.raises(SettingsError, match="SAYSO_TOPK") as caught:
        Settings.load()
    assert "SAYSO_TOP_K" in str(caught.value)


def test_an_unknown_variable_is_named_in_whatever_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("sayso_topk", "5")
    with pytest.raises(SettingsError, match="sayso_topk"):
        Settings.load()


def test_an_unknown_key_of_the_toml_is_named() -> None:
    write_toml("topk = 5\n")
    with pytest.raises(SettingsError, match="'topk'") as caught:
        Settings.load()
    assert "sayso.toml" in str(caught.value)


def test_a_table_in_the_toml_is_an_unknown_key() -> None:
    write_toml("[search]\ntop_k = 5\n")
    with pytest.raises(SettingsError, match="'search'"):
        Settings.load()


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(SettingsError, match="'topk'"):
        Settings.load(topk=5)


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE)
def test_out_of_range_in_the_call(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.load(**{name: value})


@pytest.mark.parametrize(("name", "value"), [case for case in OUT_OF_RANGE if case[1] != ""])
def test_out_of_range_in_the_environment(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SAYSO_{name.upper()}", str(value))
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.load()
    assert f"SAYSO_{name.upper()}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [("top_k", 1000), ("port", 0), ("max_claims", 1), ("read_tokens", 1)]
)
def test_the_ends_of_a_range_belong_to_it(name: str, value: int) -> None:
    assert getattr(Settings.load(**{name: value}), name) == value


@pytest.mark.parametrize(
    "content", [b"top_k = = 3\n", b"top_k\n", b"\xff\xfe\x00", b'host = "unclosed\n']
)
def test_a_file_that_is_not_toml_is_named(content: bytes) -> None:
    Path("sayso.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"sayso\.toml"):
        Settings.load()


def test_folders_may_be_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SAYSO_DOCUMENTS", "~/reports")
    found = Settings.load(store="~/index", llm_gguf="~/m.gguf")
    assert (found.documents, found.store) == (tmp_path / "reports", tmp_path / "index")
    assert found.llm_gguf == tmp_path / "m.gguf"


@pytest.mark.parametrize("language", ["EN", "klingon", ""])
def test_a_language_is_told_in_small_letters(language: str) -> None:
    with pytest.raises(SettingsError, match=r"language.*pattern"):
        Settings.load(language=language)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings.load().top_k = 3


def test_the_store_is_where_it_is_set(tmp_path: Path) -> None:
    assert Settings.load(store=tmp_path / "here").store_path() == tmp_path / "here"


def test_each_folder_has_a_store_of_its_own(tmp_path: Path) -> None:
    paths = {
        Settings.load(documents=tmp_path / name).store_path()
        for name in ("one/letters", "two/letters", "one", "one/letters ")
    }
    assert len(paths) == 4
    assert all("letters" in path.name or "one" in path.name for path in paths)
    assert Settings.load(documents=Path("/")).store_path().name


def test_a_folder_keeps_its_store_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    absolute = Settings.load(documents=tmp_path / "one").store_path()
    for same in ("one", "./one/", "one/../one", "link"):
        assert Settings.load(documents=Path(same)).store_path() == absolute
