import { toNumber } from './datatypes';
import { rowLength, type ModelSchema, type Tensor } from './tensor';

/**
 * What a version says of a row, as its schema says where to find it: a class label or index, or
 * a number.
 *
 * @param rows - of the request
 * @param row - from 0
 * @returns undefined where the outputs hold nothing of the kind, or no finite number
 */
export function predictionOf(
  schema: ModelSchema,
  outputs: readonly Tensor[],
  rows: number,
  row: number,
): number | string | undefined {
  const { tensor, labels, codes } = schema.prediction;
  const output = outputs.find(({ name }) => name === tensor);
  if (!output) return undefined;
  const length = lengthOfRow(output, rows);
  const start = row * length;
  if (Array.isArray(output.data)) {
    const said = output.data[start];
    return typeof said === 'string' ? said : undefined;
  }
  let value = numberAt(output, start);
  let index = value;
  if (schema.task === 'classification') {
    if (length > 1) value = index = indexOfLargest(output, start, length);
    else if (codes) index = codes.indexOf(String(output.data[start]));
  }
  const label = labels?.[index];
  if (label !== undefined) return label;
  return Number.isFinite(value) ? value : undefined;
}

/** Rounding may leave a probability a little above 1. */
const MOST_PROBABLE = 1 + 1e-5;
/** Enough for a mean, and short in JSON. */
const CONFIDENCE_STEPS = 1e6;

/**
 * How probable a version says that its prediction for a row is.
 *
 * @returns 0 to 1; undefined where the schema names no probabilities, or the outputs hold none of the predicted class
 */
export function confidenceOf(
  schema: ModelSchema,
  outputs: readonly Tensor[],
  rows: number,
  row: number,
): number | undefined {
  const { tensor, labels, codes, probabilityTensor } = schema.prediction;
  if (schema.task !== 'classification' || !probabilityTensor) return undefined;
  const answer = outputs.find(({ name }) => name === tensor);
  const scores = outputs.find(({ name }) => name === probabilityTensor);
  if (!answer || !scores || Array.isArray(scores.data)) return undefined;
  const classes = lengthOfRow(scores, rows);
  const index = classIn(answer, { labels, codes, rows, row });
  // A single column does not say which class it is of.
  if (classes < 2 || !(index >= 0 && index < classes)) return undefined;
  const probability = numberAt(scores, row * classes + index);
  if (!(probability >= 0 && probability <= MOST_PROBABLE)) return undefined;
  const rounded = Math.round(probability * CONFIDENCE_STEPS);
  return Math.min(1, rounded / CONFIDENCE_STEPS);
}

/** Index of the predicted class; -1 for a text that is no label. */
function classIn(
  answer: Tensor,
  of: Pick<ModelSchema['prediction'], 'labels' | 'codes'> & {
    rows: number;
    row: number;
  },
): number {
  const length = lengthOfRow(answer, of.rows);
  const start = of.row * length;
  if (Array.isArray(answer.data)) {
    const said = answer.data[start];
    return typeof said === 'string' ? of.labels?.indexOf(said) ?? -1 : -1;
  }
  if (length > 1) return indexOfLargest(answer, start, length);
  if (of.codes) return of.codes.indexOf(String(answer.data[start]));
  const index = numberAt(answer, start);
  return Number.isInteger(index) ? index : -1;
}

/** The rows of a request are the first dimension, or the whole tensor is its only row. */
export function lengthOfRow(tensor: Tensor, rows: number): number {
  return tensor.shape[0] === rows
    ? rowLength(tensor.shape)
    : tensor.data.length;
}

/** An element as a number, whatever its datatype is. */
export function numberAt({ datatype, data }: Tensor, at: number): number {
  const value = data[at];
  return typeof value === 'object' ? NaN : toNumber(Number(value), datatype);
}

function indexOfLargest(tensor: Tensor, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) {
    if (numberAt(tensor, start + i) > numberAt(tensor, start + best)) best = i;
  }
  return best;
}
