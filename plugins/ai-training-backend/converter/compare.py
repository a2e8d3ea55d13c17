"""Whether an ONNX file says of the input example what the model says."""

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime

from original import Answers
from to_onnx import Inputs

# Beside each other: 1 and 1.0001 are equal, and 0 and 0.00001. Numbers of 32 bits differ by about 1e-7 of their size
# in each step of a calculation.
RELATIVE = 1e-4
ABSOLUTE = 1e-5


@dataclass(frozen=True)
class Comparison:
    problem: str | None
    """Why they are not equal, in a sentence."""
    largest: float
    """Difference of two numbers."""
    answer: str | None = None
    """Name of the output with the label or the number; that of the scores, where only they are told."""
    scores: str | None = None
    """Name of the output with what each class has, [rows, classes]."""


def run(model: onnx.ModelProto, inputs: Inputs) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs.fed_to(model))))


def compare(original: Answers, outputs: dict[str, np.ndarray]) -> Comparison:
    """Labels are the same, and numbers close by."""
    names = list(outputs)
    first = outputs[names[0]]
    second = names[1] if len(names) > 1 else None
    if original.labels is not None:
        wrong = np.flatnonzero([not same_label(a, b) for a, b in zip(original.labels, first.ravel())])
        if first.size != len(original.labels) or wrong.size > 0:
            rows = len(original.labels)
            return Comparison(f"its labels differ in {wrong.size} of {rows} rows", 0.0)
        if original.scores is None:
            return Comparison(None, 0.0, names[0])
        if second is None:
            return Comparison("the ONNX file says nothing of each class", 0.0)
        return close(original.scores, outputs[second], names[0], second)
    numbers = original.numbers
    if second is None or not is_score(outputs[second], numbers):
        return close(numbers, first, names[0], None)
    return close(two_sided(numbers), outputs[second], second, second)


def two_sided(numbers: np.ndarray) -> np.ndarray:
    """A booster says how probable one of two classes is, and the ONNX file says it of both."""
    return np.hstack([1 - numbers, numbers]) if numbers.shape[1] == 1 else numbers


def is_score(output: np.ndarray, numbers: np.ndarray) -> bool:
    """Whole numbers are classes, or clusters, and stand in the first output."""
    return output.ndim == 2 and numbers.dtype.kind == "f" and output.shape[1] == max(2, numbers.shape[1])


def close(expected: np.ndarray, told: np.ndarray, answer: str | None, scores: str | None) -> Comparison:
    told = np.asarray(told).reshape(len(told), -1)
    if told.shape != expected.shape:
        shapes = f"{list(told.shape)} where the model gives {list(expected.shape)}"
        return Comparison(f"the ONNX file gives numbers of the shape {shapes}", 0.0)
    expected, told = expected.astype(np.float64), told.astype(np.float64)
    equal = np.isclose(told, expected, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    differences = np.abs(told - expected)[np.isfinite(told - expected)]
    largest = float(differences.max()) if differences.size else 0.0
    rows = int((~equal).any(axis=1).sum())
    problem = None
    if rows > 0:
        problem = f"its numbers differ in {rows} of {len(expected)} rows, by up to {largest:.6g}"
    return Comparison(problem, largest, answer, scores)


def same_label(one, other) -> bool:
    """True is 1, and 1.0 is 1: ONNX has whole numbers and texts as labels."""
    if isinstance(one, str) or isinstance(other, str):
        return str(one) == str(other)
    return float(one) == float(other)
