import { mockServices } from '@backstage/backend-test-utils';
import { TestAuthority } from '@greenroom/certificates/testing';
import { TestCluster } from '@greenroom/test-cluster';
import {
  ApiregistrationV1Api,
  AppsV1Api,
  AutoscalingV2Api,
  CoreV1Api,
  CustomObjectsApi,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterClient } from '@greenroom/cluster-client';
import type { DeployedState } from '../../../deployers/Deployer';
import { describeScaling } from '../conditions';
import { nameOf } from '../objects';
import {
  ENVIRONMENT,
  startTestNamespace,
} from '../__testUtils__/startTestNamespace';
import { MetricsServer } from './MetricsServer';

jest.setTimeout(120_000);

const NAME = nameOf(ENVIRONMENT);
const NAMESPACE = 'scaled';
const SERVICE = { name: 'greenroom-metrics', namespace: 'default' };
const WANTED = { environment: ENVIRONMENT, wanted: true };

let cluster: TestCluster;
let folder: string;
let server: MetricsServer;
let test: Awaited<ReturnType<typeof startTestNamespace>>;
/** Requests in flight in the mean; undefined: nobody tells. */
let inFlight: number | undefined;

async function until<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
): Promise<T> {
  const endMillis = performance.now() + 60_000;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > endMillis) {
      throw new Error(`it is still ${JSON.stringify(seen)}`);
    }
    await new Promise(done => setTimeout(done, 200));
  }
}

beforeAll(async () => {
  cluster = await TestCluster.start({ controllers: true });
  folder = await mkdtemp(join(tmpdir(), 'autoscaling-'));
  const authority = await TestAuthority.create('metrics');
  const { certificate, privateKey } = await authority.issue('metrics', [
    `${SERVICE.name}.${SERVICE.namespace}.svc`,
  ]);
  const identity = {
    certificate: join(folder, 'tls.crt'),
    privateKey: join(folder, 'tls.key'),
  };
  await writeFile(identity.certificate, certificate);
  await writeFile(identity.privateKey, privateKey);
  server = new MetricsServer({
    listen: { port: 0, host: '127.0.0.1' },
    identity,
    clusters: [
      {
        name: 'test',
        client: new ClusterClient(cluster.kubeConfig()),
        measure: async () => [
          {
            environment: ENVIRONMENT,
            installation: 'test',
            namespace: NAMESPACE,
            silent: 0,
            loads:
              inFlight === undefined
                ? []
                : [
                    {
                      lastSeenAt: new Date().toISOString(),
                      load: {
                        requestsInFlight: 0,
                        requestsPerSecond: 0,
                        cpuShare: 0,
                        memoryBytes: 0,
                        meanRequestsInFlight: inFlight,
                      },
                    },
                  ],
          },
        ],
      },
    ],
    logger: mockServices.logger.mock(),
  });
  const port = await server.start();
  await cluster
    .kubeConfig()
    .makeApiClient(CoreV1Api)
    .createNamespacedService({
      namespace: SERVICE.namespace,
      body: {
        metadata: { name: SERVICE.name },
        // In a cluster it selects the pods of the control plane.
        spec: { type: 'ExternalName', externalName: 'localhost' },
      },
    });
  await cluster
    .kubeConfig()
    .makeApiClient(ApiregistrationV1Api)
    .createAPIService({
      body: {
        metadata: { name: 'v1beta1.external.metrics.k8s.io' },
        spec: {
          group: 'external.metrics.k8s.io',
          version: 'v1beta1',
          groupPriorityMinimum: 100,
          versionPriority: 100,
          service: { ...SERVICE, port },
          caBundle: Buffer.from(authority.certificate).toString('base64'),
        },
      },
    });
  test = await startTestNamespace(cluster, NAMESPACE);
});
afterAll(async () => {
  await test?.stop();
  await server?.stop();
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

it('has the cluster start pods for requests that are in flight, and end them', async () => {
  const apps = cluster.kubeConfig().makeApiClient(AppsV1Api);
  const replicas = async () =>
    (await apps.readNamespacedDeployment({ name: NAME, namespace: NAMESPACE }))
      .spec?.replicas;
  inFlight = 35;
  const deployer = test.create({
    replicas: { min: 1, max: 6 },
    scaleOn: { requestsInFlight: 10 },
  });
  await until(
    () => deployer.reconcile(WANTED),
    (state: DeployedState) => state.state === 'starting',
  );
  const autoscaling = cluster.kubeConfig().makeApiClient(AutoscalingV2Api);
  await until(
    () =>
      autoscaling
        .listNamespacedHorizontalPodAutoscaler({ namespace: NAMESPACE })
        .then(({ items }) => items.length),
    count => count === 1,
  );
  // 35 in flight, 10 for each pod.
  await until(replicas, count => count === 4);
  inFlight = 500;
  await until(replicas, count => count === 6);
  inFlight = 12;
  expect(await until(replicas, count => count === 2)).toBe(2);
});

it('leaves the pods as they are while nobody tells how many there are, and says so', async () => {
  const autoscaling = cluster.kubeConfig().makeApiClient(AutoscalingV2Api);
  const autoscaler = () =>
    autoscaling.readNamespacedHorizontalPodAutoscalerStatus({
      name: NAME,
      namespace: NAMESPACE,
    });
  inFlight = undefined;
  const told = await until(
    async () => describeScaling(await autoscaler()),
    problem => problem !== undefined,
  );
  expect(told).toContain('the cluster does not change how many pods there are');
  expect(told).toContain('greenroom_requests_in_flight');
  const deployment = await cluster
    .kubeConfig()
    .makeApiClient(AppsV1Api)
    .readNamespacedDeployment({ name: NAME, namespace: NAMESPACE });
  expect(deployment.spec?.replicas).toBe(2);
  inFlight = 3;
  await until(
    async () => describeScaling(await autoscaler()),
    problem => problem === undefined,
  );
});

it('tells those alone whom the cluster lets ask', async () => {
  inFlight = 3;
  const rbac = cluster.kubeConfig().makeApiClient(RbacAuthorizationV1Api);
  const ask = () =>
    cluster
      .kubeConfig('limited')
      .makeApiClient(CustomObjectsApi)
      .listNamespacedCustomObject({
        group: 'external.metrics.k8s.io',
        version: 'v1beta1',
        namespace: NAMESPACE,
        plural: 'greenroom_requests_in_flight',
      });
  await expect(ask()).rejects.toThrow('403');
  await rbac.createNamespacedRole({
    namespace: NAMESPACE,
    body: {
      metadata: { name: 'reader' },
      rules: [
        {
          apiGroups: ['external.metrics.k8s.io'],
          resources: ['greenroom_requests_in_flight'],
          verbs: ['get', 'list'],
        },
      ],
    },
  });
  await rbac.createNamespacedRoleBinding({
    namespace: NAMESPACE,
    body: {
      metadata: { name: 'reader' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: 'reader',
      },
      subjects: [{ kind: 'User', name: 'limited' }],
    },
  });
  const { items } = (await until(
    () => ask().catch(() => ({ items: [] })),
    answer => answer.items.length > 0,
  )) as { items: { value: string }[] };
  expect(items[0].value).toBe('3000m');
});
