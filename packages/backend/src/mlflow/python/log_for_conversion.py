"""Logs models by MLflow's own client, to be converted; prints what each says of rows that are not in its example."""

import json
import sys
from pathlib import Path

import lightgbm
import mlflow
import numpy as np
import pandas as pd
import xgboost
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import cloudpickle


class Halve(TransformerMixin, BaseEstimator):
    """Nobody but its author knows how to say it in ONNX."""

    def fit(self, rows, labels=None):
        self.fitted_ = True
        return self

    def transform(self, rows):
        return rows / 2


def frame(random: np.random.Generator, rows: int) -> pd.DataFrame:
    values = pd.DataFrame(
        {
            "age": random.integers(18, 80, rows),
            "income": random.normal(30, 10, rows),
            "home town": random.choice(["Bonn", "Köln", "Mainz"], rows),
        }
    )
    values.loc[::7, "income"] = np.nan
    return values


def main(folder: Path) -> None:
    random = np.random.default_rng(7)
    table, numbers = frame(random, 300), random.normal(size=(300, 4))
    stays = np.where(table["age"] * 0.1 + table["income"].fillna(20) * 0.05 > 6, "stays", "leaves")
    positive = (numbers.sum(axis=1) > 0).astype(int)
    columns = ColumnTransformer(
        [
            ("numbers", Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())]), ["age", "income"]),
            ("texts", OneHotEncoder(handle_unknown="ignore"), ["home town"]),
        ]
    )
    pipeline = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(table, stays)
    trees = xgboost.XGBRegressor(n_estimators=20).fit(numbers, numbers[:, 0] * 3)
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(numbers, label=positive), 10)
    own = Pipeline([("halve", Halve()), ("model", LogisticRegression())]).fit(numbers, positive)
    unequal = LogisticRegression().fit(numbers, positive)
    # What it predicts is not what it has learned: the converter sees only that.
    unequal.predict = lambda rows: np.zeros(len(rows), dtype=int)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])

    fresh, fresh_numbers = frame(random, 50), random.normal(size=(50, 4))
    said = {
        "Who stays": {
            "inputs": {
                name: fresh[[name]].astype(float if name != "home town" else object).values.tolist()
                for name in fresh.columns
            },
            "labels": pipeline.predict(fresh).tolist(),
            "numbers": pipeline.predict_proba(fresh).tolist(),
        },
        "trees": {"inputs": {"X": fresh_numbers.tolist()}, "numbers": trees.predict(fresh_numbers).reshape(-1, 1).tolist()},
        "booster": {
            "inputs": {"X": fresh_numbers.tolist()},
            "numbers": [[1 - one, one] for one in booster.predict(fresh_numbers).tolist()],
        },
    }
    mlflow.set_experiment("to convert")
    log = {"serialization_format": "cloudpickle", "pip_requirements": ["scikit-learn"]}
    with mlflow.start_run():
        sklearn, example = mlflow.sklearn.log_model, numbers[:40]
        sklearn(pipeline, name="stays", input_example=table[:40], registered_model_name="Who stays", **log)
        sklearn(own, name="own", input_example=example, registered_model_name="own", **log)
        sklearn(unequal, name="unequal", input_example=example, registered_model_name="unequal", **log)
        older = mlflow.sklearn.log_model
        older(
            LogisticRegression().fit(numbers, positive),
            name="older",
            input_example=example,
            registered_model_name="older",
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn", "xgboost==1.2.3"],
        )
        mlflow.xgboost.log_model(trees, name="trees", input_example=example, registered_model_name="trees", pip_requirements=["xgboost"])
        mlflow.lightgbm.log_model(
            booster, name="booster", input_example=example, registered_model_name="booster", pip_requirements=["lightgbm"]
        )
    (folder / "said.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
