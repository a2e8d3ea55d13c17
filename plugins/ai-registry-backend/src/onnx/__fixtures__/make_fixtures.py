"""Writes the ONNX files of this folder with the libraries that people export models with.

    pip install onnx==1.23.2 skl2onnx==1.20.0 scikit-learn
    python make_fixtures.py
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

FOLDER = Path(__file__).parent


def save(name: str, model: onnx.ModelProto) -> None:
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


def model_of(graph: onnx.GraphProto, **options) -> onnx.ModelProto:
    return helper.make_model(
        graph,
        producer_name="make_fixtures",
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=options.get("ir_version", 9),
    )


rows = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]], dtype=np.float32)
classifier = LogisticRegression().fit(rows, ["no", "yes", "yes", "no"])
save("classifier", to_onnx(classifier, rows[:1], options={"zipmap": False}))
save("zipmap", to_onnx(classifier, rows[:1]))

linear_nodes = [
    helper.make_node("MatMul", ["x", "w"], ["xw"]),
    helper.make_node("Add", ["xw", "b"], ["y"]),
]
weights = [
    numpy_helper.from_array(np.ones((3, 2), dtype=np.float32), "w"),
    numpy_helper.from_array(np.zeros(2, dtype=np.float32), "b"),
]
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 2])
save(
    "weights-among-inputs",
    model_of(
        helper.make_graph(
            linear_nodes,
            "linear",
            [
                x,
                helper.make_tensor_value_info("w", TensorProto.FLOAT, [3, 2]),
                helper.make_tensor_value_info("b", TensorProto.FLOAT, [2]),
            ],
            [y],
            weights,
        ),
        ir_version=3,
    ),
)

outside = onnx.TensorProto()
outside.CopyFrom(weights[0])
onnx.external_data_helper.set_external_data(outside, "weights.bin")
outside.ClearField("raw_data")
save(
    "external-weights",
    model_of(
        helper.make_graph(linear_nodes, "linear", [x], [y], [outside, weights[1]])
    ),
)

# Weights outside where no list of weights shows them: in a constant of a branch.
hidden = onnx.TensorProto()
hidden.CopyFrom(numpy_helper.from_array(np.zeros(2, dtype=np.float32), "hidden"))
onnx.external_data_helper.set_external_data(
    hidden, "sub/hidden.bin", offset=64, length=8
)
hidden.ClearField("raw_data")
branch = helper.make_graph(
    [helper.make_node("Constant", [], ["chosen"], value=hidden)],
    "branch",
    [],
    [helper.make_tensor_value_info("chosen", TensorProto.FLOAT, [2])],
)
save(
    "hidden-external-weights",
    model_of(
        helper.make_graph(
            [
                helper.make_node(
                    "If", ["always"], ["y"], then_branch=branch, else_branch=branch
                )
            ],
            "hidden",
            [helper.make_tensor_value_info("always", TensorProto.BOOL, [])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
        )
    ),
)

identity = [helper.make_node("Identity", ["x"], ["y"])]
for name, element_type, shape in [
    ("bfloat16", TensorProto.BFLOAT16, [1]),
    ("no-shape", TensorProto.FLOAT, None),
    ("text", TensorProto.STRING, [None, 4]),
]:
    save(
        name,
        model_of(
            helper.make_graph(
                identity,
                name,
                [helper.make_tensor_value_info("x", element_type, shape)],
                [helper.make_tensor_value_info("y", element_type, shape)],
            )
        ),
    )
