"""``python -m eval.training.graph``: write the graphs of ``rag/engine.py``, ``rag/bert.onnx``
and ``rag/bert-int8.onnx``.

They name the weights and hold none. Operators of the domain ``com.microsoft`` are ONNX
Runtime's own fused ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

from rag.engine import EPSILON, HEADS, INNER, LAYERS, POSITIONS, WIDTH, WORDS

FOLDER = Path(__file__).parents[2] / "rag"

_FUSED = frozenset(
    (
        "EmbedLayerNormalization",
        "Attention",
        "MultiHeadAttention",
        "DynamicQuantizeMatMul",
        "BiasGelu",
    )
)


def build(int8: bool = False) -> bytes:
    """A graph, always the same bytes. With ``int8`` the matrix products are of whole numbers,
    for one text at a time."""
    nodes = []
    matrices: set[str] = set()
    sizes: dict[str, list[int]] = {
        "word": [WORDS, WIDTH],
        "position": [POSITIONS, WIDTH],
        "type": [2, WIDTH],
        "norm.weight": [WIDTH],
        "norm.bias": [WIDTH],
    }

    def add(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        outputs = [output, *attributes.pop("more", ())]
        domain = "com.microsoft" if kind in _FUSED else ""
        nodes.append(
            helper.make_node(kind, inputs, outputs, name=output, domain=domain, **attributes)
        )
        return output

    def weighted(name: str, rows: int, columns: int) -> tuple[str, str]:
        sizes[name + ".weight"], sizes[name + ".bias"] = [rows, columns], [columns]
        return name + ".weight", name + ".bias"

    def product(states: str, weight: str, output: str) -> str:
        if not int8:
            return add("MatMul", [states, weight], output)
        matrices.add(weight)
        scale = weight.removesuffix("weight") + "scale"
        sizes[scale] = sizes[weight][1:]
        # One scale for all would be as coarse as the greatest number of all makes it: in some
        # of the states it is thirty times what is usual. Here each token has its own.
        size = add("Abs", [states], output + ".abs")
        greatest = add("ReduceMax", [size, "last"], output + ".greatest", keepdims=1)
        level = add("Div", [states, greatest], output + ".level")
        scaled = add("DynamicQuantizeMatMul", [level, weight, scale], output + ".scaled")
        return add("Mul", [scaled, greatest], output)

    def normalised(product: str, bias: str, residual: str, norm: str, output: str) -> str:
        sizes[norm + ".weight"] = sizes[norm + ".bias"] = [WIDTH]
        biased = add("Add", [product, bias], output + ".biased")
        total = add("Add", [biased, residual], output + ".sum")
        return add(
            "LayerNormalization",
            [total, norm + ".weight", norm + ".bias"],
            output,
            axis=-1,
            epsilon=EPSILON,
        )

    states = add(
        "EmbedLayerNormalization",
        ["ids", "types", "word", "position", "type", "norm.weight", "norm.bias", "mask"],
        "embedded",
        more=["lengths"],
        epsilon=EPSILON,
    )
    if int8:
        add("Constant", [], "last", value_ints=[-1])
    for layer in range(LAYERS):
        at = f"{layer}."
        weight, bias = weighted(at + "qkv", WIDTH, 3 * WIDTH)
        if int8:
            asked = add("Add", [product(states, weight, at + "qkv"), bias], at + "qkv.biased")
            parts = [at + "query", at + "key", at + "value"]
            add("Split", [asked], parts[0], more=parts[1:], axis=-1, num_outputs=len(parts))
            mixed = add("MultiHeadAttention", parts, at + "mixed", num_heads=HEADS)
        else:
            inputs = [states, weight, bias, "lengths"]
            mixed = add("Attention", inputs, at + "mixed", num_heads=HEADS)
        weight, bias = weighted(at + "out", WIDTH, WIDTH)
        states = normalised(
            product(mixed, weight, at + "out"), bias, states, at + "norm1", at + "middle"
        )
        weight, bias = weighted(at + "up", WIDTH, INNER)
        inner = add("BiasGelu", [product(states, weight, at + "up"), bias], at + "gelu")
        weight, bias = weighted(at + "down", INNER, WIDTH)
        states = normalised(
            product(inner, weight, at + "down"), bias, states, at + "norm2", at + "states"
        )
    add("Identity", [states], "result")
    weights = []
    for name, size in sizes.items():
        kind = TensorProto.INT8 if name in matrices else TensorProto.FLOAT
        tensor = TensorProto(name=name, dims=size, data_type=kind)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="weights")  # given in memory instead
        weights.append(tensor)
    graph = helper.make_graph(
        nodes,
        "bert",
        [
            helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"])
            for name in ("ids", "types", "mask")
        ],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, ["texts", "tokens", WIDTH])],
        weights,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="sayso")
    found: bytes = model.SerializeToString(deterministic=True)
    return found


if __name__ == "__main__":
    for int8, name in ((False, "bert.onnx"), (True, "bert-int8.onnx")):
        (FOLDER / name).write_bytes(build(int8))
        print(f"Written to {name}.")
