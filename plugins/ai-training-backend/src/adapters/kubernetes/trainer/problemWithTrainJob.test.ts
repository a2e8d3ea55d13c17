import type { V1Job } from '@kubernetes/client-node';
import { problemWithTrainJob } from './problemWithTrainJob';

const NOW = Date.parse('2026-05-03T08:00:00Z');
const trainJob = (seconds: number, more: Partial<V1Job> = {}): V1Job => ({
  kind: 'TrainJob',
  metadata: {
    name: 'training-1',
    creationTimestamp: new Date(NOW - seconds * 1_000),
  },
  spec: { template: {} },
  ...more,
});
const problem = (job: V1Job, hasJob = false) =>
  problemWithTrainJob({ job, hasJob, nowMillis: NOW });

it('knows that nothing comes of a TrainJob, after a minute', () => {
  expect(problem(trainJob(60))).toBeUndefined();
  expect(problem(trainJob(150))).toBe(
    "Kubeflow Trainer has made no Job of TrainJob training-1 for 2 minutes: see whether its manager and that of JobSet run (namespace kubeflow-system), and the TrainJob's events",
  );
});

it('has nothing against one that has a Job, is not to run, or has ended', () => {
  expect(problem(trainJob(999), true)).toBeUndefined();
  const spec = { template: {}, suspend: true };
  expect(problem(trainJob(999, { spec }))).toBeUndefined();
  const conditions = [{ type: 'Failed', status: 'True' }];
  expect(problem(trainJob(999, { status: { conditions } }))).toBeUndefined();
});

it('counts from when it was let run, where it had waited', () => {
  const conditions = [
    {
      type: 'Suspended',
      status: 'False',
      lastTransitionTime: new Date(NOW - 30_000),
    },
  ];
  expect(problem(trainJob(999, { status: { conditions } }))).toBeUndefined();
  conditions[0].lastTransitionTime = new Date(NOW - 61_000);
  expect(problem(trainJob(999, { status: { conditions } }))).toMatch(
    /for 1 minutes?/,
  );
});
