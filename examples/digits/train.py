#!/usr/bin/env python3
"""Trains the two versions of the digits model and writes what the registry takes.

Reads nothing but the data set that scikit-learn carries. Writes, next to this file:

    data/train.csv, data/held-out.csv   the split: 64 pixels (0 to 16) and the digit
    models/v1.onnx, models/v2.onnx      pixels FP32 [-1, 64] -> label INT64 [-1],
                                        probabilities FP32 [-1, 10]
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
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler

HERE = Path(__file__).resolve().parent
WIDTH = HEIGHT = 8
FULL_INK = 16
LABELS = [str(digit) for digit in range(10)]
# Half of the rows are held out: the demo replays them as traffic, and a
# difference of one or two points needs that many rows to be told from chance.
HELD_OUT_SHARE = 0.5


def shifted(images: np.ndarray) -> np.ndarray:
    """Adds copies moved by one pixel left, right, up and down: [n, 64] -> [5n, 64]."""
    grid = images.reshape(-1, HEIGHT, WIDTH)
    padded = np.pad(grid, ((0, 0), (1, 1), (1, 1)))
    offsets = [(1, 1), (1, 0), (1, 2), (0, 1), (2, 1)]
    moved = [padded[:, y : y + HEIGHT, x : x + WIDTH] for y, x in offsets]
    return np.concatenate(moved).reshape(-1, WIDTH * HEIGHT)


def train(version: int, pixels: np.ndarray, digits: np.ndarray, seed: int) -> Pipeline:
    """Version 1 is a linear model; version 2 a network that also saw shifted digits."""
    # One scale for all pixels: a scale per pixel would blow up the noise of
    # pixels that are nearly always empty.
    scale = MaxAbsScaler().fit(np.full((1, WIDTH * HEIGHT), FULL_INK))
    if version == 1:
        classifier = LogisticRegression(max_iter=2000, random_state=seed)
    else:
        classifier = MLPClassifier((256,), alpha=0.1, max_iter=300, random_state=seed)
        pixels, digits = shifted(pixels), np.tile(digits, 5)
    classifier.fit(scale.transform(pixels), digits)
    return Pipeline([("scale", scale), ("classify", classifier)])


def to_onnx(pipeline: Pipeline, version: int) -> bytes:
    model = convert_sklearn(
        pipeline,
        name=f"digits-v{version}",
        initial_types=[("pixels", FloatTensorType([None, WIDTH * HEIGHT]))],
        final_types=[
            ("label", Int64TensorType([None])),
            ("probabilities", FloatTensorType([None, len(LABELS)])),
        ],
        options={"zipmap": False},
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    return model.SerializeToString()


def predict(model: bytes, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Answers of the exported file: labels [n] and probabilities [n, 10]."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(
        ["label", "probabilities"], {"pixels": pixels.astype(np.float32)}
    )
    return label, probabilities


def write_csv(path: Path, pixels: np.ndarray, digits: np.ndarray) -> str:
    """Writes one row an image and returns the file's content address."""
    columns = [f"pixel_{index:02}" for index in range(WIDTH * HEIGHT)] + ["digit"]
    rows = np.column_stack([pixels, digits]).astype(int).tolist()
    lines = [",".join(map(str, row)) for row in [columns, *rows]]
    content = ("\n".join(lines) + "\n").encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def schema(pixels: np.ndarray) -> dict:
    return {
        "task": "classification",
        "features": [
            {
                "name": f"pixel_{index:02}",
                "tensor": "pixels",
                "index": index,
                "description": f"Ink in row {index // WIDTH + 1}, column {index % WIDTH + 1}",
                "range": [float(pixels[:, index].min()), float(pixels[:, index].max())],
            }
            for index in range(WIDTH * HEIGHT)
        ],
        "image": {
            "tensor": "pixels",
            "width": WIDTH,
            "height": HEIGHT,
            "maxValue": FULL_INK,
        },
        "prediction": {
            "tensor": "label",
            "labels": LABELS,
            "probabilityTensor": "probabilities",
        },
    }


def write_json(path: Path, body: dict) -> None:
    """One line a member, so that a diff shows what changed."""
    members = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in body.items()]
    path.write_text("{\n" + ",\n".join(members) + "\n}\n")


def results_table(evaluations: list[dict], seed: int) -> str:
    names = list(evaluations[0]["metrics"])
    rows = [["metric", "version 1", "version 2"]]
    for name in names:
        rows.append([name, *(f"{e['metrics'][name]:.4f}" for e in evaluations)])
    gain = np.subtract(evaluations[1]["perRow"], evaluations[0]["perRow"])
    interval = bootstrap((gain,), np.mean, n_resamples=2000, rng=seed).confidence_interval
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    count = evaluations[0]["dataset"]["rows"]
    note = (
        f"Measured on {count} held-out rows. Version 2 gains {100 * gain.mean():.1f} points of\n"
        f"accuracy, 95 % confidence interval {100 * interval.low:.1f} to {100 * interval.high:.1f} points "
        "(paired bootstrap, BCa)."
    )
    return "\n".join(lines) + "\n\n" + note


def update_readme(table: str) -> None:
    path = HERE / "README.md"
    start, end = "<!-- results: written by train.py -->", "<!-- end of results -->"
    before, rest = path.read_text().split(start)
    after = rest.split(end)[1]
    path.write_text(f"{before}{start}\n\n{table}\n\n{end}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7, help="of the split and the training")
    seed = parser.parse_args().seed

    pixels, digits = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        pixels, digits, test_size=HELD_OUT_SHARE, random_state=seed, stratify=digits
    )
    write_csv(HERE / "data" / "train.csv", train_x, train_y)
    held_out_digest = write_csv(HERE / "data" / "held-out.csv", test_x, test_y)
    (HERE / "models").mkdir(exist_ok=True)

    descriptions = {
        1: ("logistic-regression", "Logistic regression on the 64 pixels."),
        2: (
            "multilayer-perceptron",
            "One hidden layer of 256 units, trained on the digits and on copies shifted by one pixel.",
        ),
    }
    evaluations = []
    for version, (algorithm, description) in descriptions.items():
        model = to_onnx(train(version, train_x, train_y, seed), version)
        label, probabilities = predict(model, test_x)
        evaluation = {
            "dataset": {"name": "digits held-out", "digest": held_out_digest, "rows": len(test_y)},
            "metrics": {
                "accuracy": round(accuracy_score(test_y, label), 6),
                "f1_macro": round(f1_score(test_y, label, average="macro"), 6),
                "log_loss": round(log_loss(test_y, probabilities), 6),
            },
            "primary": {"name": "accuracy", "higherIsBetter": True},
            "perRow": (label == test_y).astype(int).tolist(),
        }
        evaluations.append(evaluation)
        (HERE / "models" / f"v{version}.onnx").write_bytes(model)
        write_json(
            HERE / "models" / f"v{version}.json",
            {
                "description": description,
                "tags": {"algorithm": algorithm, "framework": f"scikit-learn {sklearn.__version__}"},
                "source": {"path": "examples/digits/train.py"},
                "schema": schema(train_x),
                "evaluation": evaluation,
                # Held-out rows: answers on training rows are surer than live ones will be.
                "reference": {
                    "features": test_x.astype(int).tolist(),
                    "predictions": [LABELS[index] for index in label],
                },
            },
        )
        print(f"version {version}: {evaluation['metrics']}, {len(model)} bytes")
    update_readme(results_table(evaluations, seed))


if __name__ == "__main__":
    main()
