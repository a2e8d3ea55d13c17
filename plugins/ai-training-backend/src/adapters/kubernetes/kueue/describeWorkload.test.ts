import type { V1Job } from '@kubernetes/client-node';
import { describeWorkload, problemWith } from './describeWorkload';
import type { Workload } from './Workload';

const NOW = Date.parse('2026-05-03T08:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1_000);

const job = (more: { age: number; suspend: boolean; ran?: number }): V1Job => ({
  metadata: { name: 'training-1', creationTimestamp: ago(more.age) },
  spec: { suspend: more.suspend, template: {} },
  status: more.ran === undefined ? {} : { startTime: ago(more.ran) },
});
const workload = (
  ...conditions: [
    type: string,
    status: string,
    message?: string,
    reason?: string,
  ][]
): Workload => ({
  status: {
    conditions: conditions.map(([type, status, message, reason]) => ({
      type,
      status,
      message,
      reason,
    })),
  },
});

it.each<[Workload | undefined, string | undefined]>([
  [undefined, undefined],
  [workload(), undefined],
  [workload(['QuotaReserved', 'False', 'no quota', 'Pending']), 'no quota'],
  [
    workload([
      'QuotaReserved',
      'False',
      "ClusterQueue a doesn't exist",
      'Inadmissible',
    ]),
    "the queue does not take it: ClusterQueue a doesn't exist",
  ],
  // What it says at first is what the eviction says.
  [
    workload(
      ['Evicted', 'True', 'Preempted to accommodate a workload', 'Preempted'],
      [
        'Preempted',
        'True',
        'Preempted to accommodate x',
        'InCohortReclamation',
      ],
      [
        'QuotaReserved',
        'False',
        'Preempted to accommodate a workload',
        'Pending',
      ],
    ),
    'its place was given to another queue that has taken back what it had lent: Preempted to accommodate x',
  ],
  [
    workload(
      ['Evicted', 'True', 'Preempted', 'Preempted'],
      ['QuotaReserved', 'False', 'insufficient quota for gpu', 'Pending'],
    ),
    'its place was given to another one: Preempted; insufficient quota for gpu',
  ],
  // It has its place until its programs have ended.
  [
    workload(
      ['QuotaReserved', 'True'],
      ['Admitted', 'True'],
      ['Evicted', 'True', 'Preempted to accommodate x', 'Preempted'],
    ),
    'its place was given to another one: Preempted to accommodate x',
  ],
  [
    workload([
      'Evicted',
      'True',
      'The ClusterQueue is stopped',
      'ClusterQueueStopped',
    ]),
    'its ClusterQueue is stopped: The ClusterQueue is stopped',
  ],
  // A reason of a later release.
  [
    workload(['Evicted', 'True', 'moon', 'PhaseOfTheMoon']),
    'it has lost its place: moon',
  ],
  [
    {
      ...workload([
        'Evicted',
        'True',
        'too often',
        'DeactivatedDueToRequeuingLimitExceeded',
      ]),
      spec: { active: false },
    },
    'Kueue does not let it run any more (spec.active of its Workload is false): too often',
  ],
  [
    workload(['QuotaReserved', 'True']),
    'it has a place, and waits for other checks',
  ],
  [
    workload(['QuotaReserved', 'True'], ['Admitted', 'True']),
    'it may start now',
  ],
])('says why a Job waits: %j', (of, expected) => {
  expect(describeWorkload(of, NOW)).toBe(expected);
});

it('names the checks that a Job with a quota waits for, and what they say', () => {
  const reserved = workload(['QuotaReserved', 'True']);
  const admissionChecks = [
    { name: 'budget', state: 'Ready' },
    { name: 'nodes', state: 'Pending', message: 'provisioning 2 nodes' },
  ];
  expect(
    describeWorkload({ status: { ...reserved.status, admissionChecks } }, NOW),
  ).toBe(
    'it has a place, and waits for the check nodes (pending): provisioning 2 nodes',
  );
});

it('says when a Job that did not start in time comes back, and nothing once it has', () => {
  const backoff = (seconds: number): Workload => ({
    status: {
      ...workload([
        'Evicted',
        'True',
        'Exceeded the PodsReady timeout',
        'PodsReadyTimeout',
      ]).status,
      requeueState: { count: 3, requeueAt: ago(-seconds).toISOString() },
    },
  });
  expect(describeWorkload(backoff(90), NOW)).toBe(
    'its pods were not ready in time, and lost their place: Exceeded the PodsReady timeout; it comes into the queue again at 2026-05-03T08:01:30Z, after 3 tries',
  );
  expect(describeWorkload(backoff(-1), NOW)).toBe(
    'its pods were not ready in time, and lost their place: Exceeded the PodsReady timeout',
  );
});

it('knows that nobody looks at a Job, after a minute', () => {
  const waits = (age: number) => job({ age, suspend: true });
  expect(problemWith(waits(59), undefined, NOW)).toBeUndefined();
  expect(problemWith(waits(150), workload(), NOW)).toBe(
    'Kueue has not looked at Job training-1 for 2 minutes: see whether its manager runs (namespace kueue-system)',
  );
  const urgent = waits(150);
  urgent.metadata!.labels = { 'kueue.x-k8s.io/priority-class': 'urgent' };
  expect(problemWith(urgent, undefined, NOW)).toMatch(
    /\(namespace kueue-system\), and whether there is a WorkloadPriorityClass urgent$/,
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
