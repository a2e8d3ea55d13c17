import type {
  RecordSample,
  SampleValue,
} from '@greenroom/plugin-ai-inference-common';
import type { TensorPayload } from '../domain/Exchange';
import { toNumber } from '../domain/datatypes';
import type { TensorVersion } from '../domain/ServedVersion';
import { lengthOfRow, predictionOf } from '../domain/predictionOf';
import type { BytesElement, ModelSchema, Tensor } from '../domain/tensor';
import { BATCH_LIMITS } from './recordWeight';

interface FeaturePlace {
  /** Position of the input in the signature; -1 when it has no such input. */
  input: number;
  /** Position in the input's row. */
  index: number;
}

/** Copies rows of one version into samples, in the order of its schema's features. */
export class RowSampler {
  readonly #features: FeaturePlace[];
  readonly #texts: FeaturePlace[];
  readonly #schema: ModelSchema;

  /** @returns undefined when the version declares no features to copy, or more than a sample may have. */
  static for(
    served: Pick<TensorVersion, 'schema' | 'signature'>,
  ): RowSampler | undefined {
    const { schema, signature } = served;
    if (!schema || schema.features.length === 0) return undefined;
    if (schema.features.length > BATCH_LIMITS.features) return undefined;
    const features = schema.features.map(({ tensor, index }) => ({
      input: signature.inputs.findIndex(spec => spec.name === tensor),
      index,
    }));
    const texts = features.filter(
      ({ input }) => signature.inputs[input]?.datatype === 'BYTES',
    );
    return new RowSampler(features, texts, schema);
  }

  private constructor(
    features: FeaturePlace[],
    texts: FeaturePlace[],
    schema: ModelSchema,
  ) {
    this.#features = features;
    this.#texts = texts;
    this.#schema = schema;
  }

  /**
   * Whether a record cannot hold a row: one that said "missing" instead, or a part of it, would be
   * counted as what nobody sent.
   *
   * @returns the input with bytes that are no text, or text with a zero character; undefined for none
   */
  unsayableInput(payload: TensorPayload, row: number): string | undefined {
    const { inputs, rows } = payload;
    for (const { input, index } of this.#texts) {
      const tensor = inputs[input];
      const { name, data } = tensor;
      const length = lengthOfRow(tensor, rows);
      if (index >= length || !Array.isArray(data)) continue;
      if (sayable(data[row * length + index]) === undefined) return name;
    }
    return undefined;
  }

  /**
   * A row is copied whatever is in it: what is missing, or where the request has nothing, is null.
   *
   * @param row - from 0, below the payload's rows
   * @param at - milliseconds since the epoch
   */
  sample(payload: TensorPayload, row: number, at: number): RecordSample {
    const { inputs, rows } = payload;
    const features = new Array<SampleValue>(this.#features.length);
    for (let f = 0; f < features.length; f++) {
      const { input, index } = this.#features[f];
      const tensor = inputs[input];
      features[f] =
        tensor === undefined ? null : valueIn(tensor, rows, row, index);
    }
    const { outputs = [] } = payload;
    const said = predictionOf(this.#schema, outputs, rows, row);
    const prediction = typeof said === 'string' ? sayable(said) : said;
    return prediction === undefined
      ? { at, features }
      : { at, features, prediction };
  }
}

/** One value as JSON can carry it. */
function valueIn(
  tensor: Tensor,
  rows: number,
  row: number,
  index: number,
): SampleValue {
  const length = lengthOfRow(tensor, rows);
  // A dimension that is free may be shorter than where the feature lies.
  if (index >= length) return null;
  const value = tensor.data[row * length + index];
  if (typeof value === 'object') return null;
  if (typeof value === 'string') return cut(value);
  if (tensor.datatype === 'BOOL') return value !== 0;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  const number = toNumber(value, tensor.datatype);
  if (Number.isFinite(number)) return number;
  return Number.isNaN(number) ? null : String(number);
}

/** From that many characters on, a text of a row may be a part of what was asked. */
export const MOST_TEXT_CHARACTERS = BATCH_LIMITS.textCharacters;

/** @returns undefined for what no record can hold: bytes that are no text, and what databases take for its end */
export function sayable(element: BytesElement): string | undefined {
  return typeof element === 'string' && !element.includes('\0')
    ? cut(element)
    : undefined;
}

export function cut(text: string): string {
  return text.length > BATCH_LIMITS.textCharacters
    ? text.slice(0, BATCH_LIMITS.textCharacters)
    : text;
}
