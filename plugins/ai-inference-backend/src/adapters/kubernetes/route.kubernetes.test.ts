import { TestCluster, TestKubelet } from '@greenroom/test-cluster';
import type { KubernetesDeployerSettings } from '@greenroom/plugin-ai-registry-common';
import {
  CustomObjectsApi,
  KubernetesObjectApi,
  type KubernetesObject,
  loadYaml,
  PatchStrategy,
  setHeaderOptions,
  type V1CustomResourceDefinition,
} from '@kubernetes/client-node';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployedState } from '../../deployers/Deployer';
import type { KubernetesDeployer } from './KubernetesDeployer';
import { nameOf } from './objects';
import {
  ENVIRONMENT,
  SERVING_IMAGE,
  startTestNamespace,
} from './__testUtils__/startTestNamespace';

jest.setTimeout(120_000);

const NAMESPACE = 'routed';
const NAME = nameOf(ENVIRONMENT);
const GROUP = 'gateway.networking.k8s.io';
const WANTED = { environment: ENVIRONMENT, wanted: true };
const ROUTED: Partial<KubernetesDeployerSettings> = {
  grpc: true,
  route: {
    gateway: 'edge',
    gatewayNamespace: 'ingress',
    hostnames: ['models.example.com'],
  },
};

/** Of Gateway API itself, as it is installed in clusters. */
function httpRoutes(): V1CustomResourceDefinition {
  const folder = process.env.GREENROOM_TEST_GATEWAY_API;
  if (!folder) {
    throw new Error(
      'GREENROOM_TEST_GATEWAY_API does not name the folder of the CRDs of Gateway API: run this test with `npm test -- jest -- route.kubernetes`, which fetches them',
    );
  }
  const file = join(folder, `${GROUP}_httproutes.yaml`);
  return loadYaml(readFileSync(file, 'utf8'));
}

describe('a route', () => {
  let cluster: TestCluster;
  let kubelet: TestKubelet;
  let test: Awaited<ReturnType<typeof startTestNamespace>>;
  let objects: KubernetesObjectApi;
  let custom: CustomObjectsApi;
  let deployer: KubernetesDeployer;

  const install = async (change: (crd: V1CustomResourceDefinition) => void) => {
    const crd = httpRoutes();
    change(crd);
    await objects.patch(
      crd as KubernetesObject,
      undefined,
      undefined,
      'test',
      true,
      PatchStrategy.ServerSideApply,
    );
  };
  const place = {
    group: GROUP,
    version: 'v1',
    namespace: NAMESPACE,
    plural: 'httproutes',
    name: NAME,
  };
  /** As the controller of a Gateway does. */
  const answer = async (status: 'True' | 'False', message: string) =>
    custom.patchNamespacedCustomObjectStatus(
      {
        ...place,
        body: {
          status: {
            parents: [
              {
                parentRef: { name: 'edge', namespace: 'ingress' },
                controllerName: 'example.com/gateway',
                conditions: [
                  {
                    type: 'Accepted',
                    status,
                    reason: status === 'True' ? 'Accepted' : 'NotAllowed',
                    message,
                    lastTransitionTime: '2026-05-03T12:00:00Z',
                  },
                ],
              },
            ],
          },
        },
      },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  const untilProblem = async (
    isSo: (problem: string | undefined) => boolean,
  ): Promise<void> => {
    const endMillis = performance.now() + 60_000;
    for (;;) {
      const state: DeployedState = await deployer.reconcile(WANTED);
      const problem = 'problem' in state ? state.problem : undefined;
      if (state.state === 'running' && isSo(problem)) return;
      if (performance.now() > endMillis) {
        throw new Error(`it is still ${JSON.stringify(state)}`);
      }
      // What is not watched is looked at a minute later.
      test.sleep(1);
      await new Promise(done => setTimeout(done, 50));
    }
  };
  const saying = (text: string) =>
    untilProblem(problem => problem?.includes(text) ?? false);

  beforeAll(async () => {
    cluster = await TestCluster.start({ controllers: true });
    kubelet = await TestKubelet.start({
      config: cluster.kubeConfig(),
      longestPreStopSeconds: 0,
      images: {
        [SERVING_IMAGE]: [
          process.execPath,
          join(__dirname, '__testUtils__/servingPod.cjs'),
        ],
      },
    });
    objects = cluster.kubeConfig().makeApiClient(KubernetesObjectApi);
    custom = cluster.kubeConfig().makeApiClient(CustomObjectsApi);
    test = await startTestNamespace(cluster, NAMESPACE);
    deployer = test.create(ROUTED);
  });
  afterAll(async () => {
    await test?.stop();
    await kubelet?.stop();
    await cluster?.stop();
  });

  it('is made as soon as the cluster has Gateway API in the right version, and says until then what lacks', async () => {
    await expect(
      saying(
        `the cluster does not serve HTTPRoute of ${GROUP}/v1: nothing of ${GROUP} is installed there`,
      ),
    ).resolves.toBeUndefined();
    await install(crd => {
      for (const version of crd.spec.versions) {
        version.served = version.name === 'v1beta1';
      }
    });
    await saying(`of ${GROUP} it serves v1beta1`);
    await install(() => {});
    await saying("no Gateway 'edge' has said yet whether it takes the route");
    const route = await custom.getNamespacedCustomObject(place);
    expect(route).toMatchObject({
      spec: {
        parentRefs: [{ name: 'edge', namespace: 'ingress' }],
        hostnames: ['models.example.com'],
        rules: [
          {
            matches: [
              { path: { value: '/inference.GRPCInferenceService' } },
              { path: { value: '/grpc.health.v1.Health' } },
            ],
            backendRefs: [{ name: NAME, port: 7082 }],
          },
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            backendRefs: [{ name: NAME, port: 7080 }],
          },
        ],
      },
    });
  });

  it('leads to pods that listen for gRPC where that is said', async () => {
    const service = await test.core.readNamespacedService({
      name: NAME,
      namespace: NAMESPACE,
    });
    expect(service.spec?.ports).toContainEqual(
      expect.objectContaining({
        name: 'grpc',
        port: 7082,
        appProtocol: 'kubernetes.io/h2c',
      }),
    );
    const told = await (await fetch(test.balancer.url)).json();
    expect(told.environment.GREENROOM_GRPC_PORT).toBe('7082');
  });

  it('says what its Gateway says', async () => {
    const message = 'hostnames of other teams are not allowed';
    await answer('False', message);
    await expect(
      saying(`the Gateway 'edge' does not take the route: ${message}`),
    ).resolves.toBeUndefined();
    await answer('True', 'Route is accepted');
    await untilProblem(problem => problem === undefined);
  });

  it('goes when the settings have none any more', async () => {
    await deployer.stop();
    deployer = test.create();
    const endMillis = performance.now() + 30_000;
    const routes = async () => {
      const { items } = await custom.listNamespacedCustomObject(place);
      return items;
    };
    await untilProblem(problem => problem === undefined);
    while ((await routes()).length > 0 && performance.now() < endMillis) {
      await deployer.reconcile(WANTED);
      await new Promise(done => setTimeout(done, 50));
    }
    expect(await routes()).toEqual([]);
  });
});
