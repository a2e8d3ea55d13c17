import {
  emptyConfidenceSums,
  addToConfidenceSums,
  estimatePerformance,
} from '@greenroom/ml-kit';
import {
  expectedAccuracy,
  expectedByDay,
  sumByVersion,
  sumPredictions,
} from './expected';

const DAY_MILLIS = 24 * 3_600_000;
const at = Date.parse('2026-05-03T12:00:00Z');

const DAYS = sumPredictions([
  { at: at + DAY_MILLIS, version: 1, confidence: 0.5 },
  { at, version: 2 },
  { at, version: 1, confidence: 0.75 },
  { at: at + 1, version: 1, confidence: 1 },
  { at, version: 1 },
]);

it('sums by the day of the request and version, in one order', () => {
  expect(DAYS).toEqual([
    { day: '2026-05-03', version: 1, kept: 3, confident: 2, confidence: 1.75 },
    { day: '2026-05-03', version: 2, kept: 1, confident: 0, confidence: 0 },
    { day: '2026-05-04', version: 1, kept: 1, confident: 1, confidence: 0.5 },
  ]);
  expect(sumByVersion(DAYS)).toEqual(
    new Map([
      [1, { kept: 4, confident: 3, confidence: 2.25 }],
      [2, { kept: 1, confident: 0, confidence: 0 }],
    ]),
  );
});

it('expects something of days that told how probable answers were', () => {
  expect(expectedByDay(DAYS)).toEqual([
    { day: '2026-05-03', version: 1, accuracy: 0.875, predictions: 2 },
    { day: '2026-05-04', version: 1, accuracy: 0.5, predictions: 1 },
  ]);
});

it('expects what performance estimation does, of two classes', () => {
  const probabilities = [0.1, 0.35, 0.5, 0.62, 0.9, 0.99];
  const sums = emptyConfidenceSums();
  for (const probability of probabilities) {
    addToConfidenceSums(sums, {
      probability,
      predictedPositive: probability >= 0.5,
    });
  }
  const confidence = probabilities
    .map(probability => Math.max(probability, 1 - probability))
    .reduce((sum, each) => sum + each, 0);
  expect(
    expectedAccuracy({ confident: probabilities.length, confidence }),
  ).toBeCloseTo(estimatePerformance(sums).accuracy ?? NaN, 12);
});
