import {
  PROPOSED_STEPS,
  isOpen,
  isUnderWay,
  rolloutStepErrors,
} from './rolloutPlan';

describe('rolloutStepErrors', () => {
  it('lets the proposed plan through', () => {
    expect(rolloutStepErrors(PROPOSED_STEPS).size).toBe(0);
  });

  it.each([
    [[{ weightPercent: 0, holdSeconds: 1 }], 0, /between 1 and 99/],
    [[{ weightPercent: 100, holdSeconds: 1 }], 0, /between 1 and 99/],
    [[{ weightPercent: NaN, holdSeconds: 1 }], 0, /between 1 and 99/],
    [
      [
        { weightPercent: 30, holdSeconds: 1 },
        { weightPercent: 30, holdSeconds: 1 },
      ],
      1,
      /more than the step before it, 30 percent/,
    ],
    [[{ weightPercent: 5, holdSeconds: 1.5 }], 0, /whole seconds/],
    [[{ weightPercent: 5, holdSeconds: -1 }], 0, /whole seconds/],
    [[{ pauseSeconds: 0 }], 0, /a pause in whole seconds/],
    [
      [
        { weightPercent: 30, holdSeconds: 1 },
        { pauseUntil: 'resumed' as const },
        { weightPercent: 20, holdSeconds: 1 },
      ],
      2,
      /more than the step before it, 30 percent/,
    ],
  ])('names the step that is wrong in %j', (steps, index, message) => {
    const errors = rolloutStepErrors(steps);
    expect([...errors.keys()]).toEqual([index]);
    expect(errors.get(index)).toMatch(message);
  });
});

describe('isOpen', () => {
  it('is over once merged, closed or failed', () => {
    expect(isOpen({ state: { phase: 'blocked', failedGates: [] } })).toBe(true);
    expect(isOpen({ state: { phase: 'awaiting-review' } })).toBe(true);
    const merged = { commit: 'c', mergedAt: 'now' };
    const rollingOut = { phase: 'rolling-out', ...merged } as const;
    expect(isOpen({ state: rollingOut })).toBe(false);
    expect(isUnderWay({ state: rollingOut })).toBe(true);
    const outcome = { kind: 'serving', note: '' } as const;
    const completed = {
      phase: 'completed',
      ...merged,
      completedAt: 'now',
      outcome,
    } as const;
    expect(isOpen({ state: completed })).toBe(false);
    expect(isUnderWay({ state: completed })).toBe(false);
    expect(
      isOpen({ state: { phase: 'failed', step: 'merge', error: 'no' } }),
    ).toBe(false);
  });
});
