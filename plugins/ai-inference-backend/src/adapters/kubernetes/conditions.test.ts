import type { V1Deployment, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { describeProblem } from './conditions';

const DEPLOYMENT: V1Deployment = {};

function pod(status: V1PodStatus, deletionTimestamp?: Date): V1Pod {
  return { metadata: { name: 'one', deletionTimestamp }, status };
}

function waiting(
  reason: string,
  message?: string,
  ended?: { exitCode: number; reason?: string; message?: string },
): V1Pod {
  return pod({
    containerStatuses: [
      {
        name: 'data-plane',
        image: '',
        imageID: '',
        ready: false,
        restartCount: 1,
        state: { waiting: { reason, message } },
        ...(ended && { lastState: { terminated: ended } }),
      },
    ],
  });
}

describe('describeProblem', () => {
  it.each<[string, V1Pod, string | undefined]>([
    ['nothing to tell', pod({}), undefined],
    ['one that only begins', waiting('ContainerCreating'), undefined],
    [
      'an image that cannot be pulled',
      waiting('ImagePullBackOff', 'no such host'),
      'pod one does not run: its image cannot be pulled: no such host',
    ],
    [
      'a reason that nobody has put into words',
      waiting('SomethingNew', 'of a later cluster'),
      'pod one does not run: SomethingNew: of a later cluster',
    ],
    [
      'one that ends again and again, with its last words',
      waiting('CrashLoopBackOff', 'back-off 10s', {
        exitCode: 78,
        message: 'GREENROOM_PORT is "x"',
      }),
      'pod one does not run: it ends again and again: it ended with exit code 78: GREENROOM_PORT is "x"',
    ],
    [
      'one that takes too much memory',
      waiting('CrashLoopBackOff', undefined, {
        exitCode: 137,
        reason: 'OOMKilled',
      }),
      'pod one does not run: it ends again and again: it ended with exit code 137, since it took more memory',
    ],
    [
      'one that was evicted',
      pod({ phase: 'Failed', reason: 'Evicted' }),
      'pod one has failed: Evicted',
    ],
    [
      'one that no node has room for',
      pod({
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
          },
        ],
      }),
      'no node has room for pod one: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
    ],
  ])('tells %s', (_, one, problem) => {
    expect(describeProblem(DEPLOYMENT, [one])).toBe(problem);
  });

  it('leaves out pods that are about to go', () => {
    const going = pod({ phase: 'Failed', reason: 'Evicted' }, new Date());
    expect(describeProblem(DEPLOYMENT, [going])).toBeUndefined();
  });

  it('leaves out one that has failed, once others have taken its place', () => {
    const evicted = pod({ phase: 'Failed', reason: 'Evicted' });
    const withReady = (readyReplicas: number): V1Deployment => ({
      spec: { replicas: 2, selector: {}, template: {} },
      status: { readyReplicas },
    });
    expect(describeProblem(withReady(1), [evicted])).toContain('Evicted');
    expect(describeProblem(withReady(2), [evicted])).toBeUndefined();
  });

  it('tells why no pod is made at all, such as a quota', () => {
    const refused: V1Deployment = {
      status: {
        conditions: [
          {
            type: 'ReplicaFailure',
            status: 'True',
            message: 'exceeded quota: small',
          },
        ],
      },
    };
    expect(describeProblem(refused, [])).toBe(
      'the cluster does not make its pods: exceeded quota: small',
    );
  });

  it('keeps what the cluster says short', () => {
    const long = describeProblem(DEPLOYMENT, [
      pod({ phase: 'Failed', message: 'x'.repeat(10_000) }),
    ]);
    expect(long?.length).toBeLessThan(500);
  });
});
