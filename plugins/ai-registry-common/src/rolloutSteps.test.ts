import type { RolloutPlanStep } from './promotion';
import { secondsOfStep, weightAtStep } from './rolloutSteps';

const steps: RolloutPlanStep[] = [
  { pauseUntil: 'resumed' },
  { weightPercent: 10, holdSeconds: 30 },
  { pauseSeconds: 60 },
  { weightPercent: 50, holdSeconds: 0 },
];

it('keeps a share through the pauses after it', () => {
  expect(steps.map((_, index) => weightAtStep(steps, index))).toEqual([
    0, 10, 10, 50,
  ]);
  expect(weightAtStep(steps, -1)).toBe(0);
});

it('knows how long each step takes by itself', () => {
  expect(steps.map(secondsOfStep)).toEqual([undefined, 30, 60, 0]);
});
