import { toNumber } from '../domain/datatypes';
import { InferenceError } from '../domain/InferenceError';
import type { TensorVersion } from '../domain/ServedVersion';
import type { ModelSchema, Tensor } from '../domain/tensor';

/** The one number of a model's answer that is explained. */
export interface Target {
  /** Output that it is read from. */
  output: string;
  /** Of a classification: which class, as its label where there are labels. */
  class?: string | number;
  /** What the number is. */
  meaning: 'value' | 'probability' | 'score' | 'is-predicted';
  /** Of each row. */
  read(outputs: readonly Tensor[], rows: number): Float64Array;
}

/**
 * What is explained of a version's answer: the value of a regression; of a classification the
 * probability of a class, its score where there are no probabilities, or else whether it is the
 * answer.
 *
 * @param own - the version's answer to the row itself
 * @param asked - class that the caller names; the predicted one when undefined
 * @throws InferenceError `invalid` for a class that there is not
 */
export function chooseTarget(
  served: Pick<TensorVersion, 'schema' | 'model' | 'version'>,
  own: readonly Tensor[],
  asked: string | number | undefined,
): Target {
  const schema = served.schema as ModelSchema;
  const { tensor, labels, codes, probabilityTensor } = schema.prediction;
  const answer = find(own, tensor);
  if (schema.task === 'regression') {
    if (asked !== undefined) {
      throw new InferenceError(
        'invalid',
        `"class" is for classifications, and model "${served.model}" estimates a value: leave it out`,
      );
    }
    return {
      output: tensor,
      meaning: 'value',
      read: (outputs, rows) => column(find(outputs, tensor), rows, 0),
    };
  }
  const scores = probabilityTensor ? find(own, probabilityTensor) : answer;
  const predicted = predictedClass(answer);
  if (scores.data.length > 1 && !isTexts(scores)) {
    const index = classIndex(asked ?? predicted, {
      labels,
      codes,
      classes: scores.data.length,
    });
    const { name } = scores;
    return {
      output: name,
      class: labels?.[index] ?? codes?.[index] ?? index,
      meaning: probabilityTensor ? 'probability' : 'score',
      read: (outputs, rows) => column(find(outputs, name), rows, index),
    };
  }
  const wanted = classOf(asked ?? predicted, labels);
  const answers = isTexts(answer) ? wanted.label : wanted.index;
  return {
    output: tensor,
    class: wanted.label,
    meaning: 'is-predicted',
    read: (outputs, rows) => {
      const { data } = find(outputs, tensor);
      return Float64Array.from({ length: rows }, (_, row) =>
        String(data[(row * data.length) / rows]) === String(answers) ? 1 : 0,
      );
    },
  };
}

/**
 * A class by its label and its index, which are one where the version has no labels.
 *
 * @throws InferenceError `invalid` for one that is not among the labels
 */
function classOf(
  wanted: string | number,
  labels: string[] | undefined,
): { label: string | number; index: string | number } {
  if (!labels) return { label: wanted, index: wanted };
  const index = classIndex(wanted, { labels, classes: labels.length });
  return { label: labels[index], index };
}

function find(outputs: readonly Tensor[], name: string): Tensor {
  const found = outputs.find(output => output.name === name);
  if (found) return found;
  throw new InferenceError(
    'invalid',
    `the schema names the output "${name}", which the model does not give: register a version with a schema that fits`,
  );
}

/** A label, the index of a class, or the index of the largest of several scores. */
function predictedClass(answer: Tensor): string | number {
  const { data } = answer;
  if (Array.isArray(data)) {
    const [said] = data;
    if (typeof said === 'string') return said;
    throw new InferenceError(
      'invalid',
      `output "${answer.name}" is bytes that are no UTF-8: only answers that are texts or numbers are explained`,
    );
  }
  if (data.length === 1) {
    const value = Number(data[0]);
    // A whole number may have more digits than a double.
    return Number.isSafeInteger(value) ? value : String(data[0]);
  }
  const values = column(answer, data.length, 0);
  return values.reduce(
    (best, value, index) => (value > values[best] ? index : best),
    0,
  );
}

function classIndex(
  wanted: string | number,
  of: Pick<ModelSchema['prediction'], 'labels' | 'codes'> & {
    classes: number;
  },
): number {
  const { labels, codes, classes } = of;
  const byLabel = labels?.indexOf(String(wanted)) ?? -1;
  const byCode = codes ? codes.indexOf(String(wanted)) : Number(wanted);
  const index = byLabel >= 0 ? byLabel : byCode;
  if (Number.isInteger(index) && index >= 0 && index < classes) return index;
  throw new InferenceError(
    'invalid',
    `"class" is ${JSON.stringify(wanted)}, expected ${
      labels || codes
        ? `one of ${(labels ?? codes ?? [])
            .map(label => `"${label}"`)
            .join(', ')}`
        : `a number from 0 to ${classes - 1}`
    }`,
  );
}

function isTexts({ data }: Tensor): boolean {
  return Array.isArray(data);
}

/** One value of each row. */
function column(tensor: Tensor, rows: number, at: number): Float64Array {
  const { data, datatype } = tensor;
  const width = data.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    return toNumber(Number(data[row * width + at]), datatype);
  });
}
