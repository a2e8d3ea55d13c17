import { InputError } from '@backstage/errors';
import { PayloadTooLargeError } from '@greenroom/ai-node';
import {
  groupWeight,
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
  checkBounds(batch.groups);
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

function checkBounds(groups: RecordGroup[]): void {
  let records = 0;
  let weight = 0;
  for (const group of groups) {
    records += group.at.length;
    weight += groupWeight(group) + group.at.length * RECORD_WEIGHT;
    for (const sample of group.samples) weight += sampleWeight(sample);
  }
  refuseAbove(groups.length, RECORD_LIMITS.groups, 'groups');
  refuseAbove(records, RECORD_LIMITS.records, 'records');
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
  const expected = group.at.length;
  for (const column of columnsOf(group)) {
    const found = group[column]?.length ?? 0;
    if (found !== expected) {
      throw new UnprocessableRecordsError(
        `The column '${column}' of model '${group.model}' version ${group.version} has ${found} entries, but 'at' has ${expected}: send one entry a request in each column`,
      );
    }
  }
}

/** Tokens are told of both ways or not at all. */
function columnsOf(group: RecordGroup) {
  const { inputTokens, outputTokens, fallbacks, limited } = group;
  const hasTokens = inputTokens || outputTokens;
  return [
    'latencyMicros',
    'status',
    'rows',
    ...(hasTokens ? (['inputTokens', 'outputTokens'] as const) : []),
    ...(fallbacks ? (['fallbacks'] as const) : []),
    ...(limited ? (['limited'] as const) : []),
  ] as const;
}
