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
