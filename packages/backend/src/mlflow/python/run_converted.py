"""Fetches versions that were converted, by MLflow's own client, and has them say something of rows that no conversion saw."""

import json
import sys
from pathlib import Path

import mlflow
import numpy as np
import onnxruntime


def differences(name: str, version: str, said: dict, folder: Path) -> dict:
    uri = mlflow.MlflowClient().get_model_version_download_uri(name, version)
    place = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder / version / name))
    session = onnxruntime.InferenceSession(str(Path(place) / "model.onnx"), providers=["CPUExecutionProvider"])
    kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64, "tensor(string)": object}
    wanted = session.get_inputs()
    given = {one.name: np.array(values, dtype=kinds[one.type]) for one, values in zip(wanted, said["inputs"].values())}
    outputs = session.run(None, given)
    numbers = np.asarray(outputs[-1])
    return {
        "labels": int((outputs[0] != np.array(said["labels"])).sum()) if "labels" in said else 0,
        "numbers": float(np.abs(numbers - np.array(said["numbers"])).max()),
        "rows": len(numbers),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    said = json.loads((folder / "said.json").read_text())
    made = json.loads(sys.argv[2])
    found = {name: differences(name, str(version), said[name], folder / "fetched") for name, version in made.items()}
    print(json.dumps(found))
