import type { RecordSample } from '@greenroom/plugin-ai-inference-common';
import type { InferenceCall } from '../domain/DataPlane';
import type { ServedVersion } from '../domain/ServedVersion';
import { rowLength, type Tensor, type TensorSpec } from '../domain/tensor';

interface FeaturePlace {
  /** Position of the input in the signature. */
  input: number;
  /** Position in the input's row. */
  index: number;
}

/** Copies rows of one version into samples, in the order of its schema's features. */
export class RowSampler {
  readonly #features: FeaturePlace[];
  readonly #predictionTensor: string | undefined;
  readonly #labels: string[] | undefined;
  readonly #classification: boolean;

  /** @returns undefined when the version declares no features to copy. */
  static for(
    served: Pick<ServedVersion, 'schema' | 'signature'>,
  ): RowSampler | undefined {
    const { schema, signature } = served;
    if (!schema || schema.features.length === 0) return undefined;
    const features: FeaturePlace[] = [];
    for (const feature of schema.features) {
      const input = signature.inputs.findIndex(
        spec => spec.name === feature.tensor,
      );
      const spec = signature.inputs[input];
      if (!spec || !isInRow(spec, feature.index)) return undefined;
      // Strings and half-precision bits are no numbers to profile.
      if (spec.datatype === 'BYTES' || spec.datatype === 'FP16') {
        return undefined;
      }
      features.push({ input, index: feature.index });
    }
    return new RowSampler(features, schema);
  }

  private constructor(
    features: FeaturePlace[],
    schema: NonNullable<ServedVersion['schema']>,
  ) {
    this.#features = features;
    this.#predictionTensor = schema.prediction.tensor;
    this.#labels = schema.prediction.labels;
    this.#classification = schema.task === 'classification';
  }

  /**
   * @param row - from 0, below the call's rows
   * @returns undefined when a value is no finite number, which JSON cannot carry.
   */
  sample(call: InferenceCall, row: number): RecordSample | undefined {
    const { inputs } = call;
    if (!inputs) return undefined;
    const features = new Array<number>(this.#features.length);
    for (let f = 0; f < features.length; f++) {
      const { input, index } = this.#features[f];
      const tensor = inputs[input];
      const offset = row * lengthOfRow(tensor, call.rows);
      const value = Number(tensor.data[offset + index]);
      if (!Number.isFinite(value)) return undefined;
      features[f] = value;
    }
    const prediction = this.#predict(call, row);
    return prediction === undefined
      ? { at: call.arrivedAtMillis, features }
      : { at: call.arrivedAtMillis, features, prediction };
  }

  #predict(call: InferenceCall, row: number): number | string | undefined {
    const output = call.outputs?.find(
      tensor => tensor.name === this.#predictionTensor,
    );
    if (!output) return undefined;
    const length = lengthOfRow(output, call.rows);
    const start = row * length;
    if (Array.isArray(output.data)) return output.data[start];
    let value = Number(output.data[start]);
    if (this.#classification && length > 1) {
      value = indexOfLargest(output, start, length);
    }
    const label = this.#labels?.[value];
    if (label !== undefined) return label;
    return Number.isFinite(value) ? value : undefined;
  }
}

function isInRow({ shape }: TensorSpec, index: number): boolean {
  return shape.slice(1).includes(-1) || index < rowLength(shape);
}

/** The rows of a call are the first dimension, or the whole tensor is its only row. */
function lengthOfRow(tensor: Tensor, rows: number): number {
  return tensor.shape[0] === rows
    ? rowLength(tensor.shape)
    : tensor.data.length;
}

function indexOfLargest(tensor: Tensor, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) {
    if (Number(tensor.data[start + i]) > Number(tensor.data[start + best])) {
      best = i;
    }
  }
  return best;
}
