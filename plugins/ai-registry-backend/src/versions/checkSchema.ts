import { InputError } from '@backstage/errors';
import type {
  ModelSchema,
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';

/**
 * Holds what was declared against what the model file says. Throws an InputError
 * that names the first field that does not fit.
 */
export function checkSchema(schema: ModelSchema, signature: Signature): void {
  checkFeatures(schema, signature);
  checkImage(schema, signature);
  checkPrediction(schema, signature);
}

function checkFeatures(schema: ModelSchema, signature: Signature): void {
  const names = new Set<string>();
  const places = new Set<string>();
  schema.features.forEach((feature, position) => {
    const field = `schema.features[${position}]`;
    const tensor = requireTensor(
      `${field}.tensor`,
      feature.tensor,
      signature.inputs,
    );
    const width = rowWidth(tensor);
    if (width !== undefined && feature.index >= width) {
      throw new InputError(
        `${field}.index is ${feature.index}, but a row of input '${tensor.name}' has ${width} values, counted from 0`,
      );
    }
    if (names.has(feature.name)) {
      throw new InputError(`${field}.name '${feature.name}' is used twice`);
    }
    const place = `${feature.index} ${feature.tensor}`;
    if (places.has(place)) {
      throw new InputError(
        `${field}: another feature has index ${feature.index} of input '${feature.tensor}' already`,
      );
    }
    if (feature.range && feature.range[0] > feature.range[1]) {
      throw new InputError(
        `${field}.range must be [lowest, highest], got [${feature.range.join(
          ', ',
        )}]`,
      );
    }
    names.add(feature.name);
    places.add(place);
  });
}

function checkImage({ image }: ModelSchema, signature: Signature): void {
  if (!image) return;
  const tensor = requireTensor(
    'schema.image.tensor',
    image.tensor,
    signature.inputs,
  );
  const width = rowWidth(tensor);
  const pixels = image.width * image.height;
  if (width !== undefined && pixels !== width) {
    throw new InputError(
      `schema.image is ${image.width} x ${image.height} = ${pixels} pixels, but a row of input '${tensor.name}' has ${width} values`,
    );
  }
}

function checkPrediction(
  { task, prediction }: ModelSchema,
  signature: Signature,
): void {
  requireTensor(
    'schema.prediction.tensor',
    prediction.tensor,
    signature.outputs,
  );
  if (task === 'regression' && prediction.labels) {
    throw new InputError(
      'schema.prediction.labels belong to a classification, and schema.task is regression',
    );
  }
  if (prediction.probabilityTensor === undefined) return;
  const probabilities = requireTensor(
    'schema.prediction.probabilityTensor',
    prediction.probabilityTensor,
    signature.outputs,
  );
  const classes = probabilities.shape.at(-1) ?? -1;
  const labels = prediction.labels?.length;
  if (classes !== -1 && labels !== undefined && labels !== classes) {
    throw new InputError(
      `schema.prediction.labels has ${labels} names, but output '${probabilities.name}' has ${classes} classes`,
    );
  }
}

function requireTensor(
  field: string,
  name: string,
  tensors: TensorSpec[],
): TensorSpec {
  const tensor = tensors.find(candidate => candidate.name === name);
  if (!tensor) {
    const known = tensors.map(candidate => `'${candidate.name}'`).join(', ');
    throw new InputError(
      `${field}: the model file has no tensor '${name}' there, only ${known}`,
    );
  }
  return tensor;
}

/** Values in one row of the tensor; undefined when a dimension other than the batch is free. */
function rowWidth(tensor: TensorSpec): number | undefined {
  const sizes = tensor.shape.slice(1);
  return sizes.includes(-1)
    ? undefined
    : sizes.reduce((product, size) => product * size, 1);
}
