"""The word-level CRF's emissions as an ONNX graph, written operator by operator from the tagger's weights (§3.1).

units (W, L), lengths (W,) → Gather → BiLSTMs over the units of each word → their final states → BiLSTMs over the words
→ linear → emissions (W, K), for one sentence of W words

ONNX's LSTM takes sequences with lengths, as `polyner.models.lstm` does: nothing behind a word's end counts, and the
backward direction begins there. The CRF is not in the graph: Viterbi and marginals are a few lines in any language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from polyner.errors import NotAvailable
from polyner.export.rounding import in_eight_bits, rounded

if TYPE_CHECKING:
    from onnx import ModelProto

    from polyner.models.word_crf import WordCRF

OPSET, IR_VERSION = 17, 8  # of 2022: every runtime in use reads them
_FLOAT = 1  # onnx.TensorProto.FLOAT
# PyTorch's rows are those of the input, forget, cell and output gates; ONNX's input, output, forget, cell.
_GATES = (0, 3, 1, 2)


def emissions_graph(tagger: WordCRF) -> ModelProto:
    """The ONNX model of a tagger, with 8-bit weights.

    Inputs: `units` int32 (W, L), each word's units padded with 0; `lengths` int32 (W,). Output: `emissions` float32
    (W, K). Raises NotAvailable where the library `onnx` is not installed.
    """
    try:
        import onnx
    except ModuleNotFoundError:
        raise NotAvailable("the export needs onnx: pip install 'polyner[book]'") from None
    graph = _Graph({name: tensor.detach().cpu().float().numpy() for name, tensor in tagger.state_dict().items()})
    vectors = _word_vectors(graph, tagger)
    states = _sentence_states(graph, tagger, vectors)
    weight = graph.constant("to_tags.weight", graph.weights["to_tags.weight"].T)
    graph.node("Add", [graph.node("MatMul", [states, weight]), graph.weight("to_tags.bias")], output="emissions")
    helper, kind = onnx.helper, onnx.TensorProto
    inputs = [
        helper.make_tensor_value_info("units", kind.INT32, ["words", "longest"]),
        helper.make_tensor_value_info("lengths", kind.INT32, ["words"]),
    ]
    outputs = [helper.make_tensor_value_info("emissions", kind.FLOAT, ["words", len(tagger.tags)])]
    model = helper.make_model(
        helper.make_graph(graph.nodes, tagger.name, inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="polyner",
    )
    onnx.checker.check_model(model)
    return model


def _word_vectors(graph: _Graph, tagger: WordCRF) -> str:
    """(W, D): the final states of every layer and direction, or of the last layer's directions only."""
    across = graph.node("Transpose", ["units"], perm=[1, 0])
    data = graph.node("Gather", [graph.weight("embedding.weight"), across])  # (L, W, E)
    finals = []
    for layer in range(tagger.config.unit_layers):
        states, final = graph.lstm("unit_encoder", layer, tagger.config.unit_hidden_size, data, "lengths")
        data = graph.joined(states)
        finals.append(graph.reshaped(graph.node("Transpose", [final], perm=[1, 0, 2]), [0, -1]))  # (W, 2H)
    used = finals[-tagger.layers_used :]
    return graph.node("Concat", used, axis=1)


def _sentence_states(graph: _Graph, tagger: WordCRF, vectors: str) -> str:
    """(W, 2H): the states of the last BiLSTM over the words of the one sentence."""
    data = graph.node("Unsqueeze", [vectors, graph.constant("one", np.array([1], dtype=np.int64))])  # (W, 1, D)
    for layer in range(tagger.config.sentence_layers):
        states, _ = graph.lstm("sentence_encoder", layer, tagger.config.sentence_hidden_size, data)
        data = graph.joined(states)
    return graph.node("Squeeze", [data, "one"])


class _Graph:
    """Nodes and constants of a graph under construction. `weights` are the tagger's, by name."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._names: set[str] = set()

    def constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        if name not in self._names:
            self._names.add(name)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str = "", outputs: int = 1, **attributes: Any) -> Any:
        """Add an operator. Returns the name of its output, or the names where there are several."""
        from onnx import helper

        name = f"{kind}-{len(self.nodes)}"
        names = [output or f"{name}-{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name, **attributes))
        return names[0] if outputs == 1 else names

    def weight(self, name: str) -> str:
        """A parameter as it is, or out of its eight bits."""
        if not in_eight_bits(name):
            return self.constant(name, self.weights[name])
        return self._from_eight_bits(name, self.weights[name])

    def _from_eight_bits(self, name: str, matrix: np.ndarray, shape: Sequence[int] = ()) -> str:
        # A cast and a product, which runtimes compute once when they load the model, rather than at every sentence.
        values, scales = rounded(matrix)
        shape = shape or values.shape
        parts = values.reshape(shape), scales.reshape(*shape[:-1], 1)
        integers, scale = (self.constant(f"{name}-{number}", part) for number, part in enumerate(parts))
        return self.node("Mul", [self.node("Cast", [integers], to=_FLOAT), scale])

    def lstm(self, encoder: str, layer: int, size: int, data: str, lengths: str = "") -> tuple[str, str]:
        """One bidirectional layer over `data` (T, N, D): states (T, 2, N, H) and final states (2, N, H)."""

        def both(name: str) -> np.ndarray:
            directions = (self.weights[f"{encoder}.{name}_l{layer}{end}"] for end in ("", "_reverse"))
            gates = (direction.reshape(4, size, -1)[list(_GATES)] for direction in directions)
            return np.stack([part.reshape(4 * size, -1) for part in gates])  # (2, 4H, D)

        matrices = []
        for name in ("weight_ih", "weight_hh"):
            matrix = both(name)
            flat = matrix.reshape(-1, matrix.shape[-1])
            matrices.append(self._from_eight_bits(f"{encoder}.{name}_l{layer}", flat, matrix.shape))
        biases = np.concatenate([both("bias_ih")[..., 0], both("bias_hh")[..., 0]], axis=1)  # (2, 8H)
        bias = self.constant(f"{encoder}.bias_l{layer}", biases)
        inputs = [data, *matrices, bias, *([lengths] if lengths else [])]
        states, final = self.node("LSTM", inputs, outputs=2, hidden_size=size, direction="bidirectional")
        return states, final

    def joined(self, states: str) -> str:
        """The states (T, 2, N, H) of both directions side by side: (T, N, 2H)."""
        return self.reshaped(self.node("Transpose", [states], perm=[0, 2, 1, 3]), [0, 0, -1])

    def reshaped(self, data: str, shape: Sequence[int]) -> str:
        """`data` in another shape: 0 keeps a dimension, −1 takes what is left."""
        name = "shape-" + "-".join(map(str, shape))
        return self.node("Reshape", [data, self.constant(name, np.array(shape, dtype=np.int64))])
