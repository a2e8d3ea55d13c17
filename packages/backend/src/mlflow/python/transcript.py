"""Does with the plain client what users do, and writes down all that it sees.

Two servers that a client cannot tell apart give the same transcript: ids and times are left out, or
numbered in the order in which they come up.

    MLFLOW_TRACKING_URI=... python transcript.py <file for it> <chapter> ...
"""

import json
import math
import os
import re
import sys
import tempfile
import traceback

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

client = MlflowClient()
lines = []
places = {}
# MLflow 2 cannot do all of it.
OLD = mlflow.__version__.startswith("2.")
# Several scripts may ask one server.
MARK = os.environ.get("TRANSCRIPT_MARK", "")


def hide(value):
    """Ids by the order in which they come up; no times, no addresses."""
    text = str(value)
    for address in (os.environ["MLFLOW_TRACKING_URI"],):
        text = text.replace(address, "<server>")
    if MARK:
        text = text.replace(MARK, "")

    def placed(kind):
        return lambda match: places.setdefault(match[0], f"<{kind} {len(places)}>")

    text = re.sub(r"\bm-[0-9a-f]{32}\b", placed("model"), text)
    text = re.sub(r"\b[0-9a-f]{32}\b", placed("run"), text)
    text = re.sub(r"\b(experiment|artifacts:?/)( ?)\d+\b", r"\1\2<id>", text)
    return re.sub(r"\b1[6-9]\d{11}\b", "<time>", text)


def note(what, value):
    lines.append(f"{hide(what)}: {hide(shown(value))}")


def shown(value):
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, dict):
        return json.dumps({key: shown(value[key]) for key in sorted(value)}, sort_keys=True)
    if isinstance(value, (list, tuple, set)):
        return [shown(item) for item in value]
    return value


def refused(what, act):
    try:
        note(what, act())
    except MlflowException as error:
        # The client explains at length; what a database says of itself is nobody's protocol.
        message = error.message.split("\n")[0].split(" Error: (")[0]
        code = error.error_code
        # What a filter that is none is told, MLflow's parser decides; that it is refused, and how, is the protocol.
        note(what, f"refused, {code}" if what.startswith("not a") else f"{code}: {message.removeprefix(code + ': ')}")
    except OSError as error:  # What requests raises of answers that are no JSON errors.
        note(what, type(error).__name__)


def facts(run):
    """What a run says, without what the client itself adds by machine."""
    tags = {
        key: value
        for key, value in run.data.tags.items()
        if not key.startswith("mlflow.") or key in ("mlflow.note.content", "mlflow.parentRunId")
    }
    return {
        "name": run.info.run_name if run.info.run_name.startswith("named") else "<any>",
        "status": run.info.status,
        "stage": run.info.lifecycle_stage,
        "ended": run.info.end_time is not None,
        "params": run.data.params,
        "metrics": run.data.metrics,
        "tags": tags,
    }


def raw(path, **query):
    """An answer as it comes, with what the client leaves unread."""
    address = os.environ["MLFLOW_TRACKING_URI"]
    return http_request(get_default_host_creds(address), f"/api/2.0/mlflow/{path}", "GET", params=query).json()


def new_experiment(name):
    return client.create_experiment(MARK + name)


# -- chapters ---------------------------------------------------------------------------------


def experiments():
    first = new_experiment("one")
    refused("an experiment of that name is there", lambda: new_experiment("one"))
    found = client.get_experiment(first)
    note("made", [found.name, found.lifecycle_stage, found.tags])
    note("by name", client.get_experiment_by_name(MARK + "one").experiment_id == first)
    note("no such name", client.get_experiment_by_name(MARK + "nobody"))
    refused("no such id", lambda: client.get_experiment("987654321"))
    refused("an id that is none", lambda: client.get_experiment("abc"))
    client.set_experiment_tag(first, "team", "vision")
    client.set_experiment_tag(first, "empty", "")
    client.set_experiment_tag(first, "mlflow.note.content", "A *note*")
    note("tags", client.get_experiment(first).tags)
    if not OLD:
        client.delete_experiment_tag(first, "empty")
        note("tag away", client.get_experiment(first).tags)
    client.rename_experiment(first, MARK + "uno")
    note("renamed", client.get_experiment(first).name)
    second = new_experiment("two")
    client.delete_experiment(second)
    note("deleted", client.get_experiment(second).lifecycle_stage)
    refused("a run in a deleted one", lambda: client.create_run(second))
    refused("its name is still taken", lambda: new_experiment("two"))
    client.restore_experiment(second)
    note("restored", client.get_experiment(second).lifecycle_stage)
    for index in range(5):
        made = new_experiment(f"many-{index}")
        client.set_experiment_tag(made, "index", str(index))

    def search(**options):
        return [found.name for found in client.search_experiments(**options)]

    mine = f"name LIKE '{MARK}%'"
    note("newest first", search(filter_string=mine, order_by=["creation_time DESC"]))
    note("by name", search(filter_string=f"name LIKE '{MARK}many%'", order_by=["name ASC"]))
    note("ilike", search(filter_string=f"name ILIKE '{MARK}MANY-1'"))
    note("by tag", search(filter_string=f"{mine} AND tags.index = '3'"))
    note("tag differs", search(filter_string=f"{mine} AND tags.index != '3'", order_by=["name"]))
    note("deleted only", search(filter_string=mine, view_type=ViewType.DELETED_ONLY))
    page = client.search_experiments(filter_string=mine, order_by=["name"], max_results=3)
    pages = [[found.name for found in page]]
    while page.token:
        page = client.search_experiments(
            filter_string=mine, order_by=["name"], max_results=3, page_token=page.token
        )
        pages.append([found.name for found in page])
    note("pages", pages)
    refused("not a filter", lambda: search(filter_string="name ="))
    refused("not an attribute", lambda: search(filter_string="size > 3"))
    refused("not an order", lambda: search(order_by=["size"]))
    refused("not a number of experiments", lambda: search(max_results=100_000))


def runs():
    experiment = new_experiment("runs")
    run = client.create_run(experiment, run_name="named-one", tags={"a": "1"})
    note("made", facts(run))
    run_id = run.info.run_id
    client.log_param(run_id, "rate", 0.1)
    client.log_param(run_id, "rate", 0.1)
    refused("a param never changes", lambda: client.log_param(run_id, "rate", 0.2))
    client.log_param(run_id, "empty", "")
    refused("a key that is too long", lambda: client.log_param(run_id, "k" * 251, "v"))
    refused("a key that is a path", lambda: client.log_param(run_id, "../k", "v"))
    for step, value in enumerate([0.9, 0.5, 0.4]):
        client.log_metric(run_id, "loss", value, timestamp=1_700_000_000_000 + step, step=step)
    client.log_metric(run_id, "loss", 0.7, timestamp=1_700_000_000_009, step=1)
    client.log_metric(run_id, "odd", float("nan"), step=0)
    client.log_metric(run_id, "odd", float("inf"), step=1)
    client.log_metric(run_id, "odd", float("-inf"), step=2)
    note(
        "history",
        [[point.step, point.value] for point in sorted(client.get_metric_history(run_id, "loss"), key=lambda p: (p.step, p.timestamp))],
    )
    note("history of none", client.get_metric_history(run_id, "nothing"))
    note("odd", [shown(p.value) for p in sorted(client.get_metric_history(run_id, "odd"), key=lambda p: p.step)])
    client.log_batch(
        run_id,
        metrics=[Metric("acc", 0.5 + i / 100, 1_700_000_000_000 + i, i) for i in range(50)],
        params=[Param("depth", "3"), Param("width", "7")],
        tags=[RunTag("b", "2"), RunTag("a", "3")],
    )
    note("after a batch", facts(client.get_run(run_id)))
    refused("a batch with another value", lambda: client.log_batch(run_id, params=[Param("depth", "4"), Param("new", "1")]))
    note("nothing of it", "new" in client.get_run(run_id).data.params)
    refused("a batch with a doubled key", lambda: client.log_batch(run_id, params=[Param("x", "1"), Param("x", "2")]))
    refused("a batch that is too large", lambda: client.log_batch(run_id, params=[Param(f"p{i}", "1") for i in range(101)]))
    client.set_tag(run_id, "c", "äöü 🙂")
    client.set_tag(run_id, "mlflow.note.content", "noted")
    client.delete_tag(run_id, "a")
    refused("no such tag", lambda: client.delete_tag(run_id, "a"))
    note("tags", facts(client.get_run(run_id))["tags"])
    client.update_run(run_id, name="named-other")
    note("renamed", client.get_run(run_id).info.run_name)
    client.set_terminated(run_id, "FAILED")
    note("ended", facts(client.get_run(run_id)))
    client.delete_run(run_id)
    note("deleted", client.get_run(run_id).info.lifecycle_stage)
    refused("a deleted one takes nothing", lambda: client.log_param(run_id, "late", "1"))
    client.restore_run(run_id)
    note("restored", client.get_run(run_id).info.lifecycle_stage)
    refused("no such run", lambda: client.get_run("0" * 32))
    refused("no such experiment", lambda: client.create_run("987654321"))
    mlflow.set_experiment(MARK + "fluent")
    with mlflow.start_run(run_name="named-parent") as parent:
        mlflow.log_params({"a": 1, "b": None, "c": [1, 2]})
        mlflow.log_metrics({"x": 1, "y": 2.5}, step=3)
        mlflow.set_tags({"kind": "parent"})
        with mlflow.start_run(run_name="named-child", nested=True) as child:
            mlflow.log_metric("x", 2)
    note("parent", facts(client.get_run(parent.info.run_id)))
    note("child", facts(client.get_run(child.info.run_id)))
    try:
        with mlflow.start_run(run_name="named-broken") as broken:
            raise ValueError("broken")
    except ValueError:
        note("broken", facts(client.get_run(broken.info.run_id)))
    with mlflow.start_run(run_id=parent.info.run_id):
        mlflow.log_metric("z", 9)
    note("resumed", facts(client.get_run(parent.info.run_id)))
    with mlflow.start_run(run_name="named-async") as late:
        for step in range(20):
            mlflow.log_metric("m", step, step=step, synchronous=False)
        mlflow.log_params({"p": 1}, synchronous=False)
        mlflow.flush_async_logging()
    note("async", facts(client.get_run(late.info.run_id)))
    note("async history", len(client.get_metric_history(late.info.run_id, "m")))


def search():
    experiment = new_experiment("search")
    other = new_experiment("search-other")
    made = []
    for index in range(12):
        run = client.create_run(
            experiment if index < 10 else other,
            start_time=1_700_000_000_000 + index,
            run_name=f"named-{index:02}",
            tags={"group": "even" if index % 2 == 0 else "odd", "with space": "yes", "Case": "AbC"},
        )
        run_id = run.info.run_id
        made.append(run_id)
        client.log_batch(
            run_id,
            metrics=[Metric("acc", index / 10, 1_700_000_000_000, 0)] if index != 5 else [],
            params=[Param("rate", str(index % 3)), Param("kind", f"k{index}")],
        )
        if index % 4 == 0:
            client.set_terminated(run_id, "FINISHED", end_time=1_700_000_100_000 + index)
    client.log_metric(made[3], "acc", float("nan"), step=1)
    client.log_metric(made[7], "my metric", 4.0)
    client.delete_run(made[9])

    def names(filter_string="", **options):
        return [
            run.info.run_name
            for run in client.search_runs(options.pop("experiments", [experiment]), filter_string, **options)
        ]

    note("all, newest first", names())
    note("deleted only", names(run_view_type=ViewType.DELETED_ONLY))
    note("all of them", names(run_view_type=ViewType.ALL))
    note("two experiments", names(experiments=[experiment, other], order_by=["attributes.start_time ASC"]))
    for text in [
        "metrics.acc > 0.4",
        "metrics.acc >= 0.4 AND metrics.acc < 0.8",
        "metrics.acc != 0.4",
        "metrics.acc = 0.4",
        "metric.acc <= 0.2",
        "metrics.`my metric` = 4",
        'metrics."my metric" > 3.5',
        "params.rate = '1'",
        "params.rate != '1'",
        "parameter.kind LIKE 'k%'",
        "params.kind LIKE '%7'",
        "params.kind ILIKE 'K1'",
        "params.kind LIKE 'K1'",
        "tags.group = 'even'",
        "tag.`with space` = 'yes'",
        "tags.Case ILIKE 'abc'",
        "tags.Case = \"AbC\"",
        "tags.nothing = 'x'",
        "tags.nothing != 'x'",
        "attributes.status = 'FINISHED'",
        "status != 'FINISHED'",
        "attributes.run_name LIKE 'named-0%'",
        "run_name IN ('named-01', 'named-02')",
        "run_name NOT IN ('named-01', 'named-02')",
        "attributes.start_time > 1700000000004",
        "start_time <= 1700000000001",
        "end_time > 0",
        "attributes.run_id IN ('%s', '%s')" % (made[0], made[4]),
        "run_id = '%s'" % made[2],
        "params.rate = '0' and tags.group = 'even' and metrics.acc > 0.1",
        "   metrics.acc>0.4   ",
        "attributes.user_id = 'nobody'",
        "tags.mlflow.runName = 'named-03'",
    ]:
        refused(f"filter {hide(text)}", lambda: names(text, order_by=["start_time"]))
    for text in [
        "metrics.acc",
        "metrics.acc > ",
        "metrics.acc > 'a'",
        "params.rate > '1'",
        "params.rate = 1",
        "metrics.acc LIKE '1'",
        "attributes.size = 1",
        "nothing.x = 'y'",
        "params.rate = '1' OR params.rate = '2'",
        "params.rate = '1",
        "acc > 1 AND",
        "run_name IN ()",
        "run_name IN ('a', 1)",
        "params.rate IN ('1')",
        "a = b = c",
    ]:
        refused(f"not a filter {text}", lambda: names(text))
    for order in [
        ["metrics.acc DESC"],
        ["metrics.acc ASC"],
        ["metrics.acc"],
        ["params.rate ASC", "start_time DESC"],
        ["params.nothing", "attributes.start_time"],
        ["tags.group DESC", "metrics.acc DESC"],
        ["run_name desc"],
        ["attributes.end_time DESC"],
        ["status"],
        ["metrics.`my metric` ASC"],
    ]:
        refused(f"order {order}", lambda: names(order_by=order))
    for order in [["acc"], ["metrics.acc sideways"], ["metrics.acc DESC ASC"], [""]]:
        refused(f"not an order {order}", lambda: names(order_by=order))
    pages = []
    token = None
    while True:
        page = client.search_runs([experiment], max_results=4, order_by=["metrics.acc DESC"], page_token=token)
        pages.append([run.info.run_name for run in page])
        token = page.token
        if not token:
            break
    note("pages", pages)
    refused("not a number of runs", lambda: names(max_results=50_001))
    refused("no experiments", lambda: names(experiments=[]))
    frame = mlflow.search_runs([experiment], order_by=["start_time"])
    note("frame", sorted(column for column in frame.columns if not column.startswith("tags.mlflow")))
    note("frame rows", frame["metrics.acc"].tolist())


def artifacts():
    experiment = new_experiment("artifacts")
    run = client.create_run(experiment, run_name="named-files")
    run_id = run.info.run_id
    note("where", re.sub(r"/\d+/", "/<experiment>/", run.info.artifact_uri))
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {
            "plain.txt": "plain",
            "deep/er/file.json": '{"a": 1}',
            "empty.bin": "",
            "with space.txt": "s",
            "ümläut.txt": "u",
            "a+b&c.txt": "p",
        }.items():
            place = os.path.join(folder, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8") as file:
                file.write(text)
        client.log_artifacts(run_id, folder)
        client.log_artifacts(run_id, folder, artifact_path="below/it")
        client.log_artifact(run_id, os.path.join(folder, "plain.txt"), "single")
        with open(os.path.join(folder, "large.bin"), "wb") as file:
            file.write(bytes(range(256)) * 20_000)
        client.log_artifact(run_id, os.path.join(folder, "large.bin"))
    client.log_text(run_id, "hello", "texts/hello.txt")
    client.log_dict(run_id, {"k": [1, 2]}, "d.json")

    def listed(path=None):
        return [[file.path, file.is_dir, file.file_size] for file in client.list_artifacts(run_id, path)]

    note("root", listed())
    note("below", listed("below"))
    note("below/it", listed("below/it"))
    note("a file", listed("plain.txt"))
    note("nothing", listed("nothing/here"))
    with tempfile.TemporaryDirectory() as folder:
        client.download_artifacts(run_id, "", folder)
        found = {}
        for root, _, files in os.walk(folder):
            for name in files:
                with open(os.path.join(root, name), "rb") as file:
                    content = file.read()
                found[os.path.relpath(os.path.join(root, name), folder)] = (
                    len(content) if len(content) > 100 else content.decode()
                )
        note("downloaded", found)
    client.log_text(run_id, "changed", "texts/hello.txt")
    note("overwritten", mlflow.artifacts.load_text(f"runs:/{run_id}/texts/hello.txt"))
    note("dict", mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json"))
    refused("no such file", lambda: mlflow.artifacts.load_text(f"runs:/{run_id}/nothing.txt")[:0])
    mlflow.artifacts  # deleting artifacts is for the client's own commands
    repository = mlflow.store.artifact.artifact_repository_registry.get_artifact_repository(run.info.artifact_uri)
    repository.delete_artifacts("below")
    note("deleted", listed())


def datasets():
    import numpy
    import pandas

    experiment = mlflow.set_experiment(MARK + "datasets").experiment_id
    frame = pandas.DataFrame({"a": [1, 2, 3], "b": [0.1, 0.2, 0.3]})
    data = mlflow.data.from_pandas(frame, source="https://example.com/rows.csv", name="rows", targets="b")
    with mlflow.start_run(run_name="named-inputs") as run:
        mlflow.log_input(data, context="training", tags={"part": "1"})
        mlflow.log_input(mlflow.data.from_numpy(numpy.zeros((2, 2)), name="zeros"))
        mlflow.log_metric("acc", 0.5, **({} if OLD else {"dataset": data}))
    found = client.get_run(run.info.run_id)
    for given in sorted(found.inputs.dataset_inputs, key=lambda given: given.dataset.name):
        dataset = given.dataset
        note(
            "input",
            [
                dataset.name,
                dataset.digest,
                dataset.source_type,
                dataset.source if dataset.source_type == "http" else "<source>",
                dataset.schema,
                dataset.profile,
                sorted([tag.key, tag.value] for tag in given.tags),
            ],
        )
    with mlflow.start_run(run_name="named-again"):
        mlflow.log_input(data, context="test")

    def names(text):
        return [run.info.run_name for run in client.search_runs([experiment], text, order_by=["start_time"])]

    for text in ["dataset.name = 'rows'", "datasets.name LIKE 'r%'", f"dataset.digest = '{data.digest}'", "dataset.context = 'test'"]:
        refused(f"filter {text}", lambda: names(text))


def models():
    import numpy
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    rows, labels = load_iris(return_X_y=True)
    experiment = mlflow.set_experiment(MARK + "models").experiment_id
    name = MARK + "Iris model"
    fitted = LogisticRegression(max_iter=200).fit(rows, labels)
    signature = mlflow.models.infer_signature(rows, fitted.predict(rows))
    with mlflow.start_run(run_name="named-model") as run:
        mlflow.log_metric("acc", 0.97)
        info = mlflow.sklearn.log_model(
            fitted,
            name="model",
            signature=signature,
            input_example=rows[:2],
            registered_model_name=name,
            params={"c": 1},
        )
    note("uri", info.model_uri)
    logged = mlflow.get_logged_model(info.model_id)
    note("logged", [logged.name, str(logged.status), logged.model_type, logged.params, [[m.key, m.value] for m in logged.metrics], logged.source_run_id == run.info.run_id])
    note("tags of it", {key: value for key, value in logged.tags.items() if key == "mlflow.modelVersions"})
    outputs = client.get_run(run.info.run_id).outputs
    note("made by", [[output.model_id == info.model_id, output.step] for output in outputs.model_outputs])
    found = mlflow.search_logged_models([experiment], output_format="list")
    note("found", [model.model_id == info.model_id for model in found])
    for text in ["name = 'model'", "metrics.acc > 0.9", "metrics.acc > 0.99", "params.c = '1'", "attributes.status = 'READY'", "name LIKE 'm%'"]:
        refused(f"filter {text}", lambda: len(mlflow.search_logged_models([experiment], filter_string=text, output_format="list")))
    mlflow.set_logged_model_tags(info.model_id, {"reviewed": "yes", "x": "y"})
    mlflow.delete_logged_model_tag(info.model_id, "x")
    note("own tags", {k: v for k, v in mlflow.get_logged_model(info.model_id).tags.items() if not k.startswith("mlflow.")})
    wanted = fitted.predict(rows)
    for uri in [info.model_uri, f"models:/{name}/1", f"models:/{name}/latest", f"runs:/{run.info.run_id}/model"]:
        loaded = mlflow.sklearn.load_model(uri)
        note(f"equal by {uri}", bool(numpy.array_equal(loaded.predict(rows), wanted)))
    note("as a function", mlflow.pyfunc.load_model(f"models:/{name}/1").predict(rows[:5]).tolist())
    with mlflow.start_run(run_name="named-second") as second:
        mlflow.sklearn.log_model(fitted, name="model")
    version = mlflow.register_model(f"runs:/{second.info.run_id}/model", name)
    note("registered", [version.name, version.version, version.status, version.current_stage, version.run_id == second.info.run_id])
    client.set_registered_model_alias(name, "champion", 1)
    client.set_registered_model_alias(name, "challenger", "2")
    note("by alias", client.get_model_version_by_alias(name, "champion").version)
    note("loaded by alias", bool(numpy.array_equal(mlflow.sklearn.load_model(f"models:/{name}@champion").predict(rows), wanted)))
    note("aliases", client.get_registered_model(name).aliases)
    client.delete_registered_model_alias(name, "challenger")
    refused("no such alias", lambda: client.get_model_version_by_alias(name, "challenger").version)
    refused("a reserved alias", lambda: client.set_registered_model_alias(name, "latest", "1"))
    refused("no such version", lambda: client.get_model_version(name, "99").version)
    refused("no such model", lambda: client.get_registered_model(MARK + "nobody").name)
    refused("that name is taken", lambda: client.create_registered_model(name).name)
    # Both messages have fields for what the other one knows.
    note("a model says of its versions", raw(f"logged-models/{info.model_id}")["model"]["info"].get("registrations"))
    told = raw("model-versions/get", name=name, version="1")["model_version"]
    note("a version says of its model", {key: told.get(key) for key in ("model_id", "model_params", "model_metrics")})
    version = client.get_model_version(name, "1")
    note("read of it", [version.model_id, version.params, version.metrics])
    note("uri of it", bool(client.get_model_version_download_uri(name, "1")))


def old_models():
    """Models as scripts for MLflow 2 log and promote them: below their run, and by stages."""
    import numpy
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    rows, labels = load_iris(return_X_y=True)
    mlflow.set_experiment(MARK + "old models")
    name = MARK + "Old iris"
    fitted = LogisticRegression(max_iter=200).fit(rows, labels)
    wanted = fitted.predict(rows)
    signature = mlflow.models.infer_signature(rows, wanted)
    with mlflow.start_run(run_name="named-old") as run:
        mlflow.log_metric("acc", 0.97)
        info = mlflow.sklearn.log_model(
            fitted,
            artifact_path="model",
            signature=signature,
            input_example=rows[:2],
            registered_model_name=name,
        )
    note("uri", info.model_uri)
    history = json.loads(client.get_run(run.info.run_id).data.tags["mlflow.log-model.history"])
    note("logged", [[entry["artifact_path"], sorted(entry["flavors"]), entry["run_id"] == run.info.run_id] for entry in history])
    note("files", [[file.path, file.is_dir] for file in client.list_artifacts(run.info.run_id, "model")])
    version = client.get_model_version(name, "1")
    note("first", [version.version, version.status, version.current_stage, version.source, version.run_id == run.info.run_id])
    with mlflow.start_run(run_name="named-older") as second:
        mlflow.sklearn.log_model(fitted, "classifier")
    version = mlflow.register_model(f"runs:/{second.info.run_id}/classifier", name, tags={"checked": "no"})
    note("second", [version.version, version.status, version.current_stage, version.source, version.tags])
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "Staging")
    client.set_registered_model_alias(name, "champion", "1")
    for uri in [
        info.model_uri,
        f"runs:/{second.info.run_id}/classifier",
        f"models:/{name}/1",
        f"models:/{name}/2",
        f"models:/{name}/Production",
        f"models:/{name}/latest",
        f"models:/{name}@champion",
    ]:
        loaded = mlflow.sklearn.load_model(uri)
        note(f"equal by {uri}", bool(numpy.array_equal(loaded.predict(rows), wanted)))
    note("as a function", mlflow.pyfunc.load_model(f"models:/{name}/Staging").predict(rows[:5]).tolist())
    read = mlflow.models.get_model_info(f"models:/{name}/1")
    note("what it takes", [read.signature == signature, read.run_id == run.info.run_id])
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    note("latest", sorted([v.version, v.current_stage] for v in client.get_latest_versions(name)))
    note("in production", [v.version for v in client.get_latest_versions(name, ["Production"])])
    note("of the run", [v.version for v in client.search_model_versions(f"run_id = '{run.info.run_id}'")])
    note("of the model", sorted(v.version for v in mlflow.search_model_versions(filter_string=f"name = '{name}'")))
    copied = client.copy_model_version(f"models:/{name}/2", MARK + "Old copy")
    note("copied", [copied.name, copied.version, copied.source == f"models:/{name}/2"])
    note("copy loaded", bool(numpy.array_equal(mlflow.sklearn.load_model(f"models:/{MARK}Old copy/1").predict(rows), wanted)))
    found = mlflow.search_runs(experiment_names=[MARK + "old models"], filter_string="metrics.acc > 0.9", output_format="list")
    note("runs found", [run.info.run_name for run in found])
    refused("no model in that stage", lambda: mlflow.sklearn.load_model(f"models:/{MARK}Old copy/Production"))
    refused("no model there", lambda: mlflow.register_model(f"runs:/{second.info.run_id}/nothing", name).version)


def registry():
    refused("a name that is none", lambda: client.create_registered_model("").name)
    made = client.create_registered_model(MARK + "plain", tags={"team": "vision", "n": "1"}, description="What it is")
    note("made", [made.name, made.description, made.tags, made.latest_versions])
    client.set_registered_model_tag(MARK + "plain", "n", "2")
    client.delete_registered_model_tag(MARK + "plain", "team")
    client.update_registered_model(MARK + "plain", description="Another")
    found = client.get_registered_model(MARK + "plain")
    note("changed", [found.description, found.tags])
    client.rename_registered_model(MARK + "plain", MARK + "simple")
    note("renamed", client.get_registered_model(MARK + "simple").description)
    refused("its old name", lambda: client.get_registered_model(MARK + "plain").name)
    experiment = new_experiment("registry")
    run = client.create_run(experiment, run_name="named-registry")
    versions = []
    for index in range(3):
        client.log_text(run.info.run_id, f"flavors: {{}}\nrun_id: {index}\n", f"m{index}/MLmodel")
        client.log_text(run.info.run_id, f"weights {index}", f"m{index}/weights.bin")
        version = client.create_model_version(
            MARK + "simple",
            f"{run.info.artifact_uri}/m{index}",
            run_id=run.info.run_id,
            tags={"index": str(index)},
            description=f"The {index}.",
        )
        versions.append(version.version)
    note("versions", versions)
    version = client.get_model_version(MARK + "simple", "2")
    note("second", [version.version, version.status, version.current_stage, version.description, version.tags, version.run_id == run.info.run_id, version.aliases])
    client.update_model_version(MARK + "simple", "2", "Better")
    client.set_model_version_tag(MARK + "simple", "2", "checked", "yes")
    client.delete_model_version_tag(MARK + "simple", "2", "index")
    version = client.get_model_version(MARK + "simple", "2")
    note("second changed", [version.description, version.tags])
    client.set_registered_model_alias(MARK + "simple", "best", "2")
    note("alias of it", client.get_model_version(MARK + "simple", "2").aliases)
    moved = client.transition_model_version_stage(MARK + "simple", "1", "Staging")
    note("stage", moved.current_stage)
    client.transition_model_version_stage(MARK + "simple", "2", "Staging", archive_existing_versions=True)
    note("stages", [[v.version, v.current_stage] for v in sorted(client.search_model_versions(f"name = '{MARK}simple'"), key=lambda v: int(v.version))])
    refused("a stage that is none", lambda: client.transition_model_version_stage(MARK + "simple", "1", "Elsewhere").current_stage)
    note("latest", sorted([v.version, v.current_stage] for v in client.get_latest_versions(MARK + "simple")))
    note("latest of one", [v.version for v in client.get_latest_versions(MARK + "simple", ["Staging"])])

    def search(text, **options):
        return [[v.version, v.description] for v in client.search_model_versions(text, **options)]

    mine = f"name = '{MARK}simple'"
    for text in [
        mine,
        f"{mine} AND run_id = '{run.info.run_id}'",
        f"{mine} AND run_id IN ('{run.info.run_id}')",
        f"{mine} AND tags.checked = 'yes'",
        f"{mine} AND version_number > 1",
        f"{mine} AND version_number = 3",
        f"name LIKE '{MARK}simp%'",
    ]:
        refused(f"filter {hide(text)}", lambda: search(text, order_by=["version_number ASC"]))
    for text in ["size = 3", "version_number LIKE '1'", "name > 'a'"]:
        refused(f"not a filter {text}", lambda: search(text))
    note("newest first", search(mine, order_by=["version_number DESC"]))
    for index in range(4):
        client.create_registered_model(MARK + f"many-{index}", tags={"index": str(index)})

    def names(text, **options):
        return [model.name for model in client.search_registered_models(text, **options)]

    for text in [f"name LIKE '{MARK}many%'", f"name ILIKE '{MARK}MANY-2'", f"name LIKE '{MARK}%' AND tags.index = '1'", f"name = '{MARK}simple'"]:
        refused(f"models {hide(text)}", lambda: names(text, order_by=["name ASC"]))
    note("by name, down", names(f"name LIKE '{MARK}many%'", order_by=["name DESC"]))
    page = client.search_registered_models(f"name LIKE '{MARK}many%'", max_results=3, order_by=["name"])
    rest = client.search_registered_models(f"name LIKE '{MARK}many%'", max_results=3, order_by=["name"], page_token=page.token)
    note("pages", [[m.name for m in page], [m.name for m in rest], rest.token])
    client.delete_model_version(MARK + "simple", "3")
    refused("deleted", lambda: client.get_model_version(MARK + "simple", "3").version)
    client.log_text(run.info.run_id, "flavors: {}\n", "m4/MLmodel")
    another = client.create_model_version(MARK + "simple", f"{run.info.artifact_uri}/m4", run_id=run.info.run_id)
    note("numbers are not used again", another.version)
    client.delete_registered_model(MARK + "many-0")
    refused("deleted model", lambda: client.get_registered_model(MARK + "many-0").name)
    refused("a path that leads away", lambda: client.create_model_version(MARK + "simple", f"{run.info.artifact_uri}/../../x").version)


def autolog():
    """What training writes of itself, without a line that logs."""
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    rows, labels = load_iris(return_X_y=True, as_frame=True)
    experiment = mlflow.set_experiment(MARK + "autolog").experiment_id
    mlflow.sklearn.autolog(log_input_examples=True, max_tuning_runs=2)
    try:
        with mlflow.start_run(run_name="named-autolog") as run:
            LogisticRegression(max_iter=200).fit(rows, labels)
        with mlflow.start_run(run_name="named-search") as search:
            GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(rows, labels)
    finally:
        mlflow.sklearn.autolog(disable=True)
    told = client.get_run(run.info.run_id)
    note("params", told.data.params)
    note("metrics", {key: round(value, 3) for key, value in told.data.metrics.items()})
    note("its tags", {key: value for key, value in told.data.tags.items() if key in ("estimator_name", "estimator_class")})
    note("inputs", [[i.dataset.name, i.dataset.source_type, [t.value for t in i.tags]] for i in told.inputs.dataset_inputs])
    note("its files", sorted(file.path for file in client.list_artifacts(run.info.run_id)))
    model = mlflow.get_logged_model(told.outputs.model_outputs[0].model_id)
    note("its model", [model.name, str(model.status), sorted(model.params), sorted(metric.key for metric in model.metrics)])
    note("files of it", sorted(file.path for file in client.list_logged_model_artifacts(model.model_id)))
    note("loaded", mlflow.sklearn.load_model(model.model_uri).predict(rows[:5]).tolist())
    children = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{search.info.run_id}'", order_by=["params.C ASC"])
    note("tried", [child.data.params["C"] for child in children])
    note("best", client.get_run(search.info.run_id).data.params["best_C"])
    note("files of the search", sorted(file.path for file in client.list_artifacts(search.info.run_id)))

    name = MARK + "Autologged"
    mlflow.register_model(model.model_uri, name)
    version = client.get_model_version(name, "1")
    note("made of it", [version.model_id == model.model_id, sorted(p.key for p in version.params or []) if isinstance(version.params, list) else sorted(version.params or {}), sorted(m.key for m in version.metrics or [])])
    registrations = mlflow.get_logged_model(model.model_id)
    note("knows its versions", [getattr(registrations, "model_versions", None), {k: v for k, v in registrations.tags.items() if k == "mlflow.modelVersions"}])


chapters = {
    function.__name__: function
    for function in [experiments, runs, search, artifacts, datasets, models, registry, autolog, old_models]
}

if __name__ == "__main__":
    place, *wanted = sys.argv[1:]
    for chapter in wanted:
        lines.append(f"# {chapter}")
        try:
            chapters[chapter]()
        except Exception as error:  # The other chapters are told all the same.
            lines.append(f"ended early: {type(error).__name__}: {hide(error)}"[:2_000])
            traceback.print_exc()
    # The client itself writes to standard output.
    with open(place, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
