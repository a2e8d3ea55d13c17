"""What the model itself says of its input example."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from refusal import Refusal, first_line


@dataclass(frozen=True)
class Answers:
    """
    Either side of a comparison.

    labels: [rows], of a classifier; numbers: [rows, outputs], of everything else; scores: [rows, classes].
    """

    labels: np.ndarray | None = None
    numbers: np.ndarray | None = None
    scores: np.ndarray | None = None


def answers_of(model, example: pd.DataFrame | np.ndarray) -> Answers:
    try:
        return ask(model, example)
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(
            f"it does not take its own input example ({type(error).__name__}: {first_line(error)}): log it again with "
            "rows as it was trained with"
        ) from error


def ask(model, example: pd.DataFrame | np.ndarray) -> Answers:
    kind = type(model).__module__.split(".")[0]
    if type(model).__name__ == "Booster":
        return booster_answers(np.asarray(predict_booster(model, kind, example)))
    if not hasattr(model, "predict"):
        raise Refusal(f"a {type(model).__name__} predicts nothing: log the whole pipeline, with the model at its end")
    said = np.asarray(model.predict(example))
    if not is_classifier(model):
        return Answers(numbers=as_table(said))
    if said.ndim != 1:
        raise Refusal("it gives several labels for each row, which have no converter here: log one model for each")
    scores = np.asarray(model.predict_proba(example)) if hasattr(model, "predict_proba") else None
    return Answers(labels=said, scores=scores)


def predict_booster(model, kind: str, example):
    if kind == "xgboost":
        import xgboost

        return model.predict(xgboost.DMatrix(example))
    return model.predict(example)


def booster_answers(said: np.ndarray) -> Answers:
    """One number for each row, or one of each class: what they mean, only its objective says."""
    return Answers(numbers=as_table(said))


def as_table(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "biuf":
        raise Refusal("it predicts something other than numbers and labels, which cannot be compared")
    return values.reshape(len(values), -1)
