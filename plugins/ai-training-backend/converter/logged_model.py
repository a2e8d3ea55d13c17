"""A version as MLflow has logged it: what it is, what it was made with, and the rows that it was logged with."""

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version as version_of
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model

from refusal import Refusal

# By flavor: the library, and what MLmodel calls its version. The first that a version has is taken.
FLAVORS = {
    "sklearn": ("scikit-learn", "sklearn_version"),
    "xgboost": ("xgboost", "xgb_version"),
    "lightgbm": ("lightgbm", "lgb_version"),
}
LIBRARIES = [library for library, _ in FLAVORS.values()]
# What holds the same module under another name.
INSTALLED_AS = {"xgboost": ["xgboost", "xgboost-cpu"]}
MOST_ROWS = 1_000
# All rows together: what is recorded of them stays some megabytes.
MOST_VALUES = 100_000


@dataclass(frozen=True)
class LoggedModel:
    folder: Path
    flavor: str
    description: Model

    @staticmethod
    def read(folder: Path) -> "LoggedModel":
        if not (folder / "MLmodel").exists():
            raise Refusal("it is no folder of MLflow: there is no file MLmodel in it")
        description = Model.load(str(folder))
        flavor = next((name for name in FLAVORS if name in description.flavors), None)
        if flavor is None:
            has = ", ".join(sorted(description.flavors)) or "none"
            raise Refusal(
                f"its flavors are {has}, and only {', '.join(FLAVORS)} are converted: "
                "export the model to ONNX where it is trained, and register that file"
            )
        return LoggedModel(folder, flavor, description)

    def libraries(self) -> dict[str, dict[str, str]]:
        """Version that each library had when the model was logged, and has here, where the model says one."""
        logged = {}
        requirements = self.folder / "requirements.txt"
        if requirements.exists():
            for line in requirements.read_text().splitlines():
                found = re.match(r"\s*([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?\s*==\s*([0-9][^\s;,]*)", line)
                name = found and found[1].lower().replace("_", "-")
                name = "xgboost" if name == "xgboost-cpu" else name
                if name in LIBRARIES:
                    logged[name] = found[2]
        library, field = FLAVORS[self.flavor]
        said = self.description.flavors[self.flavor].get(field)
        if said is not None:
            logged[library] = str(said)
        if library not in logged:
            raise Refusal(
                f"nothing says with which version of {library} it was logged, neither MLmodel nor requirements.txt: "
                "log it again with MLflow's own log_model"
            )
        return {name: {"logged": at, "used": installed(name)} for name, at in logged.items()}

    def load(self):
        """Runs what its author put into it: this is why it is done in a job."""
        loaders = {
            "sklearn": lambda uri: mlflow.sklearn.load_model(uri),
            "xgboost": lambda uri: mlflow.xgboost.load_model(uri),
            "lightgbm": lambda uri: mlflow.lightgbm.load_model(uri),
        }
        return loaders[self.flavor](str(self.folder))

    def example(self) -> pd.DataFrame | np.ndarray:
        """Its input example: a frame, or numbers of shape [rows, features]; at most 1,000 rows."""
        how = "log it again with log_model(..., input_example=X_test[:100])"
        if self.description.saved_input_example_info is None:
            raise Refusal(f"it has no input example to compare the predictions on: {how}")
        example = self.description.load_input_example(str(self.folder))
        if isinstance(example, dict):
            example = pd.DataFrame({name: np.asarray(values) for name, values in example.items()})
        if isinstance(example, list):
            example = np.asarray(example)
        if isinstance(example, pd.Series):
            example = example.to_frame().T
        is_frame = isinstance(example, pd.DataFrame)
        is_numbers = isinstance(example, np.ndarray) and example.dtype.kind in "biuf"
        if not is_frame and not is_numbers:
            raise Refusal(f"its input example is neither a table nor an array of numbers: {how}")
        if len(example) == 0 or example.ndim != 2 or example.shape[1] == 0:
            raise Refusal(f"its input example has the shape {list(example.shape)}, expected rows and features: {how}")
        return example[: max(1, min(MOST_ROWS, MOST_VALUES // example.shape[1]))]


def installed(library: str) -> str:
    for name in INSTALLED_AS.get(library, [library]):
        try:
            return version_of(name)
        except PackageNotFoundError:
            continue
    raise Refusal(f"it was logged with {library}, which is not installed here: add it to the converter's packages")


def refuse_other_versions(libraries: dict[str, dict[str, str]]) -> None:
    """A file of another version may be read without an error, and predict something else."""
    for name, at in libraries.items():
        if minor_of(at["logged"]) != minor_of(at["used"]):
            raise Refusal(
                f"it was logged with {name} {at['logged']}, and {at['used']} is installed here, which may read it as "
                f"another model: log it again with {name} {at['used']}, have the converter use {at['logged']} "
                "(aiTraining.conversion), or allow other versions for this conversion"
            )


def minor_of(version: str) -> list[str]:
    return version.split(".")[:2]
