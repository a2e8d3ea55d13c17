import { estimateMemory, SESSION_BYTES } from './estimateMemory';
import { MeasuredMemory, MEASURABLE_BYTES } from './MeasuredMemory';

const MEBIBYTE = 1024 * 1024;
const SMALL = 200;
const LARGE = 600 * MEBIBYTE;

function after(sizeBytes: number, ...measures: (number | undefined)[]) {
  const memory = new MeasuredMemory(sizeBytes);
  for (const grownBytes of measures) memory.learn(grownBytes);
  return memory;
}

it('goes by the size until something was measured', () => {
  for (const size of [0, SMALL, LARGE]) {
    expect(after(size).bytes).toBe(estimateMemory(size));
    expect(after(size, undefined)).toMatchObject({
      bytes: estimateMemory(size),
      isDoubtful: true,
    });
    expect(after(size, 0).isDoubtful).toBe(false);
  }
});

it('takes a model for more where two openings say so, and keeps to that', () => {
  const grown = [64 * MEBIBYTE, 70 * MEBIBYTE];
  expect(after(SMALL, grown[0])).toMatchObject({
    bytes: estimateMemory(SMALL),
    isDoubtful: true,
  });
  for (const measures of [grown, [...grown].reverse(), [...grown, 0, -1]]) {
    expect(after(SMALL, ...measures)).toMatchObject({
      bytes: grown[0],
      isDoubtful: false,
    });
  }
  expect(after(SMALL, grown[0], 0, grown[1], 0).bytes).toBe(
    estimateMemory(SMALL),
  );
});

it('takes a model for less where no opening took more, and never for less than its files', () => {
  expect(after(LARGE, 640 * MEBIBYTE).bytes).toBe(640 * MEBIBYTE);
  expect(after(LARGE, 640 * MEBIBYTE, 3 * MEBIBYTE).bytes).toBe(640 * MEBIBYTE);
  expect(after(LARGE, 3 * MEBIBYTE).bytes).toBe(SESSION_BYTES + LARGE);
  expect(after(LARGE, 3 * MEBIBYTE, 9e9).bytes).toBe(estimateMemory(LARGE));
});

it('believes nothing about little', () => {
  const little = after(SMALL, MEASURABLE_BYTES, MEASURABLE_BYTES, 0, -1);
  expect(little).toMatchObject({
    bytes: estimateMemory(SMALL),
    isDoubtful: false,
  });
});
