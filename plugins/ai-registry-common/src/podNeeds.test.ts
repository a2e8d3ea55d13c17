import type { Flavor } from './flavors';
import { findFlavor, podNeedsOf } from './podNeeds';

const GPU: Flavor = {
  name: 'a100',
  title: 'A100',
  resources: { 'nvidia.com/gpu': '1', memory: '0.5Gi' },
  nodeSelector: { accelerator: 'a100' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
  runtimeClass: 'nvidia',
};

describe('podNeedsOf', () => {
  it('bounds memory, and lets time on a processor be borrowed', () => {
    expect(podNeedsOf({ resources: { cpu: '500m', memory: '1Gi' } })).toEqual({
      requests: { cpu: '500m', memory: '1Gi' },
      limits: { memory: '1Gi' },
    });
  });

  it('takes so many of a flavor, on its nodes, and the rest as it is said', () => {
    expect(
      podNeedsOf({
        resources: { cpu: '4' },
        nodeSelector: { zone: 'a' },
        flavor: GPU,
        count: 3,
      }),
    ).toEqual({
      requests: { cpu: '4', 'nvidia.com/gpu': '3', memory: '1.5Gi' },
      limits: { 'nvidia.com/gpu': '3', memory: '1.5Gi' },
      nodeSelector: { accelerator: 'a100', zone: 'a' },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      runtimeClass: 'nvidia',
    });
  });

  it('counts parts without a rest of their own', () => {
    const flavor = { ...GPU, resources: { cpu: '0.1' } };
    expect(podNeedsOf({ resources: {}, flavor, count: 3 }).requests).toEqual({
      cpu: '0.3',
    });
  });
});

describe('findFlavor', () => {
  const find = (
    name: string,
    own: Parameters<typeof findFlavor>[2]['own'] = { resources: {} },
    flavors = [GPU, { ...GPU, name: 'l4' }],
  ) => findFlavor(flavors, name, { own, key: 'deployer' });

  it('takes what says nothing else', () => {
    const own = { resources: { cpu: '2' }, nodeSelector: { zone: 'a' } };
    expect(find('a100', own)).toBe(GPU);
  });

  it.each<[string, () => unknown, string]>([
    [
      'one that there is not',
      () => find('h100'),
      "deployer.flavor is 'h100': expected one of greenroom.flavors, which are a100, l4",
    ],
    [
      'any where there are none',
      () => find('h100', undefined, []),
      "deployer.flavor is 'h100': expected one of greenroom.flavors, which is not set",
    ],
    [
      'memory that is said twice',
      () => find('a100', { resources: { memory: '8Gi' } }),
      'deployer.resources.memory is 8Gi, and its flavor a100 says 0.5Gi: leave one of them out',
    ],
    [
      'other nodes',
      () =>
        find('a100', { resources: {}, nodeSelector: { accelerator: 't4' } }),
      "deployer.nodeSelector['accelerator'] is 't4', and its flavor a100 says 'a100'",
    ],
  ])('refuses %s', (_what, act, message) => {
    expect(act).toThrow(message);
  });
});
