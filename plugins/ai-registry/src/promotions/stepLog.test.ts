import type { PromotionStep } from '@greenroom/plugin-ai-registry-common';
import { stepLog } from './stepLog';

function step(changes: Partial<PromotionStep>): PromotionStep {
  return {
    name: 'gate',
    title: 'Gate',
    status: 'done',
    attempts: 1,
    ...changes,
  };
}

describe('stepLog', () => {
  it('parts what went well from the first step that did not', () => {
    const steps = [
      step({ name: 'a' }),
      step({ name: 'b', status: 'skipped' }),
      step({ name: 'c', status: 'running' }),
      step({ name: 'd' }),
    ];
    const { past, ahead, summary } = stepLog(steps);
    expect(past.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(ahead.map(({ name }) => name)).toEqual(['c', 'd']);
    expect(summary).toBe('2 of 4 steps are done, 1 was not needed');
  });

  it('says how long it took, from the first start to the last end', () => {
    const log = stepLog([
      step({
        startedAt: '2026-05-01T08:00:00Z',
        finishedAt: '2026-05-01T08:00:10Z',
      }),
      step({
        startedAt: '2026-05-01T08:00:10Z',
        finishedAt: '2026-05-01T08:01:30Z',
      }),
    ]);
    expect(log).toMatchObject({
      ahead: [],
      summary: 'All steps are done',
      tookSeconds: 90,
    });
    expect(stepLog([step({})]).tookSeconds).toBeUndefined();
  });
});
