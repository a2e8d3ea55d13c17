import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { V1Node } from '@kubernetes/client-node';
import { flavorCapacityOf, type NodeUse } from './flavorCapacity';
import { amountsOf } from './podRequests';

const A100: Flavor = {
  name: 'a100',
  title: 'NVIDIA A100',
  resources: { 'nvidia.com/gpu': '1', memory: '32Gi' },
  nodeSelector: { machine: 'a100' },
  tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
  capacity: 16,
};

function use(
  allocatable: Record<string, string>,
  options: {
    requested?: Record<string, string> | null;
    spec?: V1Node['spec'];
    machine?: string;
    isReady?: boolean;
  } = {},
): NodeUse {
  const { requested = {}, spec, machine = 'a100', isReady = true } = options;
  return {
    node: {
      metadata: { labels: { machine, other: 'x' } },
      spec,
      status: {
        allocatable: { pods: '110', ...allocatable },
        conditions: [
          {
            type: 'Ready',
            status: isReady ? 'True' : 'Unknown',
          },
        ],
      },
    },
    requested: requested === null ? undefined : amountsOf(requested),
  };
}

const GPUS = { 'nvidia.com/gpu': '8', memory: '1Ti' };

describe('how much of a flavor there is', () => {
  const capacity = (nodes: NodeUse[], flavor = A100) =>
    flavorCapacityOf(flavor, { nodes, environments: ['live'] });

  it('is what the nodes can hold that have it, by what they have least of', () => {
    expect(
      capacity([
        use(GPUS, { requested: { 'nvidia.com/gpu': '3', memory: '96Gi' } }),
        use({ 'nvidia.com/gpu': '8', memory: '100Gi' }),
        use(GPUS, { machine: 'h100' }),
      ]),
    ).toEqual({
      flavor: 'a100',
      title: 'NVIDIA A100',
      nodes: { matching: 2, usable: 2 },
      total: 11,
      free: 8,
      capacity: 16,
      environments: ['live'],
    });
  });

  it('counts node by node: what is left over on two is not one', () => {
    const nodes = ['24Gi', '24Gi'].map(memory =>
      use({ 'nvidia.com/gpu': '4', memory }),
    );
    expect(capacity(nodes)).toMatchObject({ total: 0, free: 0 });
  });

  it('counts what others take, and more than there is as none free', () => {
    const nodes = [
      use(GPUS, { requested: { memory: '1000Gi' } }),
      use(GPUS, { requested: { 'nvidia.com/gpu': '9' } }),
      use({ ...GPUS, pods: '10' }, { requested: { pods: '9' } }),
    ];
    expect(capacity(nodes)).toMatchObject({ total: 24, free: 1 });
  });

  it.each<[string, Parameters<typeof use>[1]]>([
    ['is not ready', { isReady: false }],
    ['is cordoned', { spec: { unschedulable: true } }],
    [
      'has a taint that it does not tolerate',
      { spec: { taints: [{ key: 'owned', effect: 'NoSchedule' }] } },
    ],
    [
      'has the tolerated taint with another effect',
      { spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] } },
    ],
  ])('says that a node has it and takes no pods, which %s', (_, options) => {
    expect(capacity([use(GPUS, options)])).toMatchObject({
      nodes: { matching: 1, usable: 0 },
      total: 0,
      free: 0,
    });
  });

  it('goes on nodes with taints that it tolerates, or that only ask to be avoided', () => {
    const taints = [
      { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
      { key: 'slow', effect: 'PreferNoSchedule' },
    ];
    expect(capacity([use(GPUS, { spec: { taints } })]).total).toBe(8);
    const exact: Flavor = {
      ...A100,
      tolerations: [{ key: 'gpu', value: 'no' }],
    };
    expect(capacity([use(GPUS, { spec: { taints } })], exact).total).toBe(0);
  });

  it('does not say what is free where pods are not known', () => {
    const found = capacity([use(GPUS, { requested: null })]);
    expect(found.total).toBe(8);
    expect(found).not.toHaveProperty('free');
  });

  it('loses none to the rounding of decimals', () => {
    const tenth: Flavor = {
      name: 'slice',
      title: 'slice',
      resources: { cpu: '0.1' },
    };
    const node = use({ cpu: '1' }, { requested: { cpu: '700m' } });
    expect(capacity([node], tenth)).toMatchObject({ total: 10, free: 3 });
  });
});
