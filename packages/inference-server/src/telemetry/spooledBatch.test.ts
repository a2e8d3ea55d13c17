import type { RecordGroup } from '@greenroom/plugin-ai-inference-common';
import {
  fitBatches,
  parseSpooledBatch,
  type SpooledBatch,
} from './spooledBatch';

const group: RecordGroup = {
  model: 'm',
  version: 1,
  at: [10, 20],
  latencyMicros: [1, 2],
  status: [200, 200],
  rows: [1, 1],
  samples: [{ at: 15, features: new Array<number>(200).fill(1.5) }],
};

function batch(sequence: number, producer = 'one'): SpooledBatch {
  return {
    formatVersion: 1,
    producer,
    environment: 'production',
    sequence,
    lastSequence: 100,
    lost: { total: 3, samples: 1 },
    groups: [group],
  };
}

const bytesOf = (entries: { text: string }[]) =>
  entries.reduce((sum, { text }) => sum + text.length, 0);

it('keeps everything where there is room', () => {
  const batches = [batch(1), batch(2)];
  const fits = fitBatches(batches, 10_000);
  expect(fits.map(each => each.batch)).toEqual(batches);
  expect(parseSpooledBatch(fits[0].text)).toEqual(batches[0]);
});

it('gives up rows first, the oldest first, and counts them', () => {
  const batches = [batch(1), batch(2), batch(3)];
  const most = bytesOf(fitBatches(batches, 10_000)) - 100;
  const fits = fitBatches(batches, most);
  expect(
    fits.map(({ batch: { groups } }) => [
      groups[0].at.length,
      groups[0].samples.length,
    ]),
  ).toEqual([
    [2, 0],
    [2, 1],
    [2, 1],
  ]);
  expect(fits.map(each => each.batch.lost)).toEqual(
    new Array(3).fill({ total: 3, samples: 2, fromMillis: 10, toMillis: 20 }),
  );
});

it.each([
  [700, ['one', 2, 1, 5, 3]],
  [560, ['one', 2, 0, 7, 3]],
])(
  'gives up records last, with room for %i bytes, and keeps the count of what each producer lost',
  (maxBytes, expected) => {
    const batches = [batch(1), batch(2), batch(1, 'two')];
    const fits = fitBatches(batches, maxBytes);
    expect(
      fits.map(({ batch: { producer, sequence, groups, lost } }) => [
        producer,
        sequence,
        groups.length,
        lost.total,
        lost.samples,
      ]),
    ).toEqual([expected, ['two', 1, 1, 3, 2]]);
  },
);

it('keeps what comparisons need, and gives up outcomes last', () => {
  const compared: SpooledBatch = {
    ...batch(1),
    groups: [
      {
        ...group,
        comparison: 'r.1',
        units: [5, -1],
        copies: {
          comparison: 's.1',
          at: [12],
          units: [0],
          latencyMicros: [4],
          status: [200],
          agrees: [-1],
          leftOut: 2,
        },
      },
    ],
    predictions: [
      {
        requestId: 'q',
        at: 10,
        model: 'm',
        version: 1,
        comparison: 'r.1',
        unit: 5,
        prediction: 'yes',
        confidence: 0.75,
      },
    ],
    outcomes: [
      {
        requestId: 'q',
        model: 'm',
        name: 'bought',
        at: 20,
        value: true,
        covariate: 1.5,
      },
    ],
  };
  const [all] = fitBatches([compared], 100_000);
  expect(parseSpooledBatch(all.text)).toEqual(compared);
  const [{ batch: last }] = fitBatches([compared], 420);
  expect(last).toEqual({
    ...batch(1),
    groups: [],
    outcomes: compared.outcomes,
    lost: {
      total: 5,
      samples: 2,
      copies: 1,
      predictions: 1,
      fromMillis: 10,
      toMillis: 20,
    },
  });
});

it('refuses what is no batch', () => {
  expect(() => parseSpooledBatch('{"formatVersion":1}')).toThrow();
  expect(() => parseSpooledBatch('{')).toThrow();
});
