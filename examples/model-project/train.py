#!/usr/bin/env python3
"""Trains ${{ values.name }}, logs the run to the portal, and writes what is registered.

Writes to build/:

    model.onnx   features FP32 [-1, number of features] -> label INT64 [-1],
                 probabilities FP32 [-1, number of classes]
    model.json   what the registry is told of the version: schema, evaluation, reference rows, run

Every number in it comes from the exported file, run on rows that training has not seen.
Without MLFLOW_TRACKING_URI, MLflow logs to this folder.
"""

import argparse
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import onnxruntime
import sklearn
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split

MODEL = "${{ values.name }}"
HERE = Path(__file__).resolve().parent


@dataclass
class Data:
    rows: np.ndarray
    """FP32 [n, features]"""
    classes: np.ndarray
    """INT64 [n], indices of labels"""
    features: list[str]
    labels: list[str]


def load_data() -> Data:
    """The rows to learn from: put your own in the place of this example."""
    iris = load_iris()
    return Data(
        rows=iris.data.astype(np.float32),
        classes=iris.target.astype(np.int64),
        features=[name.removesuffix(" (cm)").replace(" ", "_") for name in iris.feature_names],
        labels=[str(name) for name in iris.target_names],
    )


def train(rows: np.ndarray, classes: np.ndarray, params: dict) -> RandomForestClassifier:
    # Nothing is scaled before: a tree needs it not, and what is rounded otherwise in FP32 than in
    # FP64 may fall on the other side of a split.
    return RandomForestClassifier(**params).fit(rows, classes)


def to_onnx(model: RandomForestClassifier, data: Data) -> bytes:
    exported = convert_sklearn(
        model,
        name=MODEL,
        initial_types=[("features", FloatTensorType([None, len(data.features)]))],
        final_types=[
            ("label", Int64TensorType([None])),
            ("probabilities", FloatTensorType([None, len(data.labels)])),
        ],
        options={"zipmap": False},
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    return exported.SerializeToString()


def predict(exported: bytes, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Answers of the exported file: labels [n] and probabilities [n, classes]."""
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], {"features": rows})
    return label, probabilities


def digest_of(rows: np.ndarray, classes: np.ndarray) -> str:
    """Versions are compared row by row where it is equal."""
    content = rows.astype("<f4").tobytes() + classes.astype("<i8").tobytes()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def describe(exported: bytes, data: Data, rows: np.ndarray, classes: np.ndarray) -> dict:
    """What the registry is told of the version, measured on rows that training has not seen."""
    label, probabilities = predict(exported, rows)
    # Sums of FP32 may be a hair above 1.
    probabilities = np.clip(probabilities, 0, 1)
    every = list(range(len(data.labels)))
    return {
        "tags": {"framework": f"scikit-learn {sklearn.__version__}"},
        "schema": {
            "task": "classification",
            "features": [
                {
                    "name": name,
                    "tensor": "features",
                    "index": index,
                    "range": [float(data.rows[:, index].min()), float(data.rows[:, index].max())],
                }
                for index, name in enumerate(data.features)
            ],
            "prediction": {
                "tensor": "label",
                "labels": data.labels,
                "probabilityTensor": "probabilities",
            },
        },
        "evaluation": {
            "dataset": {
                "name": f"{MODEL} held-out",
                "digest": digest_of(rows, classes),
                "rows": len(classes),
            },
            "metrics": {
                "accuracy": float(accuracy_score(classes, label)),
                "f1_macro": float(f1_score(classes, label, average="macro")),
                "log_loss": float(log_loss(classes, probabilities, labels=every)),
            },
            "primary": {"name": "accuracy", "higherIsBetter": True},
            "perRow": (label == classes).astype(int).tolist(),
        },
        # At most 1,000 are kept: live traffic is compared with them.
        "reference": {
            "features": rows[:1000].astype(float).tolist(),
            "predictions": [data.labels[index] for index in label[:1000]],
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trees", type=int, default=100, help="of the forest")
    parser.add_argument("--depth", type=int, default=5, help="of each tree")
    parser.add_argument("--seed", type=int, default=7, help="of the split and the training")
    parser.add_argument("--out", type=Path, default=HERE / "build")
    asked = parser.parse_args()

    data = load_data()
    train_rows, test_rows, train_classes, test_classes = train_test_split(
        data.rows, data.classes, test_size=0.3, random_state=asked.seed, stratify=data.classes
    )
    params = {
        "n_estimators": asked.trees,
        "max_depth": asked.depth,
        "random_state": asked.seed,
    }
    # A training job of the portal has its run already.
    if "MLFLOW_RUN_ID" not in os.environ:
        mlflow.set_experiment(MODEL)
    with mlflow.start_run() as run:
        mlflow.log_params(params)
        model = train(train_rows, train_classes, params)
        exported = to_onnx(model, data)
        details = describe(exported, data, test_rows, test_classes)
        details["source"] = {"path": "train.py", "run": run.info.run_id}
        mlflow.log_metrics(details["evaluation"]["metrics"])
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "model.onnx").write_bytes(exported)
        (asked.out / "model.json").write_text(json.dumps(details, indent=2) + "\n")
        mlflow.log_artifacts(str(asked.out), "model")
    print(f"{MODEL}: {details['evaluation']['metrics']}, {len(exported)} bytes")


if __name__ == "__main__":
    main()
