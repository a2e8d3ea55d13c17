import { ClusterClient } from '@greenroom/cluster-client';
import {
  type Identity,
  TestCluster,
  TestKubelet,
} from '@greenroom/test-cluster';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import { CoreV1Api, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import { readCluster } from './ClusterReader';

jest.setTimeout(120_000);

const NAMESPACE = 'models';
const FLAVORS: Flavor[] = [
  {
    name: 'gpu',
    title: 'GPU',
    resources: { 'example.com/gpu': '1' },
    nodeSelector: { machine: 'gpu' },
  },
  {
    name: 'plain',
    title: 'Plain',
    resources: { cpu: '0.5', memory: '1.5Gi' },
    nodeSelector: { machine: 'plain' },
  },
  {
    name: 'absent',
    title: 'Absent',
    resources: { cpu: '1' },
    nodeSelector: { machine: 'absent' },
  },
];

describe('what a real cluster has', () => {
  let cluster: TestCluster;
  let kubelets: TestKubelet[] = [];
  let core: CoreV1Api;
  const machines: { machine: string; capacity: Record<string, string> }[] = [
    { machine: 'gpu', capacity: { 'example.com/gpu': '4' } },
    { machine: 'plain', capacity: { cpu: '3', memory: '4Gi' } },
  ];
  const read = (identity?: Identity) =>
    readCluster(
      {
        name: 'test',
        environments: [{ name: 'live', flavors: ['gpu'] }],
        client: new ClusterClient(cluster.kubeConfig(identity)),
      },
      FLAVORS,
    );
  const runPod = (name: string, requests: Record<string, string>) =>
    core.createNamespacedPod({
      namespace: NAMESPACE,
      body: {
        metadata: { name },
        spec: {
          nodeSelector: { machine: 'gpu' },
          containers: [
            {
              name: 'main',
              image: 'example/pod:1',
              resources: { requests, limits: requests },
            },
          ],
        },
      },
    });

  beforeAll(async () => {
    cluster = await TestCluster.start({ controllers: true });
    const config = cluster.kubeConfig();
    core = config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
    kubelets = await Promise.all(
      machines.map(({ machine, capacity }, network) =>
        TestKubelet.start({
          config,
          node: machine,
          network,
          labels: { machine },
          capacity,
          images: {
            'example/pod:1': [
              process.execPath,
              '-e',
              'setInterval(() => {}, 1000)',
            ],
          },
        }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all(kubelets.map(kubelet => kubelet.stop()));
    await cluster?.stop();
  });

  it('is counted by what its nodes can hold and its pods ask for', async () => {
    await runPod('one', { 'example.com/gpu': '1' });
    await runPod('two', { 'example.com/gpu': '2' });
    const endMillis = performance.now() + 60_000;
    let found = await read();
    while (found.flavors?.[0]?.free !== 1) {
      if (performance.now() > endMillis) throw new Error(JSON.stringify(found));
      await new Promise(done => setTimeout(done, 100));
      found = await read();
    }
    expect(found).toEqual({
      name: 'test',
      environments: ['live'],
      reach: {
        state: 'reachable',
        version: expect.stringMatching(/^v1\.\d+\.\d+/),
      },
      nodes: { total: 2, ready: 2 },
      flavors: [
        {
          flavor: 'gpu',
          title: 'GPU',
          nodes: { matching: 1, usable: 1 },
          total: 4,
          free: 1,
          environments: ['live'],
        },
        {
          flavor: 'plain',
          title: 'Plain',
          nodes: { matching: 1, usable: 1 },
          total: 2,
          free: 2,
          environments: [],
        },
      ],
      problems: [],
    });
  });

  it('says which rights lack, and needs no more than are written down', async () => {
    const refused = await read('limited');
    expect(refused).toMatchObject({
      reach: { state: 'reachable' },
      problems: [
        expect.stringMatching(/^Its nodes are not known: nodes is forbidden/),
        expect.stringMatching(/since its pods are not: pods is forbidden/),
      ],
    });
    const rbac = cluster.kubeConfig().makeApiClient(RbacAuthorizationV1Api);
    await rbac.createClusterRole({
      body: {
        metadata: { name: 'greenroom-capacity' },
        rules: [
          { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['list'] },
        ],
      },
    });
    await rbac.createClusterRoleBinding({
      body: {
        metadata: { name: 'greenroom-capacity' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'greenroom-capacity',
        },
        subjects: [
          {
            kind: 'User',
            name: 'limited',
            apiGroup: 'rbac.authorization.k8s.io',
          },
        ],
      },
    });
    const endMillis = performance.now() + 20_000;
    for (;;) {
      const { problems } = await read('limited');
      if (problems.length === 0) return;
      if (performance.now() > endMillis) throw new Error(problems.join());
      await new Promise(done => setTimeout(done, 100));
    }
  });

  it('is not reached while its API server is away, which is said', async () => {
    await cluster.stopApi();
    const away = await read();
    expect(away.reach).toEqual({
      state: 'unreachable',
      reason: expect.stringMatching(/^the cluster cannot be reached: /),
    });
    await cluster.startApi();
    expect((await read()).reach.state).toBe('reachable');
  });
});
