import type { RecordGroup } from '@greenroom/plugin-ai-inference-common';
import { NOON, recordBatch, recordGroup } from '../__testUtils__/fixtures';
import { readRecordBatch } from './readRecordBatch';

const COPIES = {
  comparison: 'rollout.1',
  at: [NOON],
  units: [7],
  latencyMicros: [1],
  status: [200],
  agrees: [1],
  leftOut: 0,
};

function groupWith(changes: Partial<RecordGroup>): RecordGroup {
  return { ...recordGroup({ count: 2, samples: false }), ...changes };
}

describe('readRecordBatch', () => {
  it('takes batches with and without what is compared', () => {
    const batch = recordBatch([
      groupWith({}),
      groupWith({ comparison: 'rollout.1', units: [7, -1], copies: COPIES }),
    ]);
    expect(readRecordBatch(batch)).toBe(batch);
  });

  it.each<[string, Partial<RecordGroup>, string]>([
    [
      'a comparison without units',
      { comparison: 'rollout.1' },
      "The column 'units' of model 'diabetes' version 1 has 0 entries, but 'at' has 2",
    ],
    [
      'units of fewer requests',
      { comparison: 'rollout.1', units: [7] },
      "The column 'units' of model 'diabetes' version 1 has 1 entries, but 'at' has 2",
    ],
    [
      'units of no comparison',
      { units: [7, 7] },
      "The column 'units' of model 'diabetes' version 1 belongs to no comparison",
    ],
    [
      'copies whose columns differ',
      { copies: { ...COPIES, agrees: [] } },
      "The column 'copies.agrees' of model 'diabetes' version 1 has 0 entries, but 'copies.at' has 1",
    ],
  ])('refuses %s', (_what, changes, message) => {
    const batch = recordBatch([groupWith(changes)]);
    expect(() => readRecordBatch(batch)).toThrow(message);
  });

  it('counts copies as records, and bounds predictions and outcomes', () => {
    const column = <T>(value: T) => new Array<T>(60_000).fill(value);
    const many = {
      at: column(NOON),
      latencyMicros: column(1),
      status: column(200),
    };
    const copies = { ...COPIES, ...many, units: column(1), agrees: column(1) };
    const group = groupWith({ ...many, rows: column(1), copies });
    expect(() => readRecordBatch(recordBatch([group]))).toThrow(
      'The batch has 120000 records, but may have at most 100000',
    );
    const told = { requestId: 'r', model: 'diabetes', at: NOON };
    const long = { ...told, requestId: 'x'.repeat(128) };
    const heavy = new Array(19_000).fill({ ...long, version: 1, unit: 0 });
    expect(() =>
      readRecordBatch(recordBatch([], { predictions: heavy })),
    ).toThrow('values (a record counts as 4, a text by its length)');
    const predictions = new Array(20_001).fill({
      ...told,
      version: 1,
      unit: 0,
    });
    const outcomes = new Array(20_001).fill({ ...told, name: 'x', value: 1 });
    expect(() => readRecordBatch(recordBatch([], { predictions }))).toThrow(
      'The batch has 20001 predictions, but may have at most 20000',
    );
    expect(() => readRecordBatch(recordBatch([], { outcomes }))).toThrow(
      'The batch has 20001 outcomes, but may have at most 20000',
    );
  });

  it('bounds how much predictions and outcomes hold', () => {
    const told = { requestId: '"'.repeat(128), model: 'diabetes', at: NOON };
    const outcome = { ...told, name: 'x', value: 'y'.repeat(200) };
    const outcomes = new Array(4_700).fill(outcome);
    expect(() => readRecordBatch(recordBatch([], { outcomes }))).toThrow(
      /^The batch has \d+ values .*, but may have at most 300000/,
    );
    const prediction = { ...told, version: 1, unit: 0 };
    const predictions = new Array(20_000).fill(prediction);
    expect(() => readRecordBatch(recordBatch([], { predictions }))).toThrow(
      /^The batch has \d+ values /,
    );
    expect(() =>
      readRecordBatch(recordBatch([], { outcomes: outcomes.slice(0, 4_000) })),
    ).not.toThrow();
  });
});
