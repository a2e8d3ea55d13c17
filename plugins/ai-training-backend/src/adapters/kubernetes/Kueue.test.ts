import type { V1Job } from '@kubernetes/client-node';
import { describeWorkload, problemWith, type Workload } from './Kueue';

const NOW = Date.parse('2026-05-03T08:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1_000);

const job = (more: { age: number; suspend: boolean; ran?: number }): V1Job => ({
  metadata: { name: 'training-1', creationTimestamp: ago(more.age) },
  spec: { suspend: more.suspend, template: {} },
  status: more.ran === undefined ? {} : { startTime: ago(more.ran) },
});
const workload = (
  ...conditions: [type: string, status: string, message?: string][]
): Workload => ({
  status: {
    conditions: conditions.map(([type, status, message]) => ({
      type,
      status,
      message,
    })),
  },
});

it.each([
  [undefined, "it waits in Kueue's queue a"],
  [workload(), "it waits in Kueue's queue a"],
  [
    workload(
      ['QuotaReserved', 'False', 'no quota'],
      ['Evicted', 'True', 'old'],
    ),
    "Kueue's queue a: no quota",
  ],
  [
    workload(['QuotaReserved', 'True']),
    "Kueue's queue a has a place for it, and waits for other checks",
  ],
  [
    workload(['QuotaReserved', 'True'], ['Admitted', 'True']),
    "Kueue's queue a lets it start now",
  ],
])('says why a Job waits: %j', (of, expected) => {
  expect(describeWorkload('a', of)).toBe(expected);
});

it('knows that nobody looks at a Job, after a minute', () => {
  const waits = (age: number) => job({ age, suspend: true });
  expect(problemWith(waits(59), undefined, NOW)).toBeUndefined();
  expect(problemWith(waits(150), workload(), NOW)).toBe(
    'Kueue has not looked at Job training-1 for 2 minutes: see whether its manager runs (namespace kueue-system), and whether its LocalQueue is there',
  );
  const looked = workload(['QuotaReserved', 'False']);
  expect(problemWith(waits(9_999), looked, NOW)).toBeUndefined();
});

it('knows that a Job runs that Kueue has not let', () => {
  const runs = (ran: number) => job({ age: 999, suspend: false, ran });
  expect(problemWith(runs(61), undefined, NOW)).toBe(
    'Job training-1 runs, and Kueue has not let it: its manager or its webhooks do not run, and quotas do not hold',
  );
  expect(problemWith(runs(59), undefined, NOW)).toBeUndefined();
  const admitted = workload(['Admitted', 'True']);
  expect(problemWith(runs(61), admitted, NOW)).toBeUndefined();
});
