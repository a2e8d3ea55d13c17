import type { V1Job, V1JobStatus } from '@kubernetes/client-node';
import {
  attemptObjects,
  isPodOf,
  isTrainJob,
  lacksPods,
} from './AttemptObject';
import { describeAttempt } from './describeAttempt';
import { ENDING_ANNOTATION } from './ending';
import { JOB_SET_LABEL, type TrainJob } from './trainer/TrainJob';

const NOW = Date.parse('2026-05-03T08:00:00Z');
const ID = '0b6a6a0e-2c11-4d0e-9d2d-1f6c6f6c6f6c';
const NAME = `training-${ID}-1`;
const labels = {
  'greenroom.dev/training-job': ID,
  'greenroom.dev/training-attempt': '1',
};
const trainJob = (more: Partial<TrainJob> = {}): TrainJob => ({
  metadata: { name: NAME, uid: 'of-train-job', labels },
  spec: { runtimeRef: { name: NAME }, trainer: { numNodes: 2 } },
  ...more,
});
const child = (status: V1JobStatus = {}): V1Job => ({
  metadata: {
    name: `${NAME}-node-0`,
    uid: 'of-job',
    labels: { ...labels, [JOB_SET_LABEL]: NAME },
  },
  spec: { template: {} },
  status,
});
const is = (type: string, more: object = {}) => ({
  type,
  status: 'True',
  reason: type,
  message: '',
  lastTransitionTime: new Date(NOW),
  ...more,
});
const objectOf = (jobs: V1Job[], trainJobs: TrainJob[]) => {
  const all = attemptObjects(jobs, trainJobs);
  expect([...all.keys()]).toEqual([NAME]);
  return all.get(NAME)!;
};
const stateOf = (jobs: V1Job[], train: TrainJob) =>
  describeAttempt({
    job: objectOf(jobs, [train]).job,
    pods: [],
    nowMillis: NOW,
  });

it('is a Job where it has one of its own, and the Job of a TrainJob is none', () => {
  const own: V1Job = {
    metadata: { name: NAME, uid: 'own', labels },
    spec: { template: {} },
  };
  expect(isTrainJob(objectOf([own], []))).toBe(false);
  expect(objectOf([own], []).podsOf).toBe('own');
  expect(attemptObjects([child()], []).size).toBe(0);
});

it('knows the pods of a TrainJob by the Job that was made of it', () => {
  const pod = { metadata: { ownerReferences: [{ uid: 'of-job' } as never] } };
  const made = objectOf([child()], [trainJob()]);
  expect(isTrainJob(made)).toBe(true);
  expect(made.job.metadata?.uid).toBe('of-train-job');
  expect(isPodOf(pod, made)).toBe(true);
  expect(isPodOf(pod, objectOf([], [trainJob()]))).toBe(false);
});

it('ends as the Job of a TrainJob says, before the TrainJob says anything', () => {
  expect(
    stateOf([child({ conditions: [is('Complete')] })], trainJob()),
  ).toEqual({ phase: 'ended', end: { kind: 'succeeded' } });
  const failed = is('Failed', {
    message: 'Container node for pod a/b failed with exit code 3 matching',
  });
  const outer = is('Failed', { message: 'jobset failed due to one or more' });
  expect(
    stateOf(
      [child({ conditions: [failed], startTime: new Date(NOW) })],
      trainJob({ status: { conditions: [outer] } }),
    ),
  ).toMatchObject({ end: { kind: 'program-failed', exitCode: 3 } });
});

it('says why Kubeflow Trainer has made nothing of a TrainJob', () => {
  const conditions = [is('Failed', { message: 'unsupported runtime: x' })];
  expect(stateOf([], trainJob({ status: { conditions } }))).toMatchObject({
    end: {
      kind: 'not-started',
      message: 'Kubeflow Trainer could not start it: unsupported runtime: x',
    },
  });
  expect(stateOf([], trainJob())).toEqual({
    phase: 'starting',
    reason: { kind: 'creating' },
  });
});

it('has stopped when its Job has, and not when the TrainJob is to', () => {
  const ending = JSON.stringify({ why: 'stop', until: new Date(NOW) });
  const stopped = trainJob({
    metadata: {
      name: NAME,
      uid: 'of-train-job',
      labels,
      annotations: { [ENDING_ANNOTATION]: ending },
    },
    spec: { runtimeRef: { name: NAME }, suspend: true },
    status: { conditions: [is('Suspended')] },
  });
  expect(stateOf([child()], stopped).phase).toBe('starting');
  const conditions = [is('Suspended')];
  expect(stateOf([child({ conditions })], stopped).phase).toBe('ended');
  // There never was one.
  expect(stateOf([], stopped).phase).toBe('ended');
});

describe('lacksPods', () => {
  const pod = (uid = 'of-job') => ({
    metadata: { ownerReferences: [{ uid } as never] },
  });
  const job = (status: V1JobStatus, annotations = {}): V1Job => ({
    metadata: { name: NAME, uid: 'of-job', labels, annotations },
    spec: { template: {} },
    status,
  });
  const ending = {
    [ENDING_ANNOTATION]: JSON.stringify({ why: 'stop', until: new Date(NOW) }),
  };
  const complete = [is('Complete')];

  it.each([
    ['one that runs', job({ active: 1 }), [], false],
    [
      'one that ended, with its pod',
      job({ succeeded: 1, conditions: complete }),
      [pod()],
      false,
    ],
    [
      'one that ended, without it',
      job({ succeeded: 1, conditions: complete }),
      [pod('of-another')],
      true,
    ],
    [
      'one that failed after a pod that failed',
      job({ failed: 2, conditions: [is('Failed')] }),
      [pod()],
      true,
    ],
    [
      'one that never had a pod',
      job({ conditions: [is('Failed')] }),
      [],
      false,
    ],
    ['one that is to end, and runs', job({ active: 1 }, ending), [], true],
    [
      'one that is to end, of which a pod before was removed',
      job({ active: 1, failed: 1 }, ending),
      [pod()],
      false,
    ],
    ['one that is to end, and waits', job({}, ending), [], false],
  ] as const)('%s', (_what, of, pods, lacks) => {
    expect(lacksPods(objectOf([of], []), [...pods])).toBe(lacks);
  });

  it('a TrainJob that ended, whose Job is not known', () => {
    const ended = trainJob({ status: { conditions: complete } });
    expect(lacksPods(objectOf([], [ended]), [])).toBe(true);
    expect(lacksPods(objectOf([], [trainJob()]), [])).toBe(false);
    const made = child({ succeeded: 1, conditions: complete });
    expect(lacksPods(objectOf([made], [ended]), [pod()])).toBe(false);
  });
});
