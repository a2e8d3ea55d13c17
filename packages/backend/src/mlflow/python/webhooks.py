"""Manages web hooks with MLflow's own client, receives them, and prints as JSON what it saw.

Signatures are computed by MLflow's own function.

    MLFLOW_TRACKING_URI=... MLFLOW_TRACKING_TOKEN=... python webhooks.py
"""

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookEvent, WebhookStatus
from mlflow.exceptions import MlflowException
from mlflow.webhooks.delivery import _generate_hmac_signature

SECRET = "the secret of größe"
received = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
        signature = _generate_hmac_signature(
            SECRET,
            self.headers["X-MLflow-Delivery-Id"],
            self.headers["X-MLflow-Timestamp"],
            body,
        )
        is_fresh = abs(time.time() - int(self.headers["X-MLflow-Timestamp"])) < 60
        received.append(
            {
                "genuine": signature == self.headers["X-MLflow-Signature"] and is_fresh,
                **json.loads(body),
            }
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/hook"

client = MlflowClient()
events = [
    WebhookEvent.from_str(event)
    for event in (
        "registered_model.created",
        "model_version.created",
        "model_version_tag.set",
        "model_version_tag.deleted",
        "model_version_alias.created",
        "model_version_alias.deleted",
    )
]
hook = client.create_webhook(
    name="ci", url=url, events=events, description="Ours", secret=SECRET
)
results = {
    "created": [hook.name, hook.url == url, [str(e) for e in hook.events], str(hook.status)],
    "got": client.get_webhook(hook.webhook_id).description,
    "listed": hook.webhook_id in [one.webhook_id for one in client.list_webhooks(max_results=1000)],
}
test = client.test_webhook(hook.webhook_id)
results["tested"] = [test.success, test.response_status, test.response_body]
other = client.test_webhook(
    hook.webhook_id, WebhookEvent.from_str("model_version_alias.created")
)
results["tested other"] = other.success

client.create_registered_model("Iris model", tags={"team": "x"}, description="Irises")
folder = os.path.join(os.getcwd(), "model")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "MLmodel"), "w") as file:
    file.write("flavors:\n  python_function:\n    loader_module: nothing\n")
run = client.create_run(client.create_experiment("hooks"))
client.log_artifacts(run.info.run_id, folder, "model")
client.create_model_version(
    "Iris model", f"runs:/{run.info.run_id}/model", run.info.run_id, tags={"a": "1"}
)
client.set_model_version_tag("Iris model", "1", "b", "2")
client.delete_model_version_tag("Iris model", "1", "b")
client.set_registered_model_alias("Iris model", "champion", "1")
client.delete_registered_model_alias("Iris model", "champion")

latest = time.time() + 30
while len(received) < 8 and time.time() < latest:
    time.sleep(0.05)
results["received"] = sorted(received[2:], key=lambda one: (one["entity"], one["action"]))
results["tests"] = received[:2]

changed = client.update_webhook(
    hook.webhook_id,
    name="renamed",
    status=WebhookStatus.DISABLED,
    events=[WebhookEvent.from_str("model_version.created")],
)
results["changed"] = [changed.name, str(changed.status), [str(e) for e in changed.events]]
client.delete_webhook(hook.webhook_id)


def refusal(action):
    try:
        action()
        return None
    except MlflowException as error:
        return error.error_code


results["gone"] = refusal(lambda: client.get_webhook(hook.webhook_id))
results["wrong name"] = refusal(
    lambda: client.create_webhook(name="no good", url=url, events=events)
)
results["wrong address"] = refusal(
    lambda: client.create_webhook(name="ci", url="http://example.com/", events=events)
)
results["prompt"] = refusal(
    lambda: client.create_webhook(
        name="ci", url=url, events=[WebhookEvent.from_str("prompt.created")]
    )
)
print(json.dumps(results))
