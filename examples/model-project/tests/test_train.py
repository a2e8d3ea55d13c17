"""What CI runs before it trains: python -m unittest discover tests"""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import train  # noqa: E402

PARAMS = {"n_estimators": 10, "max_depth": 3, "random_state": 7}


class TrainTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = train.load_data()
        cls.model = train.train(cls.data.rows, cls.data.classes, PARAMS)
        cls.exported = train.to_onnx(cls.model, cls.data)

    def test_exported_file_answers_as_the_model(self):
        label, probabilities = train.predict(self.exported, self.data.rows)
        np.testing.assert_array_equal(label, self.model.predict(self.data.rows))
        np.testing.assert_allclose(
            probabilities, self.model.predict_proba(self.data.rows), atol=1e-5
        )

    def test_is_better_than_always_the_same_answer(self):
        label, _ = train.predict(self.exported, self.data.rows)
        most = np.bincount(self.data.classes).max() / len(self.data.classes)
        self.assertGreater((label == self.data.classes).mean(), most)

    def test_what_is_said_agrees_with_itself(self):
        said = train.describe(self.exported, self.data, self.data.rows, self.data.classes)
        evaluation = said["evaluation"]
        self.assertEqual(len(evaluation["perRow"]), evaluation["dataset"]["rows"])
        self.assertAlmostEqual(np.mean(evaluation["perRow"]), evaluation["metrics"]["accuracy"])
        self.assertEqual(
            [len(row) for row in said["reference"]["features"]],
            [len(self.data.features)] * len(said["reference"]["predictions"]),
        )

    def test_digest_is_that_of_the_rows(self):
        rows, classes = self.data.rows, self.data.classes
        self.assertEqual(train.digest_of(rows, classes), train.digest_of(rows.copy(), classes))
        self.assertNotEqual(train.digest_of(rows, classes), train.digest_of(rows + 1, classes))


if __name__ == "__main__":
    unittest.main()
