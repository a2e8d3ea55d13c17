"""Serves the models in MODELS with MLServer: no parallel workers, which cost it more than they bring for small models."""
import json
import os
import pathlib
import sys
import tempfile

from mlserver.cli.main import main

HERE = str(pathlib.Path(__file__).parent)
sys.path.insert(0, HERE)
folder = pathlib.Path(tempfile.mkdtemp(dir=os.environ["FOLDER"]))
port = int(os.environ["PORT"])
(folder / "settings.json").write_text(
    json.dumps(
        {
            "host": "127.0.0.1",
            "http_port": port,
            "grpc_port": int(os.environ["GRPC_PORT"]),
            "metrics_port": int(os.environ["METRICS_PORT"]),
            "parallel_workers": 0,
            "debug": False,
        }
    )
)
for one in json.loads(os.environ["MODELS"]):
    model = folder / one["model"]
    model.mkdir()
    (model / "model-settings.json").write_text(
        json.dumps(
            {
                "name": one["model"],
                "implementation": "onnx_runtime.OnnxModel",
                "parameters": {"uri": one["file"], "version": "2"},
            }
        )
    )
sys.argv = ["mlserver", "start", str(folder)]
main()
