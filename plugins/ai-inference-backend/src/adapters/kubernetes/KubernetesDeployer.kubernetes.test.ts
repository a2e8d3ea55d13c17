import { TestCluster, TestKubelet } from '@greenroom/test-cluster';
import {
  AppsV1Api,
  AutoscalingV2Api,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
  type V1Deployment,
} from '@kubernetes/client-node';
import { join } from 'node:path';
import { ClusterClient } from '@greenroom/cluster-client';
import type { DeployedState } from '../../deployers/Deployer';
import {
  deployerConformance,
  reconcileUntil,
} from '../../deployers/testing/deployerConformance';
import type { KubernetesDeployer } from './KubernetesDeployer';
import { nameOf } from './objects';
import {
  ENVIRONMENT,
  SERVING_IMAGE,
  startTestNamespace,
} from './__testUtils__/startTestNamespace';

jest.setTimeout(120_000);

const WANTED = { environment: ENVIRONMENT, wanted: true };
const NAME = nameOf(ENVIRONMENT);

/** Reconciles, as the keeper does, until the state is as it should be. */
async function reconcileUntilSo(
  deployer: KubernetesDeployer,
  isSo: (state: DeployedState) => boolean | Promise<boolean>,
): Promise<DeployedState> {
  const endMillis = performance.now() + 60_000;
  for (;;) {
    const state = await deployer.reconcile(WANTED);
    if (await isSo(state)) return state;
    if (performance.now() > endMillis) {
      throw new Error(`it is still ${JSON.stringify(state)}`);
    }
    await new Promise(done => setTimeout(done, 50));
  }
}

describe('KubernetesDeployer', () => {
  let cluster: TestCluster;
  let kubelet: TestKubelet;
  let apps: AppsV1Api;
  let autoscaling: AutoscalingV2Api;
  let test: Awaited<ReturnType<typeof startTestNamespace>>;
  let namespaces = 0;

  beforeAll(async () => {
    cluster = await TestCluster.start({ controllers: true });
    kubelet = await TestKubelet.start({
      config: cluster.kubeConfig(),
      // Nobody asks so much that it would matter.
      longestPreStopSeconds: 0,
      images: {
        [SERVING_IMAGE]: [
          process.execPath,
          join(__dirname, '__testUtils__/servingPod.cjs'),
        ],
      },
    });
    apps = cluster.kubeConfig().makeApiClient(AppsV1Api);
    autoscaling = cluster.kubeConfig().makeApiClient(AutoscalingV2Api);
  });
  afterAll(async () => {
    await kubelet?.stop();
    await cluster?.stop();
  });
  beforeEach(async () => {
    namespaces += 1;
    test = await startTestNamespace(cluster, `test-${namespaces}`);
  });
  afterEach(() => test.stop());

  const deployment = (): Promise<V1Deployment> =>
    apps.readNamespacedDeployment({ name: NAME, namespace: test.namespace });
  const running = (deployer: KubernetesDeployer) =>
    reconcileUntil(deployer, WANTED, 'running');
  const untilScaledTo = (deployer: KubernetesDeployer, replicas: number) =>
    reconcileUntilSo(
      deployer,
      async () => (await deployment()).spec?.replicas === replicas,
    );
  /** The network of a cluster hears of a pod a moment later. */
  const ask = async () => {
    const endMillis = performance.now() + 20_000;
    for (;;) {
      const answer = await fetch(test.balancer.url);
      if (answer.ok) return answer.json();
      const text = await answer.text();
      if (performance.now() > endMillis) throw new Error(text);
      await new Promise(done => setTimeout(done, 50));
    }
  };
  const scaleByHand = async (replicas: number) =>
    apps.patchNamespacedDeployment(
      {
        name: NAME,
        namespace: test.namespace,
        fieldManager: 'somebody',
        body: { spec: { replicas } },
      },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  const appliesOf = async (act: () => Promise<void>): Promise<number> => {
    const apply = jest.spyOn(ClusterClient.prototype, 'apply');
    await act();
    const { length } = apply.mock.calls;
    apply.mockRestore();
    return length;
  };
  /** A minute for all that is not watched. */
  const aMinute = async (deployer: KubernetesDeployer) => {
    test.sleep(61);
    for (let time = 0; time < 20; time++) {
      await deployer.reconcile(WANTED);
      await new Promise(done => setTimeout(done, 50));
    }
  };

  deployerConformance(async () => ({
    deployer: test.create(),
    environment: ENVIRONMENT,
    answers: async url => {
      // The network of a cluster hears of a change a moment later.
      const endMillis = performance.now() + 3_000;
      const isReached = () =>
        fetch(url).then(
          answer => answer.ok,
          () => false,
        );
      const first = await isReached();
      while (performance.now() < endMillis) {
        const now = await isReached();
        if (now !== first) return now;
        await new Promise(done => setTimeout(done, 100));
      }
      return first;
    },
  }));

  it('gives pods a token of their environment alone, as a file, and takes it back when they are gone', async () => {
    const deployer = test.create();
    await running(deployer);
    const [name] = test.tokens.names;
    const { token, environment } = await ask();
    expect(token).toBe(`grt_secret-of-${name}`);
    expect(environment).toMatchObject({
      GREENROOM_ENVIRONMENT: ENVIRONMENT,
      GREENROOM_PUBLIC_URL: test.balancer.url,
    });
    expect(JSON.stringify(environment)).not.toContain('grt_');
    await reconcileUntil(deployer, { ...WANTED, wanted: false }, 'stopped');
    expect(test.tokens.names.size).toBe(0);
  });

  it('writes nothing while nothing changes', async () => {
    const deployer = test.create();
    await running(deployer);
    await aMinute(deployer);
    const writes = await appliesOf(async () => {
      await aMinute(deployer);
      await aMinute(deployer);
    });
    expect(writes).toBe(0);
  });

  it('goes on with what runs when the control plane starts anew: no pod, and no token', async () => {
    const first = test.create();
    await running(first);
    const before = await ask();
    await first.stop();
    const writes = await appliesOf(async () => {
      const second = test.create();
      await running(second);
      await aMinute(second);
    });
    expect(writes).toBe(0);
    expect(await ask()).toMatchObject({
      pid: before.pid,
      token: before.token,
    });
    expect(test.tokens.renewed).toContain([...test.tokens.names][0]);
  });

  it('lends another token where the one that lies there is not known any more', async () => {
    const deployer = test.create();
    await running(deployer);
    const before = await ask();
    test.tokens.names.clear();
    test.sleep(6 * 60);
    await aMinute(deployer);
    const endMillis = performance.now() + 20_000;
    while ((await ask()).token === before.token) {
      if (performance.now() > endMillis) throw new Error('the same token');
    }
    const after = await ask();
    expect(after.pid).toBe(before.pid);
    expect(after.token).toBe(`grt_secret-of-${[...test.tokens.names][0]}`);
  });

  it('puts right what somebody else has changed', async () => {
    const deployer = test.create();
    await running(deployer);
    await scaleByHand(3);
    await untilScaledTo(deployer, 1);
    expect((await deployment()).spec?.replicas).toBe(1);
  });

  it('tells what somebody else has changed, and leaves it, where that is wanted', async () => {
    const deployer = test.create({ drift: 'report' });
    await running(deployer);
    await scaleByHand(2);
    const state = await reconcileUntilSo(
      deployer,
      found => found.state === 'running' && found.problem !== undefined,
    );
    expect(state).toMatchObject({
      problem: `somebody has changed Deployment ${test.namespace}/${NAME}: spec.replicas is 2 and not 1`,
    });
    await aMinute(deployer);
    expect((await deployment()).spec?.replicas).toBe(2);
  });

  it('puts right once, when it is asked to, what it was told to report', async () => {
    const deployer = test.create({ drift: 'report' });
    await running(deployer);
    await scaleByHand(2);
    await test.core.patchNamespacedService(
      {
        name: NAME,
        namespace: test.namespace,
        fieldManager: 'somebody',
        body: { metadata: { labels: { 'greenroom.dev/environment': 'x' } } },
      },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    test.sleep(61);
    const changes = [
      `somebody has changed Service ${test.namespace}/${NAME}: metadata.labels['greenroom.dev/environment'] is "x" and not "dev"`,
      `somebody has changed Deployment ${test.namespace}/${NAME}: spec.replicas is 2 and not 1`,
    ];
    const state = await reconcileUntilSo(
      deployer,
      found => found.state === 'running' && found.drift?.length === 2,
    );
    expect(state).toMatchObject({
      problem: `${changes[0]}, and 1 more`,
      drift: changes,
    });
    expect(await deployer.repair(ENVIRONMENT)).toEqual(changes);
    expect((await deployment()).spec?.replicas).toBe(1);
    await reconcileUntilSo(
      deployer,
      found => found.state === 'running' && found.drift === undefined,
    );
    expect(await deployer.repair(ENVIRONMENT)).toEqual([]);
    // Once: what is changed after that is reported again.
    await scaleByHand(3);
    await reconcileUntilSo(
      deployer,
      found => found.state === 'running' && found.drift !== undefined,
    );
    expect((await deployment()).spec?.replicas).toBe(3);
  });

  it('begins with as many pods as there are at least, before an autoscaler has looked', async () => {
    const deployer = test.create({ replicas: { min: 3, max: 6 } });
    const counts: (number | undefined)[] = [];
    await reconcileUntilSo(deployer, async state => {
      if (state.state !== 'running') return false;
      counts.push((await deployment()).spec?.replicas);
      return state.replicas?.ready === 3;
    });
    expect(new Set(counts)).toEqual(new Set([3]));
    const writes = await appliesOf(() => aMinute(deployer));
    expect(writes).toBe(0);
    const managers = (await deployment()).metadata?.managedFields?.filter(
      ({ fieldsV1 }) =>
        Object.hasOwn(Object(Object(fieldsV1)['f:spec']), 'f:replicas'),
    );
    expect(managers?.map(({ manager }) => manager)).toEqual([
      'greenroom-handover',
    ]);
  });

  it('keeps its pods when an autoscaler says from now on how many there are, and when none does any more', async () => {
    const fixed = test.create({ replicas: { min: 3, max: 3 } });
    await running(fixed);
    await fixed.stop();
    const seen = new Set<number | undefined>();
    const isScaled = async (wanted: boolean) => {
      seen.add((await deployment()).spec?.replicas);
      const { items } = await autoscaling.listNamespacedHorizontalPodAutoscaler(
        { namespace: test.namespace },
      );
      return items.length > 0 === wanted;
    };
    const scaled = test.create({ replicas: { min: 2, max: 6 } });
    await reconcileUntilSo(scaled, () => isScaled(true));
    await aMinute(scaled);
    await isScaled(true);
    await scaled.stop();
    const again = test.create({
      replicas: { min: 4, max: 4 },
      drift: 'report',
    });
    const state = await reconcileUntilSo(
      again,
      async () =>
        (await isScaled(false)) && (await deployment()).spec?.replicas === 4,
    );
    expect(state).not.toHaveProperty('problem');
    await isScaled(false);
    expect([...seen]).toEqual([3, 4]);
  });

  it('says why nothing runs: an image that cannot be pulled', async () => {
    const deployer = test.create({ image: 'example/absent:1' });
    const state = await reconcileUntilSo(
      deployer,
      found => found.state === 'starting' && found.problem !== undefined,
    );
    expect(Object(state).problem).toMatch(
      /^pod greenroom-dev-.* does not run: its image cannot be pulled: there is no image "example\/absent:1"$/,
    );
  });

  it('says why nothing runs: no node has room', async () => {
    const deployer = test.create({ nodeSelector: { gpu: 'a100' } });
    const state = await reconcileUntilSo(
      deployer,
      found => found.state === 'starting' && found.problem !== undefined,
    );
    expect(Object(state).problem).toMatch(
      /^no node has room for pod greenroom-dev-.*: 0\/1 nodes are available/,
    );
  });

  it('leaves alone what is not its own, and says so', async () => {
    await test.core.createNamespacedService({
      namespace: test.namespace,
      body: {
        metadata: { name: NAME },
        spec: { ports: [{ port: 80 }] },
      },
    });
    const deployer = test.create();
    const state = await reconcileUntil(deployer, WANTED, 'failing');
    expect(Object(state).reason).toBe(
      `Service ${test.namespace}/${NAME} is there already, and was not made by a portal: remove it, or choose another namespace`,
    );
  });

  it('needs no more rights than it says, and says which it lacks', async () => {
    const deployer = test.create({}, { identity: 'limited' });
    const state = await reconcileUntil(deployer, WANTED, 'failing');
    expect(Object(state).reason).toMatch(/is forbidden: User "limited"/);
    const rbac = cluster.kubeConfig().makeApiClient(RbacAuthorizationV1Api);
    const { namespace } = test;
    const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
    await rbac.createNamespacedRole({
      namespace,
      body: {
        metadata: { name: 'greenroom' },
        rules: [
          {
            apiGroups: [''],
            resources: ['serviceaccounts', 'secrets', 'services'],
            verbs,
          },
          { apiGroups: ['apps'], resources: ['deployments'], verbs },
          {
            apiGroups: ['networking.k8s.io'],
            resources: ['networkpolicies'],
            verbs,
          },
          {
            apiGroups: ['policy'],
            resources: ['poddisruptionbudgets'],
            verbs,
          },
          {
            apiGroups: ['autoscaling'],
            resources: ['horizontalpodautoscalers'],
            verbs,
          },
          { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
          { apiGroups: [''], resources: ['events'], verbs: ['list'] },
          { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
        ],
      },
    });
    await rbac.createNamespacedRoleBinding({
      namespace,
      body: {
        metadata: { name: 'greenroom' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Role',
          name: 'greenroom',
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
    test.sleep(600);
    await reconcileUntilSo(deployer, found => {
      test.sleep(10);
      return found.state === 'running';
    });
    expect(await deployer.pods.list(ENVIRONMENT)).not.toHaveProperty('problem');
  });

  it('shows its pods, and what the cluster has told of them', async () => {
    const deployer = test.create();
    await running(deployer);
    const [{ metadata }] = (
      await test.core.listNamespacedPod({ namespace: test.namespace })
    ).items;
    const name = metadata?.name ?? '';
    const { pods, events, ...rest } = await deployer.pods.list(ENVIRONMENT);
    expect(pods).toEqual([
      {
        name,
        node: expect.any(String),
        state: 'ready',
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        restarts: 0,
        image: SERVING_IMAGE,
        requests: { cpu: '100m', memory: '1Gi' },
      },
    ]);
    expect(events).toContainEqual({
      type: 'Normal',
      reason: 'Scheduled',
      message: expect.stringContaining(name),
      about: `Pod ${name}`,
      count: 1,
      lastSeenAt: expect.any(String),
    });
    expect(events).toContainEqual(
      expect.objectContaining({ about: `Deployment ${NAME}` }),
    );
    expect(rest).toEqual({ hasMoreEvents: false });
  });

  it('shows a pod that no node has room for, with the reason and the event', async () => {
    const deployer = test.create({ nodeSelector: { gpu: 'a100' } });
    await reconcileUntilSo(
      deployer,
      found => found.state === 'starting' && found.problem !== undefined,
    );
    const { pods, events } = await deployer.pods.list(ENVIRONMENT);
    expect(pods).toEqual([
      expect.objectContaining({
        state: 'starting',
        reason: expect.stringMatching(/^no node has room for pod /),
      }),
    ]);
    expect(pods[0]).not.toHaveProperty('node');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'Warning', reason: 'FailedScheduling' }),
    );
  });

  it('gives the newest lines of a log, says in words why there is none, and gives that of no other pod', async () => {
    const deployer = test.create();
    await running(deployer);
    const [{ name }] = (await deployer.pods.list(ENVIRONMENT)).pods;
    const query = { environment: ENVIRONMENT, tailLines: 2, previous: false };
    expect(await deployer.pods.log({ ...query, pod: name })).toEqual({
      pod: name,
      text: 'two\nthree\n',
      isCut: false,
    });
    await expect(
      deployer.pods.log({ ...query, pod: name, previous: true }),
    ).rejects.toThrow(
      `pod ${name} has no such log: previous terminated container in pod "${name}" not found`,
    );
    await test.core.createNamespacedPod({
      namespace: test.namespace,
      body: {
        metadata: {
          name: 'of-somebody-else',
          labels: { 'greenroom.dev/environment': ENVIRONMENT },
        },
        spec: { containers: [{ name: 'data-plane', image: SERVING_IMAGE }] },
      },
    });
    await expect(
      deployer.pods.log({ ...query, pod: 'of-somebody-else' }),
    ).rejects.toThrow(
      "dev has no pod 'of-somebody-else': it may be gone, and its log with it",
    );
  });

  it.each([
    {
      how: 'is away',
      leave: () => cluster.stopApi(),
      comeBack: () => cluster.startApi(),
      problem: /^the cluster cannot be reached: /,
    },
    {
      how: 'takes connections and does not answer',
      leave: async () => cluster.freezeApi(),
      comeBack: async () => cluster.thawApi(),
      problem: /^the cluster does not answer within 2 seconds$/,
    },
  ])(
    'says what it knew last while the cluster $how, and goes on by itself',
    async ({ leave, comeBack, problem }) => {
      const deployer = test.create({}, { answerMillis: 2_000 });
      await running(deployer);
      const before = await ask();
      await leave();
      try {
        test.sleep(61);
        const away = await reconcileUntilSo(
          deployer,
          found => found.state === 'running' && found.problem !== undefined,
        );
        expect(Object(away).problem).toMatch(problem);
        expect((await ask()).pid).toBe(before.pid);
        expect(await deployer.pods.list(ENVIRONMENT)).toMatchObject({
          pods: [{ state: 'ready' }],
          events: [],
          problem: expect.stringMatching(problem),
        });
      } finally {
        await comeBack();
      }
      await reconcileUntilSo(deployer, found => {
        test.sleep(10);
        return found.state === 'running' && found.problem === undefined;
      });
      // Told, and not only looked up once a minute: no time passes here.
      await scaleByHand(2);
      await untilScaledTo(deployer, 1);
      expect((await ask()).pid).toBe(before.pid);
    },
  );
});
