import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { ObservedAttempt } from '../../backends/TrainingBackend';
import { decideEnding } from './decideEnding';
import { ENDING_ANNOTATION } from './ending';

const NOW = Date.parse('2026-05-03T08:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1_000);

const job = (
  more: {
    until?: Date;
    suspend?: boolean;
    queue?: string;
    deadline?: number;
  } = {},
): V1Job => ({
  metadata: {
    ...(more.queue && { labels: { 'kueue.x-k8s.io/queue-name': more.queue } }),
    annotations: {
      'greenroom.dev/deadline-seconds': '90',
      ...(more.until && {
        [ENDING_ANNOTATION]: JSON.stringify({ why: 'stop', until: more.until }),
      }),
    },
  },
  spec: {
    suspend: more.suspend ?? false,
    activeDeadlineSeconds: more.deadline,
    template: {},
  },
});
const pod = (
  more: {
    deadline?: number;
    startTime?: Date | null;
    phase?: string;
    removing?: number;
  } = {},
): V1Pod => ({
  metadata: { deletionGracePeriodSeconds: more.removing },
  spec: { containers: [], activeDeadlineSeconds: more.deadline ?? 500 },
  status: {
    phase: more.phase ?? 'Running',
    ...(more.startTime !== null && { startTime: more.startTime ?? ago(9) }),
  },
});
const running = (seconds: number): ObservedAttempt['state'] => ({
  phase: 'running',
  startedAt: ago(seconds).toISOString(),
});
const noImage = (message: string): ObservedAttempt['state'] => ({
  phase: 'starting',
  reason: { kind: 'image-not-pulled', message },
});
const decide = (
  seen: V1Job,
  pods: V1Pod[],
  state: ObservedAttempt['state'] = running(1),
) =>
  decideEnding({ job: seen, pods, state, imageSeconds: 300, nowMillis: NOW });

it('leaves alone what runs in its time', () => {
  expect(decide(job(), [pod()], running(9_000))).toEqual([]);
  expect(
    decide(job(), [], { phase: 'starting', reason: { kind: 'creating' } }),
  ).toEqual([]);
});

it('gives a program its time once it runs, whatever came before', () => {
  const runs = (deadline: number) => {
    const one = pod({ deadline, startTime: ago(120.4) });
    one.status!.containerStatuses = [
      {
        name: 'trainer',
        image: '',
        imageID: '',
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: ago(20) } },
      },
    ];
    return one;
  };
  // 100.4 seconds were of the node, the image, code and data.
  expect(decide(job(), [runs(990), runs(191), pod()])).toMatchObject([
    { kind: 'limit', seconds: 191 },
  ]);
});

it('gives an image up after a while, and at once where its name is none', () => {
  const message = 'its image cannot be pulled: no such host';
  const mark = { kind: 'mark', reason: { why: 'image', message } };
  expect(
    decide(job(), [pod({ startTime: ago(299) })], noImage(message)),
  ).toEqual([]);
  expect(
    decide(job(), [pod({ startTime: ago(301) })], noImage(message)),
  ).toEqual([mark]);
  expect(
    decide(
      job(),
      [pod({ startTime: ago(1) })],
      noImage('its image has no valid name'),
    ),
  ).toHaveLength(1);
});

it('takes note that a place is taken away', () => {
  const taken = pod();
  taken.status!.conditions = [
    { type: 'DisruptionTarget', status: 'True', message: 'drained' },
  ];
  expect(decide(job(), [taken])).toEqual([
    {
      kind: 'mark',
      reason: {
        why: 'disruption',
        end: { kind: 'evicted', message: 'drained' },
      },
    },
  ]);
});

it('tells programs to end once, and ends them when their time is over', () => {
  const soon = job({ until: ago(-10) });
  const late = job({ until: ago(10) });
  const told = pod({ deadline: 1 });
  expect(decide(soon, [pod(), told, pod({ phase: 'Failed' })])).toMatchObject([
    { kind: 'end' },
  ]);
  expect(decide(soon, [told])).toEqual([]);
  expect(decide(late, [told])).toEqual([{ kind: 'kill', pod: told }]);
  expect(decide(late, [pod({ deadline: 1, removing: 1 })])).toEqual([]);
});

it('has no pods made of what has no place yet', () => {
  const waits = pod({ startTime: null, phase: 'Pending' });
  const until = ago(-10);
  expect(decide(job({ until }), [waits])).toEqual([{ kind: 'suspend' }]);
  expect(decide(job({ until }), [])).toEqual([{ kind: 'suspend' }]);
  expect(decide(job({ until, suspend: true }), [waits])).toEqual([]);
  // Of several, those that have a place are ended first, and end the Job.
  expect(decide(job({ until }), [waits, pod()])).toMatchObject([
    { kind: 'end' },
  ]);
});

it('ends what Kueue has let run by its deadline, since Kueue would let it run again', () => {
  const until = ago(-10);
  const waits = pod({ startTime: null, phase: 'Pending' });
  const held = { until, queue: 'all' };
  expect(decide(job(held), [waits])).toEqual([{ kind: 'expire' }]);
  expect(decide(job({ ...held, deadline: 1 }), [waits])).toEqual([]);
  expect(decide(job(held), [pod()])).toMatchObject([{ kind: 'end' }]);
});
