import { TestCluster } from '@greenroom/test-cluster';
import { AppsV1Api, PolicyV1Api } from '@kubernetes/client-node';
import {
  ENVIRONMENT,
  startTestNamespace,
} from './__testUtils__/startTestNamespace';
import { nameOf } from './objects';

jest.setTimeout(120_000);

const NAME = nameOf(ENVIRONMENT);

describe('a cluster that does not serve an API', () => {
  let cluster: TestCluster;
  let test: Awaited<ReturnType<typeof startTestNamespace>>;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    test = await startTestNamespace(cluster, 'unserved');
    await cluster.stopApi();
    await cluster.startApi({ withoutApis: ['autoscaling/v2', 'policy/v1'] });
  });
  afterAll(async () => {
    await test?.stop();
    await cluster?.stop();
  });

  it('is given all that it serves, and told which it does not', async () => {
    const deployer = test.create({ replicas: { min: 1, max: 2 } });
    const look = () =>
      deployer.reconcile({ environment: ENVIRONMENT, wanted: true });
    const until = async (isSo: (state: object) => boolean) => {
      const endMillis = performance.now() + 60_000;
      for (;;) {
        const state = await look();
        if (isSo(state)) return state;
        if (performance.now() > endMillis) return state;
        test.sleep(5);
        await new Promise(done => setTimeout(done, 50));
      }
    };
    const failing = await until(state => Object(state).state === 'failing');
    expect(failing).toMatchObject({
      state: 'failing',
      reason: [
        `PodDisruptionBudget unserved/${NAME} cannot be applied: the cluster does not serve PodDisruptionBudget of policy/v1: nothing of policy is installed there`,
        `HorizontalPodAutoscaler unserved/${NAME} cannot be applied: the cluster does not serve HorizontalPodAutoscaler of autoscaling/v2: of autoscaling it serves v1`,
      ].join('; '),
    });
    const config = cluster.kubeConfig();
    const place = { name: NAME, namespace: test.namespace };
    const made = await config
      .makeApiClient(AppsV1Api)
      .readNamespacedDeployment(place);
    expect(made.metadata?.name).toBe(NAME);

    await cluster.stopApi();
    await cluster.startApi();
    const later = await until(state => Object(state).state === 'starting');
    expect(later).not.toHaveProperty('problem');
    const budget = await config
      .makeApiClient(PolicyV1Api)
      .readNamespacedPodDisruptionBudget(place);
    expect(budget.metadata?.name).toBe(NAME);
  });
});
