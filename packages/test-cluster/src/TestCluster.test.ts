import {
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubernetesObjectApi,
  PatchStrategy,
  VersionApi,
} from '@kubernetes/client-node';
import { TestCluster } from './TestCluster';

jest.setTimeout(120_000);

const NAMESPACE = 'default';

async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const endMillis = performance.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMillis) throw new Error(`never: ${what}`);
    await new Promise(done => setTimeout(done, 50));
  }
}

describe('TestCluster', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start({ controllers: true });
  });
  afterAll(() => cluster?.stop());

  const deployment = (replicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'two', namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'two' } },
      template: {
        metadata: { labels: { app: 'two' } },
        spec: { containers: [{ name: 'main', image: 'example/main:1' }] },
      },
    },
  });
  const apply = (manager: string, replicas: number) =>
    cluster
      .kubeConfig()
      .makeApiClient(KubernetesObjectApi)
      .patch(
        deployment(replicas),
        undefined,
        undefined,
        manager,
        false,
        PatchStrategy.ServerSideApply,
      );

  it('says the version that it is', async () => {
    const version = await cluster
      .kubeConfig()
      .makeApiClient(VersionApi)
      .getCode();
    expect(version.gitVersion).toMatch(/^v1\.\d+\.\d+$/);
  });

  it('makes the pods of a Deployment, and says who owns a field', async () => {
    await apply('one', 2);
    const core = cluster.kubeConfig().makeApiClient(CoreV1Api);
    const pods = await eventually('two pods', async () => {
      const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
      return items.length === 2 ? items : undefined;
    });
    // There is no node.
    expect(pods.map(pod => pod.status?.phase)).toEqual(['Pending', 'Pending']);
    await expect(apply('other', 3)).rejects.toThrow(
      /conflict with .*one.*spec\.replicas/,
    );
  });

  it('lets the user with few rights do nothing that nobody has granted', async () => {
    const asks = cluster
      .kubeConfig('limited')
      .makeApiClient(AuthorizationV1Api);
    const { status } = await asks.createSelfSubjectAccessReview({
      body: {
        spec: { resourceAttributes: { verb: 'list', resource: 'pods' } },
      },
    });
    expect(status?.allowed).toBe(false);
    const pods = cluster.kubeConfig('limited').makeApiClient(CoreV1Api);
    await expect(
      pods.listNamespacedPod({ namespace: NAMESPACE }),
    ).rejects.toThrow(/pods is forbidden: User .*limited/);
  });

  it('keeps what it knows while its API server is away', async () => {
    const apps = cluster.kubeConfig().makeApiClient(AppsV1Api);
    await cluster.stopApi();
    await expect(
      apps.listNamespacedDeployment({ namespace: NAMESPACE }),
    ).rejects.toThrow();
    await cluster.startApi();
    const { items } = await apps.listNamespacedDeployment({
      namespace: NAMESPACE,
    });
    expect(items.map(item => item.metadata?.name)).toEqual(['two']);
  });
});

describe('a TestCluster without controllers', () => {
  it('says which program it lacks', async () => {
    const before = process.env.GREENROOM_TEST_KUBERNETES;
    delete process.env.GREENROOM_TEST_KUBERNETES;
    await expect(TestCluster.start()).rejects.toThrow(
      /npm test -- jest -- test-cluster/,
    );
    process.env.GREENROOM_TEST_KUBERNETES = before;
  });

  it('says what a part has said that does not start', async () => {
    await expect(TestCluster.start({ program: '/bin/false' })).rejects.toThrow(
      /^etcd has ended/,
    );
  });
});
