import type {
  ModelSchema,
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import type { InferRequest, InferTensor } from './openInference';

/** Values by feature name; a feature without one is not filled in yet. */
export type FeatureValues = Record<string, number | undefined>;

/**
 * Shape of one row of a tensor: the batch is 1, and one free dimension after
 * it takes what is left of `length`.
 */
export function rowShape(spec: TensorSpec, length: number): number[] {
  const [, ...rest] = spec.shape;
  const known = rest
    .filter(size => size > 0)
    .reduce((product, size) => product * size, 1);
  const free = rest.filter(size => size < 0).length;
  const left = Math.max(1, Math.round(length / known));
  let used = false;
  return [
    1,
    ...rest.map(size => {
      if (size >= 0) return size;
      if (free > 1 && used) return 1;
      used = true;
      return left;
    }),
  ];
}

/**
 * One row for the model, made from named values.
 *
 * @throws Error naming the feature that has no value, or the tensor that no feature fills
 */
export function requestOf(options: {
  signature: Signature;
  schema: ModelSchema;
  values: FeatureValues;
}): InferRequest {
  const { signature, schema, values } = options;
  return {
    inputs: signature.inputs.map((spec): InferTensor => {
      const features = schema.features.filter(
        feature => feature.tensor === spec.name,
      );
      if (features.length === 0) {
        throw new Error(
          `No feature fills the input "${spec.name}". Write the request by hand instead.`,
        );
      }
      const length = Math.max(...features.map(({ index }) => index)) + 1;
      const data = new Array<number>(length).fill(0);
      for (const feature of features) {
        const value = values[feature.name];
        if (value === undefined || Number.isNaN(value)) {
          throw new Error(`"${feature.name}" needs a number.`);
        }
        data[feature.index] = value;
      }
      return {
        name: spec.name,
        shape: rowShape(spec, length),
        datatype: spec.datatype,
        data,
      };
    }),
  };
}

/** A request to start from when a version declares no schema: zeros of the right shape. */
export function blankRequest(signature: Signature): InferRequest {
  return {
    inputs: signature.inputs.map(spec => {
      const shape = spec.shape.map(size => (size < 0 ? 1 : size));
      const length = shape.reduce((product, size) => product * size, 1);
      return {
        name: spec.name,
        shape,
        datatype: spec.datatype,
        data: new Array(length).fill(blankOf(spec.datatype)),
      };
    }),
  };
}

/** What stands for no value yet. */
export function blankOf(datatype: TensorSpec['datatype']): unknown {
  if (datatype === 'BYTES') return '';
  return datatype === 'BOOL' ? false : 0;
}

/**
 * The request as JSON with each array of values on one line.
 *
 * @param indent - spaces before every line but the first
 */
export function formatRequest(request: InferRequest, indent = 0): string {
  const text = JSON.stringify(request, undefined, 2).replace(
    /\[\s+((?:[^\]["{]|"(?:[^"\\]|\\.)*")+?)\s+\]/g,
    (_, items: string) => `[${items.replace(/\s*\n\s*/g, ' ')}]`,
  );
  return text.replace(/\n/g, `\n${' '.repeat(indent)}`);
}
