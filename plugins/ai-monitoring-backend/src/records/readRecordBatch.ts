import { InputError } from '@backstage/errors';
import { PayloadTooLargeError } from '@greenroom/ai-node';
import {
  groupWeight,
  outcomeWeight,
  predictionWeight,
  RECORD_LIMITS,
  RECORD_WEIGHT,
  type RecordBatch,
  type RecordGroup,
  sampleWeight,
} from '@greenroom/plugin-ai-inference-common';
import { UnprocessableRecordsError } from './UnprocessableRecordsError';

/** What data planes sent before features could be texts, booleans or missing. */
interface FirstRecordBatch extends Omit<RecordBatch, 'formatVersion' | 'lost'> {
  formatVersion: 1;
  /** Records that the producer had to drop since it started. */
  droppedTotal?: number;
}

/**
 * Takes a body that the OpenAPI document allows as a batch, and checks what the document cannot
 * say: that it is within the bounds, and that the columns of a group belong together.
 *
 * @throws InputError for what is no batch
 * @throws PayloadTooLargeError for more than a batch may hold
 * @throws UnprocessableRecordsError that names the group and the column which does not fit
 */
export function readRecordBatch(
  body: RecordBatch | FirstRecordBatch,
): RecordBatch {
  const batch = toCurrentFormat(body);
  if (Number.isNaN(Date.parse(batch.sentAt))) {
    throw new InputError(
      `sentAt is '${batch.sentAt}', but must be an ISO 8601 time, such as 2027-01-31T00:00:00Z`,
    );
  }
  checkBounds(batch);
  batch.groups.forEach(checkColumns);
  return batch;
}

function toCurrentFormat(body: RecordBatch | FirstRecordBatch): RecordBatch {
  if (body.formatVersion === 1) {
    const { droppedTotal = 0, ...same } = body;
    const lost = { total: droppedTotal, samples: 0 };
    return { ...same, formatVersion: 2, lost };
  }
  if (!body.lost) {
    throw new InputError(
      'lost is missing: a batch of format version 2 says what was lost, if only zeros',
    );
  }
  return body;
}

function checkBounds(batch: RecordBatch): void {
  const { groups, predictions = [], outcomes = [] } = batch;
  let records = 0;
  let weight = 0;
  for (const group of groups) {
    const entries = group.at.length + (group.copies?.at.length ?? 0);
    records += entries;
    weight += groupWeight(group) + entries * RECORD_WEIGHT;
    for (const sample of group.samples) weight += sampleWeight(sample);
  }
  for (const prediction of predictions) weight += predictionWeight(prediction);
  for (const outcome of outcomes) weight += outcomeWeight(outcome);
  refuseAbove(groups.length, RECORD_LIMITS.groups, 'groups');
  refuseAbove(records, RECORD_LIMITS.records, 'records');
  refuseAbove(predictions.length, RECORD_LIMITS.predictions, 'predictions');
  refuseAbove(outcomes.length, RECORD_LIMITS.outcomes, 'outcomes');
  refuseAbove(
    weight,
    RECORD_LIMITS.weight,
    'values (a record counts as 4, a text by its length)',
  );
}

function refuseAbove(found: number, most: number, what: string): void {
  if (found > most) {
    throw new PayloadTooLargeError(
      `The batch has ${found} ${what}, but may have at most ${most}: send it in halves`,
    );
  }
}

function checkColumns(group: RecordGroup): void {
  const { at, copies } = group;
  checkLengths(group, '', at.length, columnsOf(group));
  if (copies) {
    const { units, latencyMicros, status, agrees } = copies;
    const columns = { units, latencyMicros, status, agrees };
    checkLengths(group, 'copies.', copies.at.length, columns);
  }
  if (group.units && group.comparison === undefined) {
    throw new UnprocessableRecordsError(
      `The column 'units' of ${nameOf(
        group,
      )} belongs to no comparison: name it in 'comparison', or leave the column out`,
    );
  }
}

function checkLengths(
  group: RecordGroup,
  prefix: string,
  expected: number,
  columns: Record<string, number[] | undefined>,
): void {
  for (const [column, values] of Object.entries(columns)) {
    const found = values?.length ?? 0;
    if (found !== expected) {
      throw new UnprocessableRecordsError(
        `The column '${prefix}${column}' of ${nameOf(
          group,
        )} has ${found} entries, but '${prefix}at' has ${expected}: send one entry a request in each column`,
      );
    }
  }
}

function nameOf({ model, version }: RecordGroup): string {
  return `model '${model}' version ${version}`;
}

/** Tokens are told of both ways or not at all, and units of all requests that are compared. */
function columnsOf(group: RecordGroup): Record<string, number[] | undefined> {
  const { latencyMicros, status, rows, inputTokens, outputTokens } = group;
  const { fallbacks, limited, units } = group;
  const hasTokens = inputTokens || outputTokens;
  return {
    latencyMicros,
    status,
    rows,
    ...(hasTokens && { inputTokens, outputTokens }),
    ...(fallbacks && { fallbacks }),
    ...(limited && { limited }),
    ...(group.comparison !== undefined && { units }),
  };
}
