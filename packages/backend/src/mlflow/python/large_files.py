"""Uploads and downloads files over the sizes from which the client wants parts, and prints as JSON what it asked for.

    MLFLOW_TRACKING_URI=... python large_files.py
"""

import hashlib
import json
import os
import re
import tempfile

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = "100000"
os.environ["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"] = "65536"
os.environ["MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE"] = "100000"
os.environ["MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE"] = "65536"

import mlflow
import requests
from mlflow import MlflowClient

asked = []
send = requests.Session.send


def send_and_remember(session, request, **options):
    response = send(session, request, **options)
    path = request.path_url.split("?")[0]
    if "mlflow-artifacts" in path:
        step = re.search(r"mlflow-artifacts/(mpu/\w+|\w+)", path)[1]
        asked.append(f"{request.method} {step} {response.status_code}")
    return response


requests.Session.send = send_and_remember
client = MlflowClient()
run = client.create_run(client.create_experiment("Large files"))


def carry(name, size):
    """A file there and back again."""
    asked.clear()
    content = os.urandom(size)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, name)
        with open(file, "wb") as opened:
            opened.write(content)
        client.log_artifact(run.info.run_id, file, "files")
    with tempfile.TemporaryDirectory() as folder:
        back = client.download_artifacts(run.info.run_id, f"files/{name}", folder)
        with open(back, "rb") as opened:
            same = opened.read() == content
    sizes = [found.file_size for found in client.list_artifacts(run.info.run_id, "files") if found.path.endswith(name)]
    return {"same": same, "sizes": sizes, "asked": [one for one in asked if not one.startswith("GET artifacts")] + [
        one for one in asked if one.startswith("GET artifacts")
    ][:1]}


said = {}
# Nothing said: the server's own word counts.
for name in ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"]:
    os.environ.pop(name, None)
said["by itself"] = carry("plain.bin", 1_000_000)
for name in ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"]:
    os.environ[name] = "true"
said["in parts"] = carry("parts.bin", 1_000_001)
said["small"] = carry("small.bin", 99_999)

# Parts of a file, as other programs fetch them.
address = os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow-artifacts/artifacts/"
place = run.info.artifact_uri.removeprefix("mlflow-artifacts:/").lstrip("/") + "/files/parts.bin"
headers = {"Authorization": f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}"}
whole = requests.get(address + place, headers=headers).content
chunks = []
for start in range(0, len(whole), 300_000):
    response = requests.get(address + place, headers={**headers, "Range": f"bytes={start}-{start + 299_999}"})
    chunks.append((response.status_code, response.content))
said["by ranges"] = {
    "statuses": [status for status, _ in chunks],
    "same": hashlib.sha256(b"".join(content for _, content in chunks)).digest() == hashlib.sha256(whole).digest(),
}
print(json.dumps(said))
