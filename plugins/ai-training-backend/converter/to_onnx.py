"""Ways to say a model in ONNX, the plainest first."""

from dataclasses import dataclass
from typing import Iterator

import numpy as np
import onnx
import onnxmltools
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from onnxmltools.convert.common import data_types as tools_types
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from xgboost import XGBClassifier, XGBRegressor

from refusal import Refusal, first_line

# What the data plane's runtime and these converters all know.
OPSETS = {"": 18, "ai.onnx.ml": 3}
# Of the one tensor that all features are in.
ALL = "X"
PICKED = {"zipmap": [True, False, "columns"], "nocl": [True, False]}

for estimator in (XGBClassifier, LGBMClassifier):
    update_registered_converter(
        estimator,
        f"Greenroom{estimator.__name__}",
        calculate_linear_classifier_output_shapes,
        convert_xgboost if estimator is XGBClassifier else convert_lightgbm,
        options=PICKED,
    )
for estimator in (XGBRegressor, LGBMRegressor):
    update_registered_converter(
        estimator,
        f"Greenroom{estimator.__name__}",
        calculate_linear_regressor_output_shapes,
        convert_xgboost if estimator is XGBRegressor else convert_lightgbm,
        options=None if estimator is XGBRegressor else {"split": None},
    )


@dataclass(frozen=True)
class Inputs:
    """How rows are given to an ONNX file: all features in one tensor, or each in its own of the shape [rows, 1]."""

    numbers: str
    """float32 or float64: what numbers with a fraction are."""
    tensors: dict[str, np.ndarray]
    is_one: bool

    def types(self) -> list[tuple[str, object]]:
        return [(name, type_of(values)) for name, values in self.tensors.items()]

    def fed_to(self, model: onnx.ModelProto) -> dict[str, np.ndarray]:
        """By what the file calls its inputs: names of columns may be none that ONNX takes."""
        names = [value.name for value in model.graph.input]
        if len(names) != len(self.tensors):
            raise ValueError(f"the ONNX file has the inputs {', '.join(names)}, expected {', '.join(self.tensors)}")
        return dict(zip(names, self.tensors.values()))


def type_of(values: np.ndarray):
    shape = [None, values.shape[1]]
    kinds = {
        "float32": FloatTensorType,
        "float64": DoubleTensorType,
        "int64": Int64TensorType,
        "bool": BooleanTensorType,
    }
    return kinds.get(values.dtype.name, StringTensorType)(shape)


def ways_of(example: pd.DataFrame | np.ndarray) -> Iterator[Inputs]:
    if isinstance(example, np.ndarray):
        yield Inputs("float32", {ALL: example.astype(np.float32)}, True)
        yield Inputs("float64", {ALL: example.astype(np.float64)}, True)
        return
    is_numeric = all(pd.api.types.is_numeric_dtype(dtype) for dtype in example.dtypes)
    if is_numeric:
        values = example.to_numpy(dtype=np.float64, na_value=np.nan)
        yield Inputs("float32", {ALL: values.astype(np.float32)}, True)
    yield Inputs("float32", columns_of(example, np.float32, keeps_whole=True), False)
    yield Inputs("float32", columns_of(example, np.float32, keeps_whole=False), False)
    if is_numeric:
        yield Inputs("float64", {ALL: values}, True)
    yield Inputs("float64", columns_of(example, np.float64, keeps_whole=True), False)


def columns_of(example: pd.DataFrame, numbers: type, keeps_whole: bool) -> dict[str, np.ndarray]:
    return {str(name): column_of(example[name], numbers, keeps_whole) for name in example.columns}


def column_of(column: pd.Series, numbers: type, keeps_whole: bool) -> np.ndarray:
    """[rows, 1]"""
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) and keeps_whole:
        values = column.to_numpy(dtype=bool)
    elif pd.api.types.is_integer_dtype(kind) and keeps_whole and not column.hasnans:
        values = column.to_numpy(dtype=np.int64)
    elif pd.api.types.is_numeric_dtype(kind):
        values = column.to_numpy(dtype=numbers, na_value=np.nan)
    elif pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind):
        if not all(isinstance(value, str) for value in column):
            raise Refusal(
                f"the column '{column.name}' of its input example has values that are no texts, or missing ones, which "
                "ONNX has no word for: fill them before the pipeline, and log that"
            )
        values = column.to_numpy(dtype=object)
    else:
        raise Refusal(
            f"the column '{column.name}' of its input example is of the type {kind}, and ONNX takes numbers, texts and "
            "booleans: log the model with those"
        )
    return values.reshape(-1, 1)


def convert(model, inputs: Inputs) -> onnx.ModelProto:
    """Throws a Refusal where no other way would do, and anything else where another one may."""
    if type(model).__name__ == "Booster":
        return convert_booster(model, inputs)
    forget_names(model)
    try:
        return convert_sklearn(
            model,
            initial_types=inputs.types(),
            target_opset=OPSETS,
            # A tensor of what each class has, and not a map for each row.
            options={id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else None,
        )
    except (MissingConverter, MissingShapeCalculator) as error:
        raise Refusal(f"a part of it has no converter to ONNX: {first_line(error)}") from error


def convert_booster(model, inputs: Inputs) -> onnx.ModelProto:
    if not inputs.is_one or inputs.numbers != "float32":
        raise ValueError("a booster takes one tensor of float32")
    types = [(ALL, tools_types.FloatTensorType([None, inputs.tensors[ALL].shape[1]]))]
    if type(model).__module__.startswith("xgboost"):
        forget_names(model)
        converted = onnxmltools.convert_xgboost(model, initial_types=types, target_opset=15)
    else:
        converted = onnxmltools.convert_lightgbm(model, initial_types=types, target_opset=15, zipmap=False)
    # One row, says the converter of a booster's label, and means as many as there are.
    for output in converted.graph.output:
        output.type.tensor_type.shape.dim[0].Clear()
    return converted


def forget_names(model) -> None:
    """The converter reads names of features as places: f0, f1, and so on."""
    for part in parts_of(model):
        booster = part.get_booster() if hasattr(part, "get_booster") else part
        if type(booster).__name__ == "Booster" and hasattr(booster, "feature_names"):
            booster.feature_names = None
            booster.feature_types = None


def parts_of(model) -> list:
    steps = getattr(model, "steps", None)
    return [part for _, step in steps for part in parts_of(step)] if steps else [model]
