import type { Evaluation } from '@greenroom/plugin-ai-registry-common';
import { askGate, running } from './__testUtils__/askGate';
import { slices } from './slices';

const evaluation = (
  wrongFrom: number,
  named?: Evaluation['slices'],
): Evaluation => ({
  dataset: { name: 'held out', digest: `sha256:${'1'.repeat(64)}`, rows: 200 },
  metrics: {},
  primary: { name: 'accuracy', higherIsBetter: true },
  perRow: Array.from({ length: 200 }, (_, row) => (row < wrongFrom ? 1 : 0)),
  slices: named,
});
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => from + at);
const NAMED = [
  { name: 'north', rows: range(0, 150) },
  { name: 'south', rows: range(150, 200) },
];

const ask = (candidate: Evaluation, base = evaluation(200)) =>
  askGate(slices, {
    running,
    evaluations: async version => [version === 1 ? base : candidate],
  });

it('names the slices that are worse', async () => {
  expect(await ask(evaluation(150, NAMED))).toMatchObject({
    status: 'failed',
    summary: 'It is worse than version 1 for south, by its accuracy.',
    evidence: {
      kind: 'slices',
      slices: [{ name: 'north' }, { name: 'south' }],
    },
  });
});

it('passes where none is', async () => {
  expect(await ask(evaluation(200, NAMED))).toMatchObject({
    status: 'passed',
    summary: expect.stringContaining('none of 2 slices'),
  });
});

it('is not asked without slices, and compares nothing that is not the same', async () => {
  expect((await ask(evaluation(200))).status).toBe('not-asked');
  const other = evaluation(200);
  const digest = `sha256:${'2'.repeat(64)}` as const;
  expect(
    (
      await ask(evaluation(200, NAMED), {
        ...other,
        dataset: { ...other.dataset, digest },
      })
    ).status,
  ).toBe('skipped');
});
