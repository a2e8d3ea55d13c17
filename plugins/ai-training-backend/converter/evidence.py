"""What is kept with the new version: how it was made, and what the model said of the rows."""

import json
import math

import numpy as np
import pandas as pd

from compare import ABSOLUTE, RELATIVE, Comparison, two_sided
from original import Answers
from to_onnx import ALL, Inputs

FILE = "greenroom-conversion.json"
# The platform reads files of twice as much.
MOST_CHARACTERS = 8 * 1024 * 1024


def evidence_of(*, example, inputs: Inputs, converted, original: Answers, comparison: Comparison) -> dict:
    schema = schema_of(example, inputs, converted, original, comparison)
    return {
        "numbers": inputs.numbers,
        "tolerance": {"relative": RELATIVE, "absolute": ABSOLUTE},
        "rows": len(example),
        "largestDifference": comparison.largest,
        **({"schema": schema, "example": rows_of(inputs, original, comparison)} if schema else {}),
    }


def text_of(evidence: dict) -> str:
    """Without the rows where they are too long, as with texts of many pages: they are not asked again then."""
    text = json.dumps(evidence, allow_nan=False)
    if len(text) <= MOST_CHARACTERS:
        return text
    return json.dumps({name: value for name, value in evidence.items() if name != "example"}, allow_nan=False)


def schema_of(example, inputs: Inputs, converted, original: Answers, comparison: Comparison) -> dict | None:
    """What the platform has to know to ask the file again; none where the answer is more than a label or a number."""
    features = features_of(example, inputs, converted)
    if len({feature["name"] for feature in features}) < len(features):
        return None
    scores = {"probabilityTensor": comparison.scores} if comparison.scores else {}
    if original.labels is not None or comparison.scores:
        return {
            "task": "classification",
            "features": features,
            "prediction": {"tensor": comparison.answer, **scores},
        }
    if original.numbers.shape[1] != 1:
        return None
    return {"task": "regression", "features": features, "prediction": {"tensor": comparison.answer}}


def features_of(example, inputs: Inputs, converted) -> list[dict]:
    if not inputs.is_one:
        tensors = inputs.fed_to(converted)
        return [{"name": name, "tensor": tensor, "index": 0} for name, tensor in zip(inputs.tensors, tensors)]
    is_frame = isinstance(example, pd.DataFrame)
    names = map(str, example.columns) if is_frame else (f"x{at}" for at in range(example.shape[1]))
    return [{"name": name, "tensor": ALL, "index": at} for at, name in enumerate(names)]


def rows_of(inputs: Inputs, original: Answers, comparison: Comparison) -> dict:
    """[rows][features] as the schema has them, and what the model, not the ONNX file, says of each."""
    columns = [values[:, at] for values in inputs.tensors.values() for at in range(values.shape[1])]
    scores = original.scores if original.labels is not None else two_sided(original.numbers)
    said = original.labels
    if said is None:
        said = scores.argmax(axis=1) if comparison.scores else original.numbers[:, 0]
    return {
        "rows": [[plain(value) for value in row] for row in zip(*columns)],
        "predictions": [plain(value) for value in said],
        **({"scores": [[plain(value) for value in row] for row in scores]} if comparison.scores else {}),
    }


def plain(value):
    """As JSON has it: nothing for a number that is missing, texts for what no double holds."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) <= 2**53 else str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number):
            return None
        return number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")
    return str(value)
