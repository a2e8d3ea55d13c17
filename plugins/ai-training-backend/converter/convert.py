#!/usr/bin/env python3
"""Makes an ONNX version of a registered model that MLflow has logged, where both predict the same.

Loading such a model runs what its author put into it. So this runs as a training job of the model's owner, with a token
that may do no more than that, and nowhere else:

    MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID   of the job

Nothing is registered unless the predictions on the input example are equal. The last line says what became of it.
"""

import argparse
import os
import sys
import tempfile
import traceback
import warnings
from importlib.metadata import version as version_of
from pathlib import Path

import mlflow

from compare import compare, run
from evidence import FILE, evidence_of, text_of
from logged_model import LoggedModel, refuse_other_versions
from original import answers_of
from refusal import Refusal, first_line
from to_onnx import convert, ways_of

# For clients that search by it.
CONVERTED_TAG = "greenroom.converted_from"
REFUSED = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="as MLflow calls it")
    parser.add_argument("--version", required=True)
    parser.add_argument("--allow-other-versions", choices=["true", "false"], default="false")
    asked = parser.parse_args()
    client = mlflow.MlflowClient()
    run_id = os.environ["MLFLOW_RUN_ID"]
    try:
        made = made_before(client, run_id, asked.model) or convert_version(client, run_id, asked)
    except Refusal as refusal:
        problem = str(refusal)
    except Exception as error:
        traceback.print_exc()
        problem = f"{type(error).__name__}: {first_line(error)}"
    else:
        print(f"registered as version {made} of {asked.model}")
        return
    # The platform shows the last line where it says how the conversion ended.
    sys.stdout.flush()
    print(f"Version {asked.version} of {asked.model} was not converted: {problem}", file=sys.stderr)
    sys.exit(REFUSED)


def made_before(client: mlflow.MlflowClient, run_id: str, model: str) -> str | None:
    """What an earlier attempt of the job has registered, which was ended before it could say so."""
    found = client.search_model_versions(f"run_id = '{run_id}'")
    return next((str(one.version) for one in found if one.name == model), None)


def convert_version(client: mlflow.MlflowClient, run_id: str, asked: argparse.Namespace) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        uri = client.get_model_version_download_uri(asked.model, asked.version)
        folder = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=scratch)
        logged = LoggedModel.read(Path(folder))
        # Before it is loaded: reading it is what may go wrong without an error.
        libraries = logged.libraries()
        if asked.allow_other_versions == "false":
            refuse_other_versions(libraries)
        example = logged.example()
        model = logged.load()
        original = answers_of(model, example)
        found, inputs, comparison = find_equal(model, example, original)
        evidence = {
            "formatVersion": 1,
            "from": {"model": asked.model, "version": int(asked.version)},
            "libraries": {**libraries, **converters()},
            **evidence_of(
                example=example, inputs=inputs, converted=found, original=original, comparison=comparison
            ),
        }
        out = Path(scratch) / "converted"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            needs = [f"{name}=={version_of(name)}" for name in ("onnx", "onnxruntime")]
            mlflow.onnx.save_model(found, str(out), pip_requirements=needs)
        (out / FILE).write_text(text_of(evidence))
        print(
            f"equal on {evidence['rows']} rows; the largest difference of two numbers is {comparison.largest:.3g}, "
            f"numbers are {inputs.numbers}"
        )
        client.log_metric(run_id, "conversion_rows", evidence["rows"])
        client.log_metric(run_id, "conversion_largest_difference", comparison.largest)
        client.log_artifacts(run_id, str(out), "model")
    made = client.create_model_version(
        asked.model,
        f"runs:/{run_id}/model",
        run_id=run_id,
        tags={CONVERTED_TAG: asked.version},
        description=f"Version {asked.version} in ONNX",
    )
    return made.version


def find_equal(model, example, original):
    """The first way whose predictions are equal. What comes last is the least usual, so that the first problem is told."""
    problems: list[str] = []
    failures: list[str] = []
    for inputs in ways_of(example):
        way = f"{inputs.numbers}, {'one tensor' if inputs.is_one else 'a tensor for each column'}"
        try:
            converted = convert(model, inputs)
            comparison = compare(original, run(converted, inputs))
        except Refusal:
            raise
        except Exception as error:
            failures.append(f"{type(error).__name__}: {first_line(error)}")
            print(f"{way}: {failures[-1]}")
            continue
        if comparison.problem is None:
            return converted, inputs, comparison
        problems.append(comparison.problem)
        print(f"{way}: {comparison.problem}")
    if problems:
        raise Refusal(
            f"the ONNX file does not predict what the model predicts: on its input example {problems[0]}. Nothing was "
            "registered"
        )
    raise Refusal(f"it cannot be said in ONNX: {failures[0] if failures else 'there is no way to'}")


def converters() -> dict[str, dict[str, str]]:
    return {name: {"used": version_of(name)} for name in ("skl2onnx", "onnxmltools", "onnx", "onnxruntime")}


if __name__ == "__main__":
    main()
