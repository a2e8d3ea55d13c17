import type {
  OutcomeRecord,
  PredictionRecord,
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
  predictions: 20000,
  outcomes: 20000,
  weight: 300000,
  features: 10000,
  textCharacters: 200,
  refusals: 64,
};
export const RECORD_WEIGHT: typeof CONTRACT_RECORD_WEIGHT = 4;

/** JSON bytes of a long number with its comma: the unit of a weight. */
const BYTES_A_UNIT = 25;

/** What a group weighs without its records, copies and samples: the names of its columns. */
export function groupWeight({
  model,
  comparison,
  copies,
}: {
  model: string;
  comparison?: string;
  copies?: { comparison: string };
}): number {
  let weight = 6 + textWeight(model);
  if (comparison !== undefined) weight += 2 + textWeight(comparison);
  if (copies !== undefined) weight += 5 + textWeight(copies.comparison);
  return weight;
}

/** What a request weighs that can be given an outcome. */
export function predictionWeight({
  requestId,
  model,
  comparison = '',
  prediction,
  confidence,
}: PredictionRecord): number {
  const texts =
    idWeight(requestId) + textWeight(model) + textWeight(comparison);
  const said = prediction === undefined ? 0 : valueWeight(prediction);
  return 6 + texts + said + (confidence === undefined ? 0 : 1);
}

/** What an outcome weighs. */
export function outcomeWeight({
  requestId,
  model,
  name,
  value,
}: OutcomeRecord): number {
  const texts = idWeight(requestId) + textWeight(model) + textWeight(name);
  return 5 + texts + valueWeight(value);
}

/** A text without escapes. */
function textWeight(text: string): number {
  return Math.ceil(text.length / BYTES_A_UNIT);
}

/** Printable characters: one in two bytes where all of them are escaped. */
function idWeight(id: string): number {
  return Math.ceil((id.length * 2) / BYTES_A_UNIT);
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
