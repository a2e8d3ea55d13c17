import { isDearToJoin } from './isDearToJoin';

const ofBytes = (bytes: number) => [
  {
    name: 'x',
    datatype: 'FP32' as const,
    shape: [1, bytes / 4],
    data: new Float32Array(bytes / 4),
  },
];
const MEBIBYTE = 1024 * 1024;

it('has large rows of a model that computes little run one by one', () => {
  const cheap = { millisPerRow: 0.1, millisPerRun: 0.03 };
  expect(isDearToJoin(ofBytes(MEBIBYTE), cheap)).toBe(true);
  expect(isDearToJoin(ofBytes(64 * 1024), cheap)).toBe(false);
});

it('joins large rows where a run costs more than copying them', () => {
  const cost = { millisPerRow: 0.1, millisPerRun: 5 };
  expect(isDearToJoin(ofBytes(MEBIBYTE), cost)).toBe(false);
});

it('joins small rows, and what was never measured', () => {
  const nothing = { millisPerRow: 0.1, millisPerRun: 0 };
  expect(isDearToJoin(ofBytes(256), nothing)).toBe(false);
  expect(isDearToJoin(ofBytes(MEBIBYTE), undefined)).toBe(false);
  expect(
    isDearToJoin(
      [{ name: 't', datatype: 'BYTES', shape: [1, 1], data: ['text'] }],
      nothing,
    ),
  ).toBe(false);
});
