import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { V1Node, V1Taint } from '@kubernetes/client-node';
import { capacityOf } from './capacityOf';
import { usageOf } from './usageOf';

describe('capacityOf', () => {
  const node = (
    gpus: string,
    more: {
      labels?: object;
      taints?: V1Taint[];
      ready?: string;
      off?: boolean;
    } = {},
  ): V1Node => ({
    metadata: { labels: { kind: 'a100', ...more.labels } },
    spec: { taints: more.taints, unschedulable: more.off },
    status: {
      allocatable: { 'nvidia.com/gpu': gpus, memory: '100Gi' },
      conditions: [{ type: 'Ready', status: more.ready ?? 'True' }],
    },
  });
  const flavor: Flavor = {
    name: 'a100',
    title: 'A100',
    resources: { 'nvidia.com/gpu': '1', memory: '30Gi' },
    nodeSelector: { kind: 'a100' },
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
  };

  it('counts what is whole on nodes that it may be on', () => {
    expect(
      capacityOf(flavor, [
        node('2'),
        // Memory is for three.
        node('8'),
        node('8', { labels: { kind: 'h100' } }),
        node('8', { ready: 'False' }),
        node('8', { off: true }),
        node('1', {
          taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
        }),
        node('8', { taints: [{ key: 'other', effect: 'NoSchedule' }] }),
        node('1', { taints: [{ key: 'other', effect: 'PreferNoSchedule' }] }),
      ]),
    ).toBe(7);
    expect(capacityOf(flavor, [])).toBe(0);
  });
});

it('adds up what programs use, and what fetches is none', () => {
  const metrics = [
    {
      metadata: { name: 'a' },
      containers: [
        { name: 'trainer', usage: { cpu: '1500m', memory: '1Gi' } },
        { name: 'sidecar', usage: { cpu: '9', memory: '9Gi' } },
      ],
    },
    {
      metadata: { name: 'b' },
      containers: [{ name: 'trainer', usage: { cpu: '500000000n' } }],
    },
    {
      metadata: { name: 'other' },
      containers: [{ name: 'trainer', usage: { cpu: '7' } }],
    },
  ];
  expect(usageOf(metrics, ['a', 'b'])).toEqual({
    cpuCores: 2,
    memoryBytes: 1024 ** 3,
  });
  expect(usageOf(metrics, ['c'])).toBeUndefined();
});
