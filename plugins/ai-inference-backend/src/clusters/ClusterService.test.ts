import type { V1Node, V1Pod } from '@kubernetes/client-node';
import type { NamedCluster } from './ClusterReader';
import { ClusterService } from './ClusterService';

const SMALL = { name: 'small', title: 'Small', resources: { cpu: '1' } };
const NODE: V1Node = {
  metadata: { name: 'one' },
  status: {
    allocatable: { cpu: '4', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True' }],
  },
};
const POD: V1Pod = {
  spec: {
    nodeName: 'one',
    containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }],
  },
};

describe('what clusters have', () => {
  let asked: string[];
  let nowMillis = 0;
  const client = (
    answers: {
      version?: () => Promise<string>;
      Node?: () => object[][];
      Pod?: () => object[][];
    } = {},
  ): NamedCluster['client'] => ({
    version: async () => {
      asked.push('version');
      return answers.version ? answers.version() : 'v1.36.3';
    },
    async *pages<T>({ kind }: { kind: string }) {
      asked.push(kind);
      const pages =
        kind === 'Node'
          ? answers.Node?.() ?? [[NODE]]
          : answers.Pod?.() ?? [[POD], [POD]];
      yield* pages as T[][];
    },
  });
  const serviceOf = (...clients: NamedCluster['client'][]) =>
    new ClusterService({
      flavors: [SMALL],
      nowMillis: () => nowMillis,
      clusters: clients.map((one, index) => ({
        name: `cluster-${index}`,
        environments: [{ name: `env-${index}`, flavors: ['small'] }],
        client: one,
      })),
    });

  beforeEach(() => {
    asked = [];
  });

  it('is asked once for all who look, and kept for some seconds', async () => {
    const service = serviceOf(client());
    const [first, second] = await Promise.all([service.list(), service.list()]);
    expect(second).toEqual(first);
    expect(first).toEqual([
      {
        name: 'cluster-0',
        environments: ['env-0'],
        reach: { state: 'reachable', version: 'v1.36.3' },
        nodes: { total: 1, ready: 1 },
        flavors: [
          {
            flavor: 'small',
            title: 'Small',
            nodes: { matching: 1, usable: 1 },
            total: 4,
            free: 2,
            environments: ['env-0'],
          },
        ],
        problems: [],
      },
    ]);
    nowMillis += 14_000;
    await service.list();
    expect(asked.sort()).toEqual(['Node', 'Pod', 'version']);
    nowMillis += 1_001;
    await service.list();
    expect(asked).toHaveLength(6);
  });

  it('says why a cluster is not reached, and shows the others', async () => {
    const away = client({
      version: () => Promise.reject(new Error('the cluster does not answer')),
    });
    const [first, second] = await serviceOf(away, client()).list();
    expect(first).toEqual({
      name: 'cluster-0',
      environments: ['env-0'],
      reach: { state: 'unreachable', reason: 'the cluster does not answer' },
      problems: [],
    });
    expect(second.reach.state).toBe('reachable');
  });

  it('shows what it can without a right, and says which', async () => {
    const refuse = (what: string) => () => {
      throw new Error(`${what} is forbidden`);
    };
    const [noPods, noNodes] = await serviceOf(
      client({ Pod: refuse('pods') }),
      client({ Node: refuse('nodes') }),
    ).list();
    expect(noPods.flavors).toEqual([
      expect.not.objectContaining({ free: expect.anything() }),
    ]);
    expect(noPods.problems).toEqual([
      'How many are in use is not known, since its pods are not: pods is forbidden',
    ]);
    expect(noNodes).not.toHaveProperty('flavors');
    expect(noNodes.problems).toEqual([
      'Its nodes are not known: nodes is forbidden',
    ]);
  });

  it('looks through no more nodes than a bound', async () => {
    const page = Array.from({ length: 500 }, () => NODE);
    const service = serviceOf(
      client({ Node: () => Array.from({ length: 30 }, () => page) }),
    );
    const [{ problems, nodes }] = await service.list();
    expect(nodes).toBeUndefined();
    expect(problems).toEqual([
      'Its nodes are not known: there are more than 10000',
    ]);
  });
});
