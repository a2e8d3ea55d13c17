import type { BaselineProfile } from '@greenroom/ml-kit';
import type {
  Datatype,
  FeatureSpec,
  ModelSchema,
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import type { InferRequest, InferTensor } from '../openInference';
import { blankOf, rowShape } from '../inferRequest';
import { typicalValues } from '../typicalValues';
import { hasJsonForm } from './datatypes';

/** An example with more values than this nobody reads. */
const MOST_VALUES = 2_048;

/**
 * One row that the version answers, with typical values where it says what its columns mean.
 *
 * @returns undefined where it would have more than 2,048 values, or a datatype that JSON has no form for
 */
export function exampleRequest(options: {
  signature: Signature;
  schema?: ModelSchema;
  baseline?: BaselineProfile;
}): InferRequest | undefined {
  const { signature, schema, baseline } = options;
  const { inputs, outputs } = signature;
  if (!inputs.every(({ datatype }) => hasJsonForm(datatype))) return undefined;
  const features = schema?.features ?? [];
  const shapes = shapesOf(inputs, features);
  const values = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  if (values > MOST_VALUES) return undefined;
  const isBinaryNeeded = !outputs.every(({ datatype }) =>
    hasJsonForm(datatype),
  );
  return {
    ...(isBinaryNeeded && { parameters: { binary_data_output: true } }),
    inputs: inputs.map((spec, index): InferTensor => {
      const { name, datatype } = spec;
      const own = features.filter(({ tensor }) => tensor === name);
      const data = new Array<unknown>(sizeOf(shapes[index])).fill(
        blankOf(datatype),
      );
      for (const [place, value] of valuesOf(own, datatype, baseline)) {
        data[place] = value;
      }
      return { name, shape: shapes[index], datatype, data };
    }),
  };
}

/** A free dimension of one input has the size that columns give to the same one of another: they may be one. */
function shapesOf(inputs: TensorSpec[], features: FeatureSpec[]): number[][] {
  const freeSizes = new Map<number, number>();
  const shapes = inputs.map(spec => {
    const own = features.filter(({ tensor }) => tensor === spec.name);
    if (own.length === 0 || spec.shape.length === 0) return undefined;
    const shape = rowShape(
      spec,
      Math.max(...own.map(({ index }) => index)) + 1,
    );
    shape[0] = spec.shape[0] < 0 ? 1 : spec.shape[0];
    spec.shape.forEach((size, axis) => {
      if (size < 0) freeSizes.set(axis, shape[axis]);
    });
    return shape;
  });
  return inputs.map(
    (spec, index) =>
      shapes[index] ??
      spec.shape.map((size, axis) =>
        size < 0 ? freeSizes.get(axis) ?? 1 : size,
      ),
  );
}

function sizeOf(shape: number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function valuesOf(
  features: FeatureSpec[],
  datatype: Datatype,
  baseline: BaselineProfile | undefined,
): [number, unknown][] {
  if (datatype === 'BOOL') return [];
  if (datatype === 'BYTES') {
    return features.map(({ name, index }) => [
      index,
      mostFrequent(name, baseline) ?? '',
    ]);
  }
  const isWhole = /^U?INT/.test(datatype);
  const typical = typicalValues(features, baseline);
  return features.map(({ name, index, kind }) => {
    const code =
      kind === 'categorical'
        ? Number(mostFrequent(name, baseline) ?? Number.NaN)
        : Number.NaN;
    const value = Number.isNaN(code) ? typical[name] ?? 0 : code;
    return [index, isWhole ? Math.round(value) : value];
  });
}

function mostFrequent(
  feature: string,
  baseline: BaselineProfile | undefined,
): string | undefined {
  const histogram = baseline?.features.find(
    ({ name }) => name === feature,
  )?.histogram;
  if (histogram?.kind !== 'categorical') return undefined;
  const { categories, counts } = histogram;
  return categories[counts.indexOf(Math.max(...counts))];
}
