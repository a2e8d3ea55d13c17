import type { V1Pod } from '@kubernetes/client-node';
import { podRequestsOf } from './podRequests';
import { numberOf } from './quantity';

describe('a quantity', () => {
  it.each([
    ['0', 0],
    ['2', 2],
    ['500m', 0.5],
    ['1500u', 0.0015],
    ['250n', 2.5e-7],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['0.5Gi', 2 ** 29],
    ['1.5Ki', 1_536],
    ['32Gi', 32 * 2 ** 30],
    ['2k', 2_000],
    ['2G', 2e9],
    ['1Ei', 2 ** 60],
    ['3E', 3e18],
    ['3E3', 3_000],
    ['1e-3', 0.001],
    ['+4', 4],
  ])('%s is %d', (quantity, number) => {
    expect(numberOf(quantity)).toBeCloseTo(number, 12);
  });

  it.each(['', 'Gi', '1 Gi', '1Qi', 'many'])('is not %p', quantity => {
    expect(() => numberOf(quantity)).toThrow();
  });
});

describe('what a pod takes of its node', () => {
  const container = (cpu: string, memory?: string, restartPolicy?: string) => ({
    name: `c-${cpu}`,
    restartPolicy,
    resources: { requests: { cpu, ...(memory && { memory }) } },
  });
  const requests = (spec: V1Pod['spec']) =>
    Object.fromEntries(podRequestsOf({ spec }));

  it('is what its containers ask for together, and one pod', () => {
    expect(
      requests({
        containers: [container('500m', '1Gi'), container('1', '1Gi')],
      }),
    ).toEqual({ cpu: 1.5, memory: 2 ** 31, pods: 1 });
    expect(requests({ containers: [] })).toEqual({ pods: 1 });
  });

  it('is that of the greediest one before them where that is more, beside those that stay', () => {
    expect(
      requests({
        initContainers: [
          container('1', undefined, 'Always'),
          container('3'),
          container('100m'),
        ],
        containers: [container('2')],
      }),
    ).toEqual({ cpu: 4, pods: 1 });
    expect(
      requests({
        initContainers: [container('1', undefined, 'Always'), container('1')],
        containers: [container('2')],
      }),
    ).toEqual({ cpu: 3, pods: 1 });
  });

  it('is the limit where that alone is said, and what is said for the pod, and what a pod itself costs', () => {
    expect(
      requests({
        containers: [
          { name: 'gpu', resources: { limits: { 'nvidia.com/gpu': '2' } } },
          container('1'),
        ],
        resources: { requests: { cpu: '4' } },
        overhead: { cpu: '250m' },
      }),
    ).toEqual({ cpu: 4.25, 'nvidia.com/gpu': 2, pods: 1 });
  });
});
