import type { Evaluation } from '@greenroom/plugin-ai-registry-common';
import { chooseEvaluations } from './chooseEvaluations';

const DIGITS = `sha256:${'1'.repeat(64)}` as const;
const OTHERS = `sha256:${'2'.repeat(64)}` as const;

const one = (
  name: string,
  options: {
    target?: string;
    digest?: Evaluation['dataset']['digest'];
    rows?: number;
  } = {},
): Evaluation => {
  const { target, digest = DIGITS, rows = 2 } = options;
  return {
    dataset: { name, digest, rows },
    metrics: { accuracy: 1 },
    primary: { name: 'accuracy', higherIsBetter: true },
    perRow: new Array(rows).fill(1),
    ...(target && {
      measured: { measurement: name, datasetVersion: 1, target },
    }),
  };
};
const names = (chosen: ReturnType<typeof chooseEvaluations>) => [
  chosen.base?.dataset.name,
  chosen.candidate?.dataset.name,
];

it('takes what was measured before what is claimed of the same rows', () => {
  const base = [one('claimed base'), one('measured base', { target: 'y' })];
  const candidate = [one('claimed'), one('measured', { target: 'y' })];
  expect(names(chooseEvaluations(base, candidate))).toEqual([
    'measured base',
    'measured',
  ]);
  expect(names(chooseEvaluations(base, candidate, 'off'))).toEqual([
    'claimed base',
    'claimed',
  ]);
});

it('takes what one of them was measured with, where the other was not', () => {
  const measured = one('measured', { target: 'y' });
  expect(
    names(chooseEvaluations([one('base')], [one('claimed'), measured])),
  ).toEqual(['base', 'measured']);
  expect(
    names(chooseEvaluations([one('base'), measured], [one('claimed')])),
  ).toEqual(['measured', 'claimed']);
});

it('compares no answers to different questions, though the rows are the same', () => {
  const base = [one('base of y', { target: 'y' })];
  const candidate = [one('z', { target: 'z' }), one('y', { target: 'y' })];
  expect(names(chooseEvaluations(base, candidate))).toEqual(['base of y', 'y']);
  expect(
    names(chooseEvaluations(base, [one('z', { target: 'z' })], 'required')),
  ).toEqual(['base of y', 'z']);
});

it('goes with the newest rows that both know, also where older ones were measured', () => {
  const older = { target: 'y', digest: OTHERS };
  const base = [one('new base'), one('old base', older)];
  const candidate = [one('new'), one('old', older)];
  expect(names(chooseEvaluations(base, candidate))).toEqual([
    'new base',
    'new',
  ]);
  expect(names(chooseEvaluations(base, candidate, 'required'))).toEqual([
    'old base',
    'old',
  ]);
  expect(
    names(chooseEvaluations([one('base')], candidate, 'required')),
  ).toEqual([undefined, 'old']);
});
