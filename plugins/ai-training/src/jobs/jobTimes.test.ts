import { makeJob } from '../__testUtils__/fixtures';
import { isOpen, ranSeconds, whereOf } from './jobTimes';

const at = (minute: number) =>
  new Date(Date.UTC(2026, 4, 3, 10, minute)).toISOString();

describe('jobTimes', () => {
  it('adds up what the programs of all attempts have run', () => {
    const now = Date.parse(at(30));
    const attempts = [
      { number: 1, startedAt: at(0), runningAt: at(1), endedAt: at(5) },
      { number: 2, startedAt: at(6), endedAt: at(7) },
      { number: 3, startedAt: at(8), runningAt: at(10) },
    ];
    expect(ranSeconds({ attempts }, now)).toBe(24 * 60);
    expect(ranSeconds({ attempts: [attempts[1]] }, now)).toBeUndefined();
    expect(ranSeconds({ attempts: [] }, now)).toBeUndefined();
    expect(ranSeconds({ attempts: [attempts[2]] }, Date.parse(at(9)))).toBe(0);
  });

  it('has none of the time in which Kueue held an attempt', () => {
    const attempt = { number: 1, startedAt: at(0), runningAt: at(1) };
    const ran = (more: { heldAt?: string; heldSeconds?: number }) =>
      ranSeconds({ attempts: [{ ...attempt, ...more }] }, Date.parse(at(30)));
    expect(ran({ heldAt: at(4) })).toBe(3 * 60);
    expect(ran({ heldSeconds: 9 * 60 })).toBe(20 * 60);
    expect(ran({ heldAt: at(14), heldSeconds: 9 * 60 })).toBe(4 * 60);
  });

  it('says what a job runs on', () => {
    const resources = { count: 2, nodes: 1 };
    expect(whereOf(makeJob({ resources }))).toBe('local');
    expect(
      whereOf(makeJob({ resources: { ...resources, flavor: 'a100' } })),
    ).toBe('local · 2 × a100');
    expect(
      whereOf(makeJob({ resources: { flavor: 'a100', count: 2, nodes: 4 } })),
    ).toBe('local · 2 × a100 on 4 nodes');
  });

  it('knows which jobs are over', () => {
    const since = at(0);
    expect(isOpen({ state: { phase: 'running', since } })).toBe(true);
    expect(isOpen({ state: { phase: 'succeeded', since } })).toBe(false);
  });
});
