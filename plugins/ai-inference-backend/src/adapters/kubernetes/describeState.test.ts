import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { describeState, type Observed } from './describeState';

const AT = '2026-05-03T12:00:00.000Z';

const DEPLOYMENT: V1Deployment = {
  metadata: { name: 'greenroom-live', uid: 'made' },
  spec: { replicas: 2, selector: {}, template: {} },
};

function pod(ready: boolean, deletionTimestamp?: Date): V1Pod {
  return {
    metadata: { name: 'one', deletionTimestamp },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

function observed(change: Partial<Observed>): Observed {
  return {
    wanted: true,
    deployment: DEPLOYMENT,
    pods: [pod(true), pod(true)],
    isKnown: true,
    madeUid: 'made',
    isSwept: false,
    publicUrl: 'http://models.example',
    since: () => AT,
    ...change,
  };
}

const TROUBLE = {
  reason: 'the cluster cannot be reached: no route',
  attempts: 3,
  nextTryAt: new Date(AT),
};

describe('describeState', () => {
  it('runs when a pod is ready, and says how many are', () => {
    expect(describeState(observed({}))).toEqual({
      state: 'running',
      since: AT,
      publicUrl: 'http://models.example',
      replicas: { wanted: 2, ready: 2 },
    });
    const pods = [pod(true), pod(false), pod(true, new Date())];
    expect(describeState(observed({ pods }))).toMatchObject({
      replicas: { wanted: 2, ready: 1 },
    });
  });

  it('does not run because it was applied', () => {
    const pods = [pod(false)];
    expect(describeState(observed({ pods }))).toEqual({
      state: 'starting',
      since: AT,
    });
  });

  it('does not take a Deployment of an earlier wish for its own', () => {
    expect(describeState(observed({ madeUid: undefined })).state).toBe(
      'starting',
    );
    expect(describeState(observed({ madeUid: 'later' })).state).toBe(
      'starting',
    );
  });

  it('is what was known last while the cluster is away, and says so', () => {
    expect(describeState(observed({ trouble: TROUBLE }))).toMatchObject({
      state: 'running',
      problem: TROUBLE.reason,
    });
  });

  it('runs what is there already, also where it cannot be looked after', () => {
    const unknown = { madeUid: undefined, trouble: TROUBLE };
    expect(describeState(observed(unknown))).toMatchObject({
      state: 'running',
      problem: TROUBLE.reason,
    });
    const going = {
      ...DEPLOYMENT,
      metadata: { ...DEPLOYMENT.metadata, deletionTimestamp: new Date() },
    };
    expect(
      describeState(observed({ ...unknown, deployment: going })).state,
    ).toBe('failing');
  });

  it('says what the cluster does not tell, and why', () => {
    const refusal = 'pods is forbidden';
    expect(
      describeState(observed({ pods: [], deployment: undefined, refusal })),
    ).toEqual({ state: 'starting', since: AT, problem: refusal });
    expect(describeState(observed({ refusal }))).toMatchObject({
      state: 'running',
      problem: refusal,
    });
  });

  it('fails where it cannot even be started, or ended', () => {
    for (const wanted of [true, false]) {
      const state = describeState(
        observed({ wanted, pods: [], trouble: TROUBLE }),
      );
      expect(state).toEqual({
        state: 'failing',
        since: AT,
        reason: TROUBLE.reason,
        attempts: 3,
        nextTryAt: AT,
      });
    }
  });

  it('tells what somebody else has changed, and goes on', () => {
    const drift = ['somebody has changed it', 'and something else'];
    expect(describeState(observed({ drift }))).toMatchObject({
      state: 'running',
      problem: 'somebody has changed it, and 1 more',
      drift,
    });
  });

  it.each<[string, Partial<Observed>, string]>([
    ['pods are there', { deployment: undefined }, 'stopping'],
    ['the Deployment is there', { pods: [] }, 'stopping'],
    [
      'nobody has looked yet',
      { deployment: undefined, pods: [], isKnown: false },
      'stopping',
    ],
    [
      'its token is not taken back',
      { deployment: undefined, pods: [], isSwept: false },
      'stopping',
    ],
    ['nothing is there', { deployment: undefined, pods: [] }, 'stopped'],
  ])('is not wanted, and %s', (_, change, state) => {
    expect(
      describeState(observed({ wanted: false, isSwept: true, ...change }))
        .state,
    ).toBe(state);
  });
});
