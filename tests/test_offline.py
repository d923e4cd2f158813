"""A first run, from documents to an answer, on a machine without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

CODE = """
import pytest
from tests import network

with pytest.MonkeyPatch.context() as patch:
    network.refuse(patch)
    from rag.cli import main

    assert main(["index", "seeds"]) == 0
    assert main(["ask", "In what words did Hajizada describe Sobhani's comments?"]) == 0
assert network.attempts == [], network.attempts
"""


@pytest.mark.model
def test_a_first_run_asks_nothing_of_the_network(tmp_path: Path) -> None:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env={**inherited, "SAYSO_STORE": str(tmp_path / "store"), "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "1 added" in done.stdout
    assert "open provocation" in done.stdout
    # What a library would send later, it keeps in the user's folder until then.
    assert not (tmp_path / "home").exists()


WRITING = """
import os, sys
import pytest
from tests import network

made = []
def watch(name, args):
    if name == "open" and isinstance(args[0], str) and set(str(args[1])) & set("wax+"):
        made.append(args[0])

with pytest.MonkeyPatch.context() as patch:
    network.refuse(patch)
    import rag
    from rag.endpoint import endpoint
    from rag.llm import load_writer
    from tests.openai_server import says, serving

    sys.addaudithook(watch)
    with serving(says("Yes.")) as up:
        reply = endpoint(up.url, "gpt-4o", "sk-1").write([("user", "Well?")])
        assert "".join(reply) == "Yes."
    writer = load_writer(rag.Settings.load())
    pieces = writer.write([("user", "Say: yes.")])
    assert any(pieces)
    pieces.close()
assert network.attempts == [], network.attempts
assert [path for path in made if path != os.devnull] == [], made
"""


@pytest.mark.model
def test_a_language_model_asks_nothing_of_the_network(tmp_path: Path, smollm2: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", WRITING],
        cwd=ROOT,
        env={**os.environ, "SAYSO_LLM_GGUF": str(smollm2), "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "home").exists()
