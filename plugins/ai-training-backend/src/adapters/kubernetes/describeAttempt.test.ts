import type {
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Job,
  V1Pod,
  V1PodCondition,
} from '@kubernetes/client-node';
import { describeAttempt } from './describeAttempt';
import { ENDING_ANNOTATION, type EndingReason } from './ending';

const NOW = Date.parse('2026-05-03T08:00:00Z');
const at = (seconds: number) => new Date(NOW + seconds * 1_000);

interface PodParts {
  index?: number;
  phase?: string;
  fetch?: V1ContainerStatus['state'];
  trainer?: V1ContainerStatus['state'];
  conditions?: V1PodCondition[];
  reason?: string;
  message?: string;
  removedAt?: Date;
  nodeName?: string;
}

const container = (
  name: string,
  state: V1ContainerStatus['state'],
): V1ContainerStatus => ({
  name,
  state,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
});

const pod = (parts: PodParts = {}): V1Pod => ({
  metadata: {
    name: `pod-${parts.index ?? 0}`,
    annotations: {
      'batch.kubernetes.io/job-completion-index': String(parts.index ?? 0),
    },
    deletionTimestamp: parts.removedAt,
  },
  spec: {
    nodeName: parts.nodeName ?? 'node',
    containers: [{ name: 'trainer', resources: { limits: { memory: '2Gi' } } }],
  },
  status: {
    phase: parts.phase ?? 'Running',
    reason: parts.reason,
    message: parts.message,
    conditions: parts.conditions,
    initContainerStatuses: parts.fetch && [container('fetch', parts.fetch)],
    containerStatuses: parts.trainer && [container('trainer', parts.trainer)],
  },
});

const ended = (
  exitCode: number,
  more: Partial<V1ContainerStateTerminated> = {},
) => ({
  terminated: { exitCode, startedAt: at(-60), finishedAt: at(-1), ...more },
});
const failed = (parts: PodParts) => pod({ phase: 'Failed', ...parts });
const waiting = (reason: string, message?: string) => ({
  waiting: { reason, message },
});
const condition = (
  type: string,
  status: string,
  more: Partial<V1PodCondition> = {},
): V1PodCondition => ({ type, status, ...more });
const disrupted = (reason: string, message = 'in words') =>
  condition('DisruptionTarget', 'True', {
    reason,
    message,
    lastTransitionTime: at(-2),
  });

const job = (
  conditions: { type: string; reason?: string; message?: string }[] = [],
  {
    nodes = 1,
    ending,
    suspend = false,
  }: { nodes?: number; ending?: EndingReason; suspend?: boolean } = {},
): V1Job => ({
  metadata: {
    name: 'training-1',
    annotations: {
      'greenroom.dev/deadline-seconds': '90',
      ...(ending && {
        [ENDING_ANNOTATION]: JSON.stringify({ ...ending, until: at(0) }),
      }),
    },
  },
  spec: { completions: nodes, suspend, template: {} },
  status: {
    conditions: conditions.map(one => ({ ...one, status: 'True' })),
  },
});
const FAILED = [{ type: 'Failed', reason: 'BackoffLimitExceeded' }];

const describeIt = (
  seen: V1Job,
  pods: V1Pod[],
  more: Partial<Parameters<typeof describeAttempt>[0]> = {},
) => describeAttempt({ job: seen, pods, nowMillis: NOW, ...more });
const endOf = (seen: V1Job, ...pods: V1Pod[]) => {
  const state = describeIt(seen, pods);
  return state.phase === 'ended' ? state.end : state;
};

describe('an attempt that has not begun', () => {
  const reasonOf = (...pods: V1Pod[]) => {
    const state = describeIt(job([], { nodes: pods.length || 1 }), pods);
    return state.phase === 'starting' ? state.reason : state;
  };

  it.each<[string, PodParts, object]>([
    [
      'waits for a place',
      {
        conditions: [
          condition('PodScheduled', 'False', { message: '0/3 nodes' }),
        ],
      },
      { kind: 'unschedulable', message: 'no node has room: 0/3 nodes' },
    ],
    [
      'waits for the image of its program',
      {
        fetch: ended(0),
        trainer: waiting('ImagePullBackOff', 'Back-off pulling "x"'),
      },
      {
        kind: 'image-not-pulled',
        message: 'its image cannot be pulled: Back-off pulling "x"',
      },
    ],
    [
      'waits for the image that fetches',
      { fetch: waiting('InvalidImageName') },
      { kind: 'image-not-pulled', message: 'its image has no valid name' },
    ],
    [
      'waits for what it is configured with',
      { fetch: waiting('CreateContainerConfigError', 'secret "x" not found') },
      {
        kind: 'waiting',
        message: 'CreateContainerConfigError: secret "x" not found',
      },
    ],
    [
      'waits for code and data',
      {
        fetch: { running: { startedAt: at(-1) } },
        trainer: waiting('PodInitializing'),
      },
      { kind: 'preparing', what: 'code and data' },
    ],
    [
      'has a place, and nothing runs there',
      { trainer: waiting('ContainerCreating') },
      { kind: 'pulling-image' },
    ],
  ])('%s', (_, parts, expected) => {
    expect(reasonOf(pod({ phase: 'Pending', ...parts }))).toEqual(expected);
  });

  it('is being made while it has no pod, and says why it gets none', () => {
    expect(reasonOf()).toEqual({ kind: 'creating' });
    const event = (type: string, message: string, seconds: number) => ({
      metadata: {},
      involvedObject: {},
      type,
      message,
      lastTimestamp: at(seconds),
    });
    const events = [
      event('Warning', 'exceeded quota', -3),
      event('Warning', 'older', -9),
      event('Normal', 'Suspended', -1),
    ];
    expect(describeIt(job(), [], { events })).toEqual({
      phase: 'starting',
      reason: {
        kind: 'waiting',
        message: 'the cluster makes no pod: exceeded quota',
      },
    });
  });

  it('waits for the last of its nodes, and says what that one waits for', () => {
    const runs = pod({ trainer: { running: { startedAt: at(-9) } } });
    const waits = pod({
      index: 1,
      conditions: [condition('PodScheduled', 'False', { message: 'none' })],
    });
    expect(reasonOf(runs, waits)).toMatchObject({ kind: 'unschedulable' });
  });
});

it('runs when all of its programs have begun, since the first one has', () => {
  const pods = [3, 9].map((seconds, index) =>
    pod({ index, trainer: { running: { startedAt: at(-seconds) } } }),
  );
  expect(describeIt(job([], { nodes: 2 }), pods)).toEqual({
    phase: 'running',
    startedAt: at(-9).toISOString(),
  });
  // What the cluster is ending still has its place.
  const failing = job([{ type: 'FailureTarget' }], { nodes: 2 });
  expect(describeIt(failing, pods).phase).toBe('running');
  const old = job(FAILED, { nodes: 2 });
  expect(describeIt(old, pods).phase).toBe('running');
});

describe('an attempt that has ended', () => {
  it.each<[string, PodParts, object]>([
    [
      'by an exit code, with what was written last',
      {
        trainer: ended(3, { message: `${'x\n'.repeat(50)}loss is NaN\n` }),
      },
      {
        kind: 'program-failed',
        exitCode: 3,
        lastLines: `${'x\n'.repeat(19)}loss is NaN`,
      },
    ],
    [
      'by a signal',
      { trainer: ended(139, { reason: 'Error' }) },
      { kind: 'program-failed', signal: 'SIGSEGV', lastLines: '' },
    ],
    [
      'since its command is none',
      {
        trainer: ended(128, {
          reason: 'StartError',
          message: 'exec: "pyton": executable file not found in $PATH',
        }),
      },
      {
        kind: 'not-started',
        message:
          'its program cannot be started: exec: "pyton": executable file not found in $PATH',
      },
    ],
    [
      'without memory',
      { trainer: ended(137, { reason: 'OOMKilled' }) },
      { kind: 'out-of-memory', limitBytes: 2 * 1024 ** 3 },
    ],
    [
      'on a node that has forgotten it',
      { trainer: ended(137, { reason: 'ContainerStatusUnknown' }) },
      {
        kind: 'lost',
        message: 'its node has forgotten it, and does not know how it ended',
      },
    ],
    [
      'without its code',
      { fetch: ended(1, { message: 'answered 404' }) },
      {
        kind: 'not-started',
        message: 'code and data could not be fetched: answered 404',
      },
    ],
    [
      'without a place on the node that it was given',
      { reason: 'OutOfcpu', message: 'Node did not have enough cpu' },
      {
        kind: 'not-started',
        message: 'OutOfcpu: Node did not have enough cpu',
      },
    ],
    [
      'on a full disk',
      {
        reason: 'Evicted',
        message:
          'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.',
        trainer: ended(137),
      },
      {
        kind: 'disk-full',
        message:
          'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.',
      },
    ],
    [
      'on a node without memory',
      { reason: 'Evicted', message: 'The node was low on resource: memory.' },
      { kind: 'evicted', message: 'The node was low on resource: memory.' },
    ],
    [
      'for a more important pod',
      {
        conditions: [disrupted('PreemptionByScheduler')],
        trainer: ended(143),
      },
      {
        kind: 'evicted',
        message: 'the cluster gave its place to a more important pod: in words',
      },
    ],
    [
      'with its node',
      { conditions: [disrupted('DeletionByTaintManager')] },
      {
        kind: 'lost',
        message: 'its node does not answer any more, or is gone: in words',
      },
    ],
    [
      'as its node was shut down',
      { reason: 'Terminated', message: 'Pod was terminated' },
      { kind: 'evicted', message: 'its node was shut down' },
    ],
    [
      'at the deadline that the cluster has',
      { reason: 'DeadlineExceeded', trainer: ended(143) },
      { kind: 'stopped', why: { kind: 'deadline', minutes: 2 } },
    ],
  ])('%s', (_, parts, expected) => {
    expect(endOf(job(FAILED), failed(parts))).toEqual(expected);
  });

  it('well', () => {
    const done = pod({ phase: 'Succeeded', trainer: ended(0) });
    expect(describeIt(job([{ type: 'Complete' }]), [done])).toEqual({
      phase: 'ended',
      end: { kind: 'succeeded' },
      startedAt: at(-60).toISOString(),
    });
  });

  it('well, as it says, when its place was taken away: it has not come to its end', () => {
    const saved = (finishedAt: Date) =>
      pod({
        phase: 'Succeeded',
        trainer: ended(0, { finishedAt }),
        conditions: [disrupted('EvictionByEvictionAPI')],
      });
    const complete = job([{ type: 'Complete' }]);
    expect(endOf(complete, saved(at(-1)))).toEqual({
      kind: 'evicted',
      message: 'in words',
    });
    expect(endOf(complete, saved(at(-5)))).toEqual({ kind: 'succeeded' });
    const ending = {
      why: 'disruption',
      end: { kind: 'evicted', message: 'seen' },
    } as const;
    // When the pod is gone, too.
    expect(endOf(job([{ type: 'Complete' }], { ending }))).toEqual(ending.end);
  });

  it('as the first of several that has failed by itself', () => {
    const pods = [
      failed({
        index: 0,
        trainer: ended(143, { finishedAt: at(-9) }),
        removedAt: at(-10),
      }),
      failed({ index: 1, trainer: ended(4, { finishedAt: at(-3) }) }),
      failed({ index: 2, trainer: ended(5, { finishedAt: at(-2) }) }),
    ];
    expect(endOf(job(FAILED, { nodes: 3 }), ...pods)).toMatchObject({
      exitCode: 4,
    });
  });

  it.each([
    [
      'Container trainer for pod a/b failed with exit code 7 matching FailJob rule at index 1',
      { kind: 'program-failed', exitCode: 7, lastLines: '' },
    ],
    [
      'Pod a/b has condition DisruptionTarget matching FailJob rule at index 0',
      {
        kind: 'evicted',
        message:
          'Pod a/b has condition DisruptionTarget matching FailJob rule at index 0',
      },
    ],
    [
      'Job has reached the specified backoff limit',
      {
        kind: 'lost',
        message:
          'its pods were removed, and nobody saw how they ended: Job has reached the specified backoff limit',
      },
    ],
  ])('as its Job says where its pods are gone: %s', (message, expected) => {
    expect(endOf(job([{ type: 'Failed', message }]))).toEqual(expected);
  });

  it('as it was told to, whatever it says itself', () => {
    const ending = { why: 'stop' } as const;
    const told = (exitCode: number) =>
      failed({ reason: 'DeadlineExceeded', trainer: ended(exitCode) });
    expect(endOf(job(FAILED, { ending }), told(0))).toMatchObject({
      kind: 'program-failed',
      signal: 'SIGTERM',
    });
    expect(endOf(job(FAILED, { ending }), told(143))).toMatchObject({
      signal: 'SIGTERM',
    });
    expect(endOf(job(FAILED, { ending }), told(9))).toMatchObject({
      exitCode: 9,
    });
    // It was done before it heard.
    expect(endOf(job([{ type: 'Complete' }], { ending }))).toEqual({
      kind: 'succeeded',
    });
  });

  it('before it had a place, when nothing of it is left', () => {
    const ending = { why: 'stop' } as const;
    const waits = pod({ phase: 'Pending' });
    const stopped = job([{ type: 'Suspended' }], { ending, suspend: true });
    expect(describeIt(stopped, [waits]).phase).toBe('starting');
    expect(endOf(stopped)).toEqual({
      kind: 'not-started',
      message: 'it was stopped before its program ran',
    });
    // It is not over before the cluster has heard.
    expect(describeIt(job([], { ending, suspend: true }), []).phase).toBe(
      'starting',
    );
  });

  it('with a node that never says so', () => {
    const lost = (seconds: number) =>
      pod({
        trainer: { running: { startedAt: at(-999) } },
        removedAt: at(-seconds),
        conditions: [disrupted('DeletionByTaintManager')],
      });
    expect(describeIt(job(), [lost(299)]).phase).toBe('running');
    expect(endOf(job(), lost(301))).toEqual({
      kind: 'lost',
      message: 'its node does not answer any more, or is gone: in words',
    });
  });

  it('without its image', () => {
    const ending = { why: 'image', message: 'no such image' } as const;
    expect(
      endOf(job(FAILED, { ending }), failed({ reason: 'DeadlineExceeded' })),
    ).toEqual({ kind: 'image-not-pulled', message: 'no such image' });
  });
});

it('waits again while pods are still seen that Kueue has taken the place from', () => {
  const queue = { kind: 'kueue', queue: 'all' } as const;
  const gone = failed({ trainer: ended(143), removedAt: at(0) });
  expect(describeIt(job([], { suspend: true }), [gone], { queue })).toEqual({
    phase: 'starting',
    reason: queue,
  });
  const runs = pod({ trainer: { running: { startedAt: at(-9) } } });
  expect(
    describeIt(job([], { suspend: true }), [runs], { queue }),
  ).toMatchObject({ phase: 'running' });
});
