import type { V1Pod } from '@kubernetes/client-node';
import { toDataPlanePod } from './toDataPlanePod';

const BORN = '2026-05-03T12:00:00.000Z';
const READY = '2026-05-03T12:00:30.000Z';

/** As a watch tells it: times are text. */
function pod(changes: { metadata?: object; status?: object } = {}): V1Pod {
  const told: unknown = {
    metadata: { name: 'p', creationTimestamp: BORN, ...changes.metadata },
    spec: {
      nodeName: 'node-1',
      containers: [
        { name: 'mesh', image: 'example/mesh:1' },
        {
          name: 'data-plane',
          image: 'example/serving:1',
          resources: { requests: { cpu: '2', 'nvidia.com/gpu': '1' } },
        },
      ],
    },
    status: {
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime: READY },
      ],
      containerStatuses: [
        { name: 'mesh', restartCount: 9, state: {} },
        { name: 'data-plane', restartCount: 2, state: {} },
      ],
      ...changes.status,
    },
  };
  return told as V1Pod;
}

const unready = [{ type: 'Ready', status: 'False', lastTransitionTime: READY }];

describe('toDataPlanePod', () => {
  it('tells which model server it runs, where it does', () => {
    const labels = { 'greenroom.dev/model-server': 'triton' };
    expect(toDataPlanePod(pod({ metadata: { labels } })).server).toBe('triton');
    expect(toDataPlanePod(pod())).not.toHaveProperty('server');
  });

  it('tells of the data plane, and not of what a mesh has put beside it', () => {
    expect(toDataPlanePod(pod())).toEqual({
      name: 'p',
      node: 'node-1',
      state: 'ready',
      since: READY,
      restarts: 2,
      image: 'example/serving:1',
      requests: { cpu: '2', 'nvidia.com/gpu': '1' },
    });
  });

  it.each([
    { status: { conditions: unready }, state: 'not-ready', since: READY },
    {
      status: { phase: 'Pending', conditions: [] },
      state: 'starting',
      since: BORN,
    },
    {
      metadata: {
        deletionTimestamp: '2026-05-03T12:01:30.000Z',
        deletionGracePeriodSeconds: 30,
      },
      state: 'ending',
      since: '2026-05-03T12:01:00.000Z',
    },
    {
      status: { phase: 'Failed', message: 'evicted', conditions: unready },
      state: 'failed',
      since: READY,
    },
    { status: { phase: 'Succeeded', conditions: [] }, state: 'ended' },
  ])('says that it is $state, and since when', ({ state, since, ...rest }) => {
    const shown = toDataPlanePod(pod(rest));
    expect([shown.state, shown.since]).toEqual([state, since]);
  });

  it.each([
    {
      status: { phase: 'Failed', message: 'evicted' },
      reason: 'pod p has failed: evicted',
    },
    {
      status: { conditions: unready },
      reason:
        'pod p runs and is not ready: it says so as soon as it has its snapshot',
    },
    {
      status: {
        conditions: unready,
        containerStatuses: [
          {
            name: 'data-plane',
            restartCount: 4,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      },
      reason:
        'pod p does not run: it ends again and again: it ended with exit code 137, since it took more memory',
    },
  ])('says why: $reason', ({ reason, status }) => {
    expect(toDataPlanePod(pod({ status })).reason).toBe(reason);
  });
});
