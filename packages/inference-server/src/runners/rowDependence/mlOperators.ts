import { isConstant, rowsAt, type Operator, type Value } from './values';

type NamedRule = [string, (operator: Operator) => Value[]];

const scores = rowsAt(0, 2);
const labels = rowsAt(0, 1);

/** A table of features: one row a row. A plain vector would be a single row. */
function table(operator: Operator): void {
  if (operator.rows(0, 0).rank !== 2) throw operator.doubt();
}

const sameShape = (operator: Operator): Value[] => [operator.rows(0)];

const perTableRow =
  (...outputs: Value[]) =>
  (operator: Operator): Value[] => {
    table(operator);
    operator.fixedFrom(1);
    return outputs;
  };

/** Picks columns of the rows, or for each row an element of a list, such as its label. */
function extract(operator: Operator): Value[] {
  const [data, picked] = [operator.input(0), operator.input(1)];
  if (data?.kind === 'rows') return perTableRow(scores)(operator);
  const rank = data && isConstant(data) ? data.shape?.length : undefined;
  if (rank === undefined || rank > 2 || picked?.kind !== 'rows') {
    throw operator.doubt();
  }
  operator.rows(1, 0);
  const single = rank < 2 || (data?.kind === 'fixed' && data.shape?.[0] === 1);
  return [rowsAt(1, 2, single)];
}

/** Operators of classical machine learning, by their name in the domain `ai.onnx.ml`. */
export const mlOperators: NamedRule[] = [
  ['ai.onnx.ml.Binarizer', sameShape],
  ['ai.onnx.ml.CategoryMapper', sameShape],
  ['ai.onnx.ml.Imputer', perTableRow(scores)],
  ['ai.onnx.ml.LabelEncoder', sameShape],
  ['ai.onnx.ml.Normalizer', perTableRow(scores)],
  ['ai.onnx.ml.Scaler', perTableRow(scores)],
  ['ai.onnx.ml.ArrayFeatureExtractor', extract],
  [
    'ai.onnx.ml.FeatureVectorizer',
    operator => {
      operator.inputs.forEach((_, index) => {
        if (operator.rows(index, 0).rank !== 2) throw operator.doubt();
      });
      return [scores];
    },
  ],
  [
    'ai.onnx.ml.OneHotEncoder',
    operator => {
      const { axis, rank } = operator.rows(0);
      return [rowsAt(axis, rank + 1)];
    },
  ],
  ['ai.onnx.ml.LinearClassifier', perTableRow(labels, scores)],
  ['ai.onnx.ml.LinearRegressor', perTableRow(scores)],
  ['ai.onnx.ml.SVMClassifier', perTableRow(labels, scores)],
  ['ai.onnx.ml.SVMRegressor', perTableRow(scores)],
  ['ai.onnx.ml.TreeEnsemble', perTableRow(scores)],
  ['ai.onnx.ml.TreeEnsembleClassifier', perTableRow(labels, scores)],
  ['ai.onnx.ml.TreeEnsembleRegressor', perTableRow(scores)],
  ['TfIdfVectorizer', perTableRow(scores)],
];
