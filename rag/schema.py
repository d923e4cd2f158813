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
