#!/usr/bin/env python3
"""Trains the two versions of the diabetes model and writes what the registry takes.

Reads nothing but the data set that scikit-learn carries, in its original units.
Writes, next to this file:

    data/train.csv, data/held-out.csv   the split: ten features and the progression
    models/v1.onnx, models/v2.onnx      features FP32 [-1, 10] -> estimate FP32 [-1, 1]
    models/v1.json, models/v2.json      the rest of the request that registers the version
    README.md                           the results table between its two markers

Every number comes from the exported ONNX file, run on the held-out rows.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import sklearn
from scipy.stats import bootstrap
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
# Half of the rows are held out: the demo replays them as traffic, and with few
# patients the difference of two models is hard to tell from chance.
HELD_OUT_SHARE = 0.5

# Name, unit and meaning, in the order of the data set's columns. README.md says
# which units are stated by the source and which are read off the values.
FEATURES = [
    ("age", "years", "Age"),
    ("sex", None, "Sex as coded by the study: 1 or 2"),
    ("body_mass_index", "kg/m²", "Body mass index"),
    ("blood_pressure", "mmHg", "Average blood pressure"),
    ("total_cholesterol", "mg/dL", "Total serum cholesterol"),
    ("ldl", "mg/dL", "Low-density lipoproteins"),
    ("hdl", "mg/dL", "High-density lipoproteins"),
    ("cholesterol_ratio", None, "Total cholesterol divided by HDL"),
    ("log_triglycerides", None, "Natural logarithm of the serum triglycerides"),
    ("blood_sugar", "mg/dL", "Blood sugar"),
]
# What a practice knows without a blood sample.
EXAMINATION = [0, 1, 2, 3]


def train(version: int, features: np.ndarray, progression: np.ndarray) -> Pipeline:
    """Version 1 uses the four examination features; version 2 adds the blood sample."""
    columns = EXAMINATION if version == 1 else list(range(len(FEATURES)))
    pipeline = Pipeline(
        [
            ("scale", ColumnTransformer([("used", StandardScaler(), columns)])),
            ("estimate", Ridge(alpha=1.0)),
        ]
    )
    return pipeline.fit(features, progression)


def to_onnx(pipeline: Pipeline, version: int) -> bytes:
    model = convert_sklearn(
        pipeline,
        name=f"diabetes-v{version}",
        initial_types=[("features", FloatTensorType([None, len(FEATURES)]))],
        final_types=[("estimate", FloatTensorType([None, 1]))],
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    return model.SerializeToString()


def predict(model: bytes, features: np.ndarray) -> np.ndarray:
    """Answers of the exported file: estimates [n]."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (estimate,) = session.run(["estimate"], {"features": features.astype(np.float32)})
    return estimate[:, 0].astype(float)


def write_csv(path: Path, features: np.ndarray, progression: np.ndarray) -> str:
    """Writes one row a patient and returns the file's content address."""
    lines = [",".join([*(name for name, _, _ in FEATURES), "progression"])]
    for row in np.column_stack([features, progression]).tolist():
        lines.append(",".join(f"{value:g}" for value in row))
    content = ("\n".join(lines) + "\n").encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def schema(features: np.ndarray) -> dict:
    specs = []
    for index, (name, unit, description) in enumerate(FEATURES):
        column = features[:, index]
        spec = {"name": name, "tensor": "features", "index": index, "description": description}
        if unit is not None:
            spec["unit"] = unit
        specs.append({**spec, "range": [float(column.min()), float(column.max())]})
    return {"task": "regression", "features": specs, "prediction": {"tensor": "estimate"}}


def write_json(path: Path, body: dict) -> None:
    """One line a member, so that a diff shows what changed."""
    members = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in body.items()
    ]
    path.write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")


def results_table(evaluations: list[dict], seed: int) -> str:
    rows = [["metric", "version 1", "version 2"]]
    for name in evaluations[0]["metrics"]:
        rows.append([name, *(f"{e['metrics'][name]:.3f}" for e in evaluations)])
    gain = np.subtract(evaluations[0]["perRow"], evaluations[1]["perRow"])
    interval = bootstrap((gain,), np.mean, n_resamples=2000, rng=seed).confidence_interval
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    count = evaluations[0]["dataset"]["rows"]
    note = (
        f"Measured on {count} held-out rows. Version 2 is closer by {gain.mean():.1f} points on\n"
        f"average, 95 % confidence interval {interval.low:.1f} to {interval.high:.1f} points "
        "(paired bootstrap, BCa)."
    )
    return "\n".join(lines) + "\n\n" + note


def update_readme(table: str) -> None:
    path = HERE / "README.md"
    start, end = "<!-- results: written by train.py -->", "<!-- end of results -->"
    before, rest = path.read_text(encoding="utf-8").split(start)
    after = rest.split(end)[1]
    path.write_text(f"{before}{start}\n\n{table}\n\n{end}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7, help="of the split")
    seed = parser.parse_args().seed

    features, progression = load_diabetes(return_X_y=True, scaled=False)
    train_x, test_x, train_y, test_y = train_test_split(
        features, progression, test_size=HELD_OUT_SHARE, random_state=seed
    )
    write_csv(HERE / "data" / "train.csv", train_x, train_y)
    held_out_digest = write_csv(HERE / "data" / "held-out.csv", test_x, test_y)
    (HERE / "models").mkdir(exist_ok=True)

    descriptions = {
        1: "Ridge regression on what a practice knows without a blood sample: age, sex, body mass index and blood pressure.",
        2: "Ridge regression on all ten features, with the six values of the blood sample.",
    }
    evaluations = []
    for version, description in descriptions.items():
        model = to_onnx(train(version, train_x, train_y), version)
        estimate = predict(model, test_x)
        evaluation = {
            "dataset": {"name": "diabetes held-out", "digest": held_out_digest, "rows": len(test_y)},
            "metrics": {
                "mean_absolute_error": round(mean_absolute_error(test_y, estimate), 6),
                "root_mean_squared_error": round(root_mean_squared_error(test_y, estimate), 6),
                "r2": round(r2_score(test_y, estimate), 6),
            },
            "primary": {"name": "mean_absolute_error", "higherIsBetter": False},
            "perRow": np.abs(estimate - test_y).round(4).tolist(),
        }
        evaluations.append(evaluation)
        (HERE / "models" / f"v{version}.onnx").write_bytes(model)
        write_json(
            HERE / "models" / f"v{version}.json",
            {
                "description": description,
                "tags": {"algorithm": "ridge-regression", "framework": f"scikit-learn {sklearn.__version__}"},
                "source": {"path": "examples/diabetes/train.py"},
                "schema": schema(train_x),
                "evaluation": evaluation,
                # Held-out rows: answers on training rows are closer than live ones will be.
                "reference": {
                    "features": test_x.tolist(),
                    "predictions": estimate.round(4).tolist(),
                },
            },
        )
        print(f"version {version}: {evaluation['metrics']}, {len(model)} bytes")
    update_readme(results_table(evaluations, seed))


if __name__ == "__main__":
    main()
