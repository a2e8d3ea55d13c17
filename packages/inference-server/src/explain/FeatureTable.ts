import type { Batch } from '@greenroom/ml-kit';
import { DATATYPE_FACTS, toNumber } from '../domain/datatypes';
import { InferenceError } from '../domain/InferenceError';
import type { TensorVersion } from '../domain/ServedVersion';
import type { Datatype, Tensor, TensorData } from '../domain/tensor';

/** A value of a feature as tensors carry it; null is missing. */
export type FeatureValue = number | bigint | string | boolean | null;

interface Feature {
  name: string;
  /** Position of the input in the signature. */
  input: number;
  /** Position in the input's row. */
  index: number;
  datatype: Datatype;
}

/**
 * Rows of features as numbers, which the mathematics of explanations moves about, and back as
 * tensors. A number stands for itself; what is none, or is too large to be exact, for its place in
 * a list of the values that were met. What of the inputs is no feature stays as the request has it.
 */
export class FeatureTable {
  readonly features: readonly Feature[];
  /** Of each feature, the values that stand for no number, and where each is in the list. */
  readonly #values: {
    list: (string | bigint)[];
    at: Map<string | bigint, number>;
  }[];
  readonly #inputs: readonly Tensor[];

  /**
   * @param inputs - of the request, one row
   * @throws InferenceError `invalid` where the version does not say what its inputs mean
   */
  static for(
    served: Pick<TensorVersion, 'schema' | 'signature' | 'version' | 'model'>,
    inputs: readonly Tensor[],
  ): FeatureTable {
    const { schema, signature } = served;
    if (!schema || schema.features.length === 0) {
      throw new InferenceError(
        'invalid',
        `version ${served.version} of model "${served.model}" does not say what its inputs mean: register a version with a schema that names its features`,
      );
    }
    const features = schema.features.map(({ name, tensor, index }): Feature => {
      const input = signature.inputs.findIndex(spec => spec.name === tensor);
      const found = inputs[input];
      if (found === undefined || index >= found.data.length) {
        throw new InferenceError(
          'invalid',
          `feature "${name}" is value ${index} of input "${tensor}", which the request does not have`,
        );
      }
      return { name, input, index, datatype: found.datatype };
    });
    return new FeatureTable(features, inputs);
  }

  private constructor(features: Feature[], inputs: readonly Tensor[]) {
    this.features = features;
    this.#inputs = inputs;
    this.#values = features.map(() => ({ list: [], at: new Map() }));
  }

  /** Whether every feature is a number by its size. */
  get isNumeric(): boolean {
    return this.#values.every(({ list }) => list.length === 0);
  }

  /** The request's own row. */
  instance(): Float64Array {
    return this.encode(
      this.features.map(({ input, index, datatype }) =>
        valueAt(this.#inputs[input].data, index, datatype),
      ),
      'the request',
    );
  }

  /** Some rows of tensors of the same signature, by their places. */
  rowsOf(
    inputs: readonly Tensor[],
    rows: number,
    chosen: readonly number[],
  ): Float64Array[] {
    return chosen.map(row =>
      this.encode(
        this.features.map(({ input, index, datatype }) => {
          const { data } = inputs[input];
          return valueAt(data, (row * data.length) / rows + index, datatype);
        }),
        `background row ${row}`,
      ),
    );
  }

  /**
   * @param values - in the order of the features
   * @param where - what an error names
   * @throws InferenceError `invalid` for a value that the input cannot hold
   */
  encode(values: readonly FeatureValue[], where: string): Float64Array {
    return Float64Array.from(this.features, (_feature, at) =>
      this.#encodeValue(at, values[at] ?? null, where),
    );
  }

  /** The rows of a batch as inputs of the model, in the order of the signature. */
  toTensors({ rows, features, values }: Batch): Tensor[] {
    const tensors = this.#inputs.map(({ name, datatype, shape, data }) => {
      const copy = DATATYPE_FACTS[datatype].create(rows * data.length);
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < data.length; i++) {
          copy[row * data.length + i] = data[i];
        }
      }
      const [, ...rest] = shape;
      return { name, datatype, shape: [rows, ...rest], data: copy };
    });
    for (let at = 0; at < this.features.length; at++) {
      const { input, index, datatype } = this.features[at];
      const target = tensors[input].data;
      const rowLength = this.#inputs[input].data.length;
      for (let row = 0; row < rows; row++) {
        put(
          target,
          row * rowLength + index,
          datatype,
          this.#decodeValue(at, values[row * features + at]),
        );
      }
    }
    return tensors;
  }

  /** What stands for a code. */
  valueOf(at: number, code: number): FeatureValue {
    const value = this.#decodeValue(at, code);
    if (this.features[at].datatype === 'BOOL') return value !== 0;
    return Number.isNaN(value) ? null : value;
  }

  textOf(at: number, code: number): string {
    return String(this.#decodeValue(at, code));
  }

  /** The instance once for each text, with that in the place of a feature; one row after the other. */
  withTexts(
    instance: Float64Array,
    at: number,
    texts: readonly string[],
  ): Float64Array {
    const rows = new Float64Array(texts.length * instance.length);
    texts.forEach((text, row) => {
      rows.set(instance, row * instance.length);
      rows[row * instance.length + at] = this.#codeOf(at, text);
    });
    return rows;
  }

  #encodeValue(at: number, value: FeatureValue, where: string): number {
    const { name, datatype } = this.features[at];
    const refused = (what: string) =>
      new InferenceError(
        'invalid',
        `${where}: feature "${name}" is ${what}, expected a value of ${datatype}`,
      );
    const { kind, bits, range, bigRange } = DATATYPE_FACTS[datatype];
    if (kind === 'string') return this.#codeOf(at, String(value ?? ''));
    if (value === null) {
      if (kind === 'float' || kind === 'half') return NaN;
      throw refused('missing');
    }
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'bigint') {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : this.#codeOf(at, value);
    }
    // Infinities are written as texts in reference rows.
    const number = Number(value);
    if (Number.isNaN(number)) throw refused('no number');
    if (bits) return bits.toNumber(bits.fromNumber(number));
    // As the model will see it, so that equal values are known to be equal.
    if (kind === 'float') {
      return datatype === 'FP32' ? Math.fround(number) : number;
    }
    const [least, most] = range ?? bigRange ?? [-Infinity, Infinity];
    if (!Number.isSafeInteger(number) || number < least || number > most) {
      throw refused(`${number}`);
    }
    return number;
  }

  /** Codes of a feature whose values are no numbers are negative halves: no number of its own is one. */
  #codeOf(at: number, value: string | bigint): number {
    const values = this.#values[at];
    let index = values.at.get(value);
    if (index === undefined) {
      index = values.list.push(value) - 1;
      values.at.set(value, index);
    }
    return -index - 0.5;
  }

  #decodeValue(at: number, code: number): number | bigint | string {
    const { list } = this.#values[at];
    const isCode = list.length > 0 && code < 0 && !Number.isInteger(code);
    return isCode ? list[-code - 0.5] : code;
  }
}

function valueAt(
  data: TensorData,
  at: number,
  datatype: Datatype,
): FeatureValue {
  const value = data[at];
  // Explanations are asked for in JSON, and what they move about came in it.
  if (typeof value === 'object') throw new Error('a feature of raw bytes');
  return typeof value === 'number' ? toNumber(value, datatype) : value;
}

function put(
  data: TensorData,
  at: number,
  datatype: Datatype,
  value: number | bigint | string,
): void {
  const { kind, bits } = DATATYPE_FACTS[datatype];
  if (bits) data[at] = bits.fromNumber(Number(value));
  else if (kind === 'bigint') data[at] = BigInt(value);
  else data[at] = value;
}
