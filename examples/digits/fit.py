#!/usr/bin/env python3
"""Trains one network for the digits as a run: parameters, a curve, a model, and a version of it.

What a training job of the portal runs; see greenroom/train.yaml. It runs without one as well: MLflow then logs
to this folder. train.py makes the two versions that lie in models/.

A job says where things are by variables, and each of them may be missing:

    GREENROOM_DATASET_HELD_OUT   folder with the rows that it is measured on; data/held-out.csv without
    GREENROOM_CHECKPOINTS        folder that it goes on from when it was stopped
    MLFLOW_RUN_ID, ...           the run that it logs to
    KUBEFLOW_TRAINER_SERVER_URL  where it tells how far it is
"""

import argparse
import hashlib
import json
import os
import pickle
import signal
import sys
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import mlflow
import numpy as np
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler

from train import FULL_INK, HEIGHT, LABELS, WIDTH, predict, schema, shifted, to_onnx

HERE = Path(__file__).resolve().parent
BATCH = 200
SECONDS_BETWEEN_REPORTS = 5
STOPPED = 128 + signal.SIGTERM


def find_rows(dataset: str, fallback: str) -> Path:
    """File of a dataset of the job, or of this folder."""
    folder = os.environ.get(f"GREENROOM_DATASET_{dataset}")
    return next(Path(folder).rglob("*.csv")) if folder else HERE / "data" / fallback


def read_rows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Pixels [n, 64] and digits [n]."""
    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    return rows[:, :-1], rows[:, -1].astype(int)


class Checkpoint:
    """The network after its last whole epoch, where a job keeps such files."""

    def __init__(self) -> None:
        folder = os.environ.get("GREENROOM_CHECKPOINTS")
        self.path = Path(folder) / "network.pickle" if folder else None

    def load(self) -> tuple[MLPClassifier | None, int]:
        if self.path is None or not self.path.exists():
            return None, 0
        # Only what this program has written itself lies there.
        kept = pickle.loads(self.path.read_bytes())
        return kept["network"], kept["epochs"]

    def save(self, network: MLPClassifier, epochs: int) -> None:
        if self.path is None:
            return
        # All of it or the one before: it may be killed while it writes.
        beside = self.path.with_suffix(".next")
        beside.write_bytes(pickle.dumps({"network": network, "epochs": epochs}))
        beside.replace(self.path)


class Progress:
    """Tells how far it is, in the words of Kubeflow Trainer, and not more often than it is looked at."""

    def __init__(self) -> None:
        self.url = os.environ.get("KUBEFLOW_TRAINER_SERVER_URL")
        self.token = os.environ.get("KUBEFLOW_TRAINER_SERVER_TOKEN")
        self.told = -float("inf")

    def tell(self, share: float, remaining: float, metrics: dict[str, float]) -> None:
        now = time.monotonic()
        if not self.url or not self.token or (now - self.told < SECONDS_BETWEEN_REPORTS and share < 1):
            return
        self.told = now
        status = {
            "progressPercentage": int(100 * share),
            "estimatedRemainingSeconds": int(remaining),
            "metrics": [{"name": name, "value": str(value)} for name, value in metrics.items()],
            "lastUpdatedTime": datetime.now(timezone.utc).isoformat(),
        }
        request = urllib.request.Request(
            self.url,
            data=json.dumps({"trainerStatus": status}).encode(),
            headers={
                "authorization": f"Bearer {Path(self.token).read_text().strip()}",
                "content-type": "application/json",
            },
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError as error:
            # Training does not end because nobody listens.
            print(f"progress was not told: {error}", file=sys.stderr)


def measure(exported: bytes, pixels: np.ndarray, digits: np.ndarray) -> tuple[dict[str, float], np.ndarray]:
    """Metrics of the exported file, and its label [n] of each row."""
    label, probabilities = predict(exported, pixels)
    metrics = {
        "accuracy": round(accuracy_score(digits, label), 6),
        "f1_macro": round(f1_score(digits, label, average="macro"), 6),
        "log_loss": round(log_loss(digits, np.clip(probabilities, 0, 1), labels=range(len(LABELS))), 6),
    }
    return metrics, label


def describe(path: Path, metrics: dict[str, float], label: np.ndarray) -> dict:
    """What the registry is to know besides the file: names of the features, how good it is, and rows to compare live ones with."""
    pixels, digits = read_rows(path)
    return {
        "description": "One hidden layer, trained by a job of the portal.",
        "schema": schema(pixels),
        "evaluation": {
            "dataset": {
                "name": "digits held-out",
                "digest": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
                "rows": len(digits),
            },
            "metrics": metrics,
            "primary": {"name": "accuracy", "higherIsBetter": True},
            "perRow": (label == digits).astype(int).tolist(),
        },
        "reference": {
            "features": pixels.astype(int).tolist(),
            "predictions": [LABELS[index] for index in label],
        },
    }


def train(asked: argparse.Namespace, held_out: tuple[np.ndarray, np.ndarray]) -> Pipeline:
    pixels, digits = read_rows(find_rows("TRAIN", "train.csv"))
    scale = MaxAbsScaler().fit(np.full((1, WIDTH * HEIGHT), FULL_INK))
    rows, labels = scale.transform(shifted(pixels)), np.tile(digits, 5)
    test_rows, test_labels = scale.transform(held_out[0]), held_out[1]
    checkpoint, progress = Checkpoint(), Progress()
    network, done = checkpoint.load()
    if network is None:
        network = MLPClassifier(
            (asked.units,),
            alpha=asked.alpha,
            learning_rate_init=asked.rate,
            batch_size=BATCH,
            random_state=asked.seed,
        )
    else:
        print(f"goes on after epoch {done}")
    asked_to_stop = []
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.append(True))
    began = time.monotonic()
    for epoch in range(done + 1, asked.epochs + 1):
        # Of the epoch alone, so that one that goes on sees the rows in the same order.
        order = np.random.default_rng([asked.seed, epoch]).permutation(len(rows))
        network.partial_fit(rows[order], labels[order], classes=range(len(LABELS)))
        metrics = {
            "train_loss": float(network.loss_),
            "held_out_accuracy": float(network.score(test_rows, test_labels)),
        }
        mlflow.log_metrics(metrics, step=epoch)
        print(f"epoch {epoch}: {metrics}")
        checkpoint.save(network, epoch)
        each = (time.monotonic() - began) / (epoch - done)
        progress.tell(epoch / asked.epochs, each * (asked.epochs - epoch), metrics)
        if asked_to_stop and epoch < asked.epochs:
            print(f"stopped after epoch {epoch}")
            sys.exit(STOPPED)
    return Pipeline([("scale", scale), ("classify", network)])


def register(model: str, run_id: str) -> str:
    """Once, also where an attempt was ended right after it had done so."""
    client = mlflow.MlflowClient()
    before = client.search_model_versions(f"run_id = '{run_id}'")
    made = next((one for one in before if one.name == model), None)
    made = made or client.create_model_version(model, f"runs:/{run_id}/model", run_id=run_id)
    return str(made.version)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--units", type=int, default=256, help="of the hidden layer")
    parser.add_argument("--rate", type=float, default=0.003, help="of learning")
    parser.add_argument("--alpha", type=float, default=0.1, help="how much large weights cost")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--register", metavar="MODEL", help="registered model that gets a version")
    asked = parser.parse_args()

    if "MLFLOW_RUN_ID" not in os.environ:
        mlflow.set_experiment("digits")
    with mlflow.start_run() as run:
        mlflow.log_params({name: value for name, value in vars(asked).items() if name != "register"})
        path = find_rows("HELD_OUT", "held-out.csv")
        held_out = read_rows(path)
        exported = to_onnx(train(asked, held_out), version=3)
        metrics, label = measure(exported, *held_out)
        mlflow.log_metrics(metrics)
        out = HERE / "build" / "model"
        out.mkdir(parents=True, exist_ok=True)
        (out / "digits.onnx").write_bytes(exported)
        (out / "greenroom.json").write_text(json.dumps(describe(path, metrics, label)))
        mlflow.log_artifacts(str(out), "model")
        print(f"measured on {len(held_out[1])} held-out rows: {metrics}, {len(exported)} bytes")
        if asked.register:
            version = register(asked.register, run.info.run_id)
            print(f"registered as version {version} of {asked.register}")


if __name__ == "__main__":
    main()
