"""Writes down what the real server of MLflow answers to its clients of today and of yesterday: transcript.txt and
transcript-2.txt, which the tests compare with.

    python record.py <Python with the client of MLflow 2>
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


def record(python, file, chapters):
    """Of a server that is as new as that of the tests."""
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
                [python, "transcript.py", file, *chapters],
                cwd=here,
                env={**os.environ, "MLFLOW_TRACKING_URI": address},
                check=True,
            )
        finally:
            os.killpg(server.pid, 15)
            server.wait()


TRACKING = ["experiments", "runs", "search", "artifacts", "datasets"]
record(sys.executable, "transcript.txt", [*TRACKING, "models", "registry", "autolog"])
record(sys.argv[1], "transcript-2.txt", [*TRACKING, "old_models", "registry"])
