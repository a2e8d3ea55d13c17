import { InputError } from '@backstage/errors';
import {
  type BaselineProfile,
  type FeatureKind,
  type FeatureProfile,
  freezeBaseline,
} from '@greenroom/ml-kit';
import type {
  Datatype,
  FeatureSpec,
  ModelSchema,
  ReferenceRows,
  ReferenceValue,
  Signature,
} from '@greenroom/plugin-ai-registry-common';

/** Fewer values are too few to tell categories from free text. */
const FEWEST_TEXTS = 20;

/**
 * Makes the baseline that live traffic will be compared with: numbers by their size, texts,
 * booleans and codes as categories, missing values beside both. Throws an InputError when the
 * rows do not fit the schema.
 */
export function freezeReference(
  reference: ReferenceRows,
  schema: ModelSchema | undefined,
  signature: Signature,
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
  const datatypes = schema.features.map(feature =>
    datatypeOf(feature, signature),
  );
  const baseline = freezeBaseline({
    featureNames: schema.features.map(feature => feature.name),
    features: features.map((row, at) =>
      row.map((value, column) =>
        readValue(
          value,
          datatypes[column],
          `reference.features[${at}][${column}]`,
        ),
      ),
    ),
    kinds: schema.features.map((feature, column) =>
      kindOf(feature, datatypes[column]),
    ),
    predictions,
    task: schema.task,
  });
  return {
    ...baseline,
    features: baseline.features.map((feature, column) =>
      withoutFreeText(
        feature,
        features.map(row => row[column]),
      ),
    ),
  };
}

function datatypeOf(
  { tensor }: FeatureSpec,
  { inputs }: Signature,
): Datatype | undefined {
  return inputs.find(({ name }) => name === tensor)?.datatype;
}

function kindOf(
  { kind }: FeatureSpec,
  datatype: Datatype | undefined,
): FeatureKind {
  if (datatype === 'BYTES' || datatype === 'BOOL') return 'categorical';
  return kind ?? 'numeric';
}

/** @throws InputError for a value that the input cannot hold; its text is a row of data, and not repeated. */
function readValue(
  value: ReferenceValue,
  datatype: Datatype | undefined,
  field: string,
): ReferenceValue {
  if (value === null) return null;
  if (datatype === 'BYTES') {
    if (typeof value === 'string') return value;
    throw new InputError(
      `${field} must be a text or null, because its input is of type BYTES`,
    );
  }
  if (datatype === 'BOOL') {
    if (typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    throw new InputError(
      `${field} must be true, false or null, because its input is of type BOOL`,
    );
  }
  if (typeof value === 'number') return value;
  throw new InputError(
    `${field} must be a number or null, because its input is of type ${datatype}`,
  );
}

/**
 * Values of which nearly each is another, such as free text or the numbers of orders, are no
 * categories: only whether they are missing is watched, as every live one would be new.
 */
function withoutFreeText(
  feature: FeatureProfile,
  values: ReferenceValue[],
): FeatureProfile {
  const { histogram } = feature;
  if (histogram.kind !== 'categorical') return feature;
  const present = values.filter(value => value !== null);
  const distinct = new Set(present).size;
  if (present.length < FEWEST_TEXTS || distinct <= present.length / 2) {
    return feature;
  }
  return {
    ...feature,
    histogram: {
      ...histogram,
      categories: [],
      counts: [],
      unseen: present.length,
    },
  };
}
