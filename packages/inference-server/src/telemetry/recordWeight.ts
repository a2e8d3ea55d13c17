import type {
  RECORD_LIMITS,
  RECORD_WEIGHT as CONTRACT_RECORD_WEIGHT,
  RecordSample,
  SampleValue,
} from '@greenroom/plugin-ai-inference-common';

/**
 * The contract's bounds and weights, repeated here because its package brings more than a data
 * plane should load. The types hold the numbers to the contract, a test the functions.
 */
export const BATCH_LIMITS: typeof RECORD_LIMITS = {
  bytes: 8388608,
  groups: 2000,
  records: 100000,
  weight: 300000,
  features: 10000,
  textCharacters: 200,
  refusals: 64,
};
export const RECORD_WEIGHT: typeof CONTRACT_RECORD_WEIGHT = 4;

/** JSON bytes of a long number with its comma: the unit of a weight. */
const BYTES_A_UNIT = 25;

/** What a group weighs without its records and samples: the names of its columns. */
export function groupWeight({ model }: { model: string }): number {
  return 6 + Math.ceil(model.length / BYTES_A_UNIT);
}

/** What a sample weighs: a number one, a text as much as its JSON may take. */
export function sampleWeight({ features, prediction }: RecordSample): number {
  let weight = 3;
  for (const value of features) weight += valueWeight(value);
  return prediction === undefined ? weight : weight + valueWeight(prediction);
}

function valueWeight(value: SampleValue): number {
  // A character takes up to six bytes as an escape.
  return typeof value === 'string'
    ? Math.ceil((value.length * 6 + 3) / BYTES_A_UNIT)
    : 1;
}
