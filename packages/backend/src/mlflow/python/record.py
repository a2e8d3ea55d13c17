"""Writes down what the real server of MLflow answers: transcript.txt, which the tests compare with.

    python record.py
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
PORT = 5987
address = f"http://127.0.0.1:{PORT}"

with tempfile.TemporaryDirectory() as folder:
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(PORT), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"),
        ],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        start_new_session=True,
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=1)
                break
            except OSError:
                time.sleep(1)
        subprocess.run(
            [sys.executable, "transcript.py", "transcript.txt"]
            + ["experiments", "runs", "search", "artifacts", "datasets", "models", "registry", "autolog"],
            cwd=here,
            env={**os.environ, "MLFLOW_TRACKING_URI": address},
            check=True,
        )
    finally:
        os.killpg(server.pid, 15)
