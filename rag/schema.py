"""The JSON schema of ``Answer.to_json()``, made from the types and their docstrings.

``python -m rag.schema`` writes ``answer.schema.json``; a test keeps it up to date.
"""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rag import types

FILE = Path(__file__).with_name("answer.schema.json")


RANGES = {
    ("Answer", "confidence"): (0, 1),
    ("Answer", "dropped"): (0, None),
    ("Claim", "probability"): (0, 1),
    ("Citation", "marker"): (1, None),
    ("Citation", "start"): (0, None),
    ("Citation", "end"): (1, None),
    ("Speaker", "start"): (0, None),
    ("Speaker", "end"): (0, None),
    ("Speaker", "cue_start"): (0, None),
    ("Speaker", "cue_end"): (0, None),
    ("Hit", "rank"): (1, None),
    ("Hit", "score"): (0, 1),
    ("Hit", "relevance"): (0, 1),
    ("Passage", "start"): (0, None),
    ("Passage", "end"): (1, None),
}
"""(Class, field) to least and greatest value, as the docstrings have them in words."""


def answer_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, with every field's docstring as its description."""
    schema = TypeAdapter(types.Answer).json_schema(mode="serialization")
    described = _field_docstrings()
    for name, part in [("Answer", schema), *schema["$defs"].items()]:
        part["additionalProperties"] = False
        # to_json leaves nothing out, not even what has its default.
        part["required"] = sorted(part["properties"])
        for field, facts in part["properties"].items():
            facts.pop("title", None)
            least, greatest = RANGES.get((name, field), (None, None))
            if least is not None:
                facts["minimum"] = least
            if greatest is not None:
                facts["maximum"] = greatest
            if (name, field) in described:
                facts["description"] = described[name, field]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _field_docstrings() -> dict[tuple[str, str], str]:
    """(Class, field) to the string that follows the field in the source."""
    found = {}
    for node in ast.parse(inspect.getsource(types)).body:
        if isinstance(node, ast.ClassDef):
            for field, below in zip(node.body, node.body[1:], strict=False):
                match field, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                        value=ast.Constant(value=str(text))
                    ):
                        found[node.name, name] = " ".join(text.split())
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(answer_schema(), indent=2) + "\n", "utf-8")
