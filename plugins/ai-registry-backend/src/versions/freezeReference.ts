import { InputError } from '@backstage/errors';
import { type BaselineProfile, freezeBaseline } from '@greenroom/ml-kit';
import type {
  ModelSchema,
  ReferenceRows,
} from '@greenroom/plugin-ai-registry-common';

/**
 * Makes the baseline that live traffic will be compared with. Throws an InputError
 * when the rows do not fit the schema.
 */
export function freezeReference(
  reference: ReferenceRows,
  schema: ModelSchema | undefined,
): BaselineProfile {
  if (!schema) {
    throw new InputError(
      'reference: schema is missing, and its features name the columns of the reference rows',
    );
  }
  const { features, predictions } = reference;
  if (features.length === 0 || predictions.length !== features.length) {
    throw new InputError(
      `reference has ${features.length} rows of features and ${predictions.length} predictions: send at least one row, and one prediction a row`,
    );
  }
  const width = schema.features.length;
  const wrong = features.findIndex(row => row.length !== width);
  if (wrong !== -1) {
    throw new InputError(
      `reference.features[${wrong}] has ${features[wrong].length} values, but schema.features names ${width}`,
    );
  }
  const expected = schema.task === 'regression' ? 'number' : undefined;
  const odd = predictions.findIndex(
    value => expected !== undefined && typeof value !== expected,
  );
  if (odd !== -1) {
    throw new InputError(
      `reference.predictions[${odd}] must be a number, because schema.task is regression`,
    );
  }
  return freezeBaseline({
    featureNames: schema.features.map(feature => feature.name),
    features,
    predictions,
    task: schema.task,
  });
}
