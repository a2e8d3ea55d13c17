import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';
import { decideTrial, isLoading } from './decideTrial';

const START = Date.parse('2026-05-03T08:00:00Z');
const SECOND = 1_000;

const status = (name: string, state: V1ContainerState) => ({
  name,
  state,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
});

const pod = (
  states: { fetch?: V1ContainerState; trial?: V1ContainerState },
  conditions?: { type: string; status: string; message: string }[],
): V1Pod => ({
  metadata: { name: 'one' },
  status: {
    conditions,
    initContainerStatuses: states.fetch && [status('fetch', states.fetch)],
    containerStatuses: states.trial && [status('trial', states.trial)],
  },
});

const decide = (
  seen: V1Pod | undefined,
  {
    afterSeconds = 1,
    jobProblem,
    loadingSeconds,
  }: {
    afterSeconds?: number;
    jobProblem?: string;
    /** For how long it was seen loading. */
    loadingSeconds?: number;
  } = {},
) =>
  decideTrial({
    pod: seen,
    jobProblem,
    nowMillis: START + afterSeconds * SECOND,
    startedMillis: START,
    loadingSinceMillis:
      loadingSeconds === undefined
        ? undefined
        : START + (afterSeconds - loadingSeconds) * SECOND,
    startTimeoutMillis: 600 * SECOND,
    timeoutMillis: 120 * SECOND,
  });

const fetched: V1ContainerState = { terminated: { exitCode: 0 } };
const runningSince = (second: number): V1ContainerState => ({
  running: { startedAt: new Date(START + second * SECOND) },
});

describe('decideTrial', () => {
  it('waits for a pod, its files, and the model', () => {
    expect(decide(undefined)).toEqual({ state: 'waiting' });
    expect(decide(pod({ fetch: runningSince(1) }))).toEqual({
      state: 'waiting',
    });
    expect(
      decide(pod({ fetch: fetched, trial: runningSince(500) }), {
        afterSeconds: 700,
        loadingSeconds: 119,
      }),
    ).toEqual({ state: 'waiting' });
  });

  it('counts the time of loading alone', () => {
    const loading = pod({ fetch: fetched, trial: runningSince(500) });
    expect(decide(loading, { afterSeconds: 621, loadingSeconds: 121 })).toEqual(
      { state: 'late' },
    );
    // The cluster has given it up meanwhile: that it took too long is what is known.
    expect(
      decide(loading, {
        afterSeconds: 621,
        loadingSeconds: 121,
        jobProblem: 'DeadlineExceeded',
      }),
    ).toEqual({ state: 'late' });
  });

  it('does not go by the clock of a node', () => {
    const behind = pod({ fetch: fetched, trial: runningSince(-3_600) });
    expect(isLoading(behind)).toBe(true);
    expect(decide(behind, { loadingSeconds: 1 })).toEqual({ state: 'waiting' });
    expect(isLoading(pod({ fetch: runningSince(1) }))).toBe(false);
  });

  it.each([
    [{ exitCode: 0 }, { state: 'ended', exitCode: 0 }],
    [{ exitCode: 139 }, { state: 'ended', exitCode: 139 }],
    [{ exitCode: 137, reason: 'OOMKilled' }, { state: 'out-of-memory' }],
  ])('reads how the process ended: %j', (terminated, expected) => {
    expect(
      decide(pod({ fetch: fetched, trial: { terminated } }), {
        jobProblem: 'BackoffLimitExceeded',
      }),
    ).toEqual(expected);
  });

  it('says nothing of the model where its files did not come', () => {
    expect(decide(pod({ fetch: { terminated: { exitCode: 1 } } }))).toEqual({
      state: 'not-fetched',
      exitCode: 1,
    });
  });

  it('gives up what does not start, with the reason that the cluster gives', () => {
    const noRoom = pod({}, [
      { type: 'PodScheduled', status: 'False', message: '0/3 nodes' },
    ]);
    expect(decide(noRoom)).toEqual({ state: 'waiting' });
    expect(decide(noRoom, { afterSeconds: 601 })).toEqual({
      state: 'failed',
      reason: 'no node has room for pod one: 0/3 nodes',
    });
    expect(decide(undefined, { afterSeconds: 601 })).toEqual({
      state: 'failed',
      reason: 'its pod has not started after 10 minutes',
    });
    expect(decide(undefined, { jobProblem: 'exceeded quota' })).toEqual({
      state: 'failed',
      reason: 'exceeded quota',
    });
  });
});
