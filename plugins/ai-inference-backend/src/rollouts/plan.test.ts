import type { StepsPlan } from '@greenroom/plugin-ai-registry-common';
import { isSamePlan, nextStep } from './plan';

const share = (weightPercent: number, holdSeconds = 30) => ({
  weightPercent,
  holdSeconds,
});
const until = { pauseUntil: 'resumed' as const };
const pause = { pauseSeconds: 60 };
const plan = (...steps: StepsPlan['steps']): StepsPlan => ({
  strategy: 'canary',
  steps,
});

describe('nextStep', () => {
  it.each<[string, StepsPlan, number, number, number | undefined]>([
    ['the first share', plan(share(10), share(50)), 0, 0, 0],
    ['the next share', plan(share(10), share(50)), 1, 0, 1],
    ['the end', plan(share(10), share(50)), 2, 0, undefined],
    [
      'the end, by a share of all',
      plan(share(10), share(100)),
      1,
      0,
      undefined,
    ],
    ['a pause before the first share', plan(until, share(10)), 0, 0, 0],
    ['a pause between shares', plan(share(10), pause, share(50)), 1, 0, 1],
    ['a pause at the end', plan(share(10), until), 1, 0, 1],
    [
      'past shares and their pauses that it has already',
      plan(until, share(10), pause, share(50), until),
      0,
      30,
      3,
    ],
    [
      'the pause after what it has',
      plan(share(10), share(50), until),
      2,
      30,
      2,
    ],
    [
      'the end, with more than all shares',
      plan(share(10), until),
      0,
      30,
      undefined,
    ],
  ])('is %s', (_what, steps, from, startWeight, expected) => {
    expect(nextStep(steps, from, startWeight)).toBe(expected);
  });
});

it('tells plans apart by each of their steps', () => {
  expect(isSamePlan(plan(share(10), until), plan(share(10), until))).toBe(true);
  expect(isSamePlan(plan(share(10), until), plan(share(10), pause))).toBe(
    false,
  );
  expect(isSamePlan(plan(share(10, 1)), plan(share(10, 2)))).toBe(false);
  expect(isSamePlan(plan(share(10)), plan(share(10), until))).toBe(false);
  const turned = { holdSeconds: 30, weightPercent: 10 };
  expect(isSamePlan(plan(share(10)), plan(turned))).toBe(true);
});
