"""The README says what is there: its tree, commands, settings and code."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rag.load import READERS
from rag.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def tree() -> list[str]:
    """Paths of the annotated tree, which indents by two blanks a level."""
    (text,) = (block for block in blocks("text") if "pyproject.toml" in block)
    folders: list[str] = []
    paths = []
    for line in text.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [name]
        paths.append("".join(folders[: depth + 1]))
    return paths


def test_every_path_of_the_tree_is_there() -> None:
    assert [path for path in tree() if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("folder", ["rag", "ui", "eval"])
def test_every_module_is_in_the_tree(folder: str) -> None:
    found = (ROOT / folder).rglob("[!_]*.py")
    modules = {file.relative_to(ROOT).as_posix() for file in found}
    assert modules - set(tree()) == set()


def test_the_top_level_is_in_the_tree() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    top = {path.split("/")[0] + ("/" if "/" in path else "") for path in listed}
    assert {path for path in top if not path.startswith(".")} - set(tree()) == set()


def test_every_package_is_installed() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    found = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for top in ("rag", "ui", "eval")
        for file in (ROOT / top).rglob("__init__.py")
    }
    assert found == set(stated["packages"])


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    used = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(blocks("sh"))))
    assert used
    assert used - targets == set()


def test_commands_are_understood() -> None:
    lines = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    commands = {
        tuple(shlex.split(line)[:2]) for line in lines if re.match(r"(sayso|python -m eval) ", line)
    }
    assert commands
    for program, first in sorted(commands):
        module = {"sayso": ["rag"], "python": ["eval"]}[program]
        name = first if program == "sayso" else None
        words = [name] if name else []
        if words == ["--version"]:
            continue
        done = subprocess.run(
            [sys.executable, "-m", *module, *words, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (program, first, done.stderr)


def test_evaluation_commands_exist() -> None:
    used = set(re.findall(r"python -m eval ([a-z]+)", README))
    shown = subprocess.run(
        [sys.executable, "-m", "eval", "--help"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    assert used
    assert [name for name in used if not re.search(rf"^    {name}\b", shown, re.MULTILINE)] == []


def test_every_setting_is_in_the_table() -> None:
    rows = dict(re.findall(r"^\| `SAYSO_([A-Z_]+)` \| ([^|]+?) \|", README, re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if field.default not in (None, ""):
            assert rows[name.upper()].strip("`") == str(field.default), name


def test_formats_are_listed() -> None:
    assert [suffix for suffix in READERS if f"`{suffix}`" not in README] == []


@pytest.mark.model
def test_python_blocks_run(tmp_path: Path) -> None:
    for code in blocks("python"):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SAYSO_STORE": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
