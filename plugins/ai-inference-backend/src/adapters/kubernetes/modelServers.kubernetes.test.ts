import {
  EnvironmentConnections,
  Environments,
  type KubernetesDeployerSettings,
  readFlavors,
} from '@greenroom/plugin-ai-registry-common';
import { ConfigReader } from '@backstage/config';
import {
  EndpointBalancer,
  TestCluster,
  TestKubelet,
} from '@greenroom/test-cluster';
import { AppsV1Api, type V1Pod } from '@kubernetes/client-node';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployedState } from '../../deployers/Deployer';
import { buildDataPlane } from './__testUtils__/dataPlaneProgram';
import {
  KEY,
  SERVED_ENVIRONMENT,
  SmallControlPlane,
} from './__testUtils__/SmallControlPlane';
import { startTestNamespace } from './__testUtils__/startTestNamespace';
import { SteadyLoad } from './__testUtils__/SteadyLoad';
import type { KubernetesDeployer } from './KubernetesDeployer';

jest.setTimeout(180_000);

const NAMESPACE = 'servers';
const DATA_PLANE_IMAGE = 'example/data-plane:1';
const FIRST = 'example/triton:1';
const SECOND = 'example/triton:2';
const LLAMA = 'example/llama:1';
const WANTED = { environment: SERVED_ENVIRONMENT, wanted: true };
const PORT = 18_000 + (process.pid % 10_000);
/** What Services have in the network of this machine, where nobody else listens. */
const ADDRESSES = { triton: '127.88.0.1', llama: '127.88.0.2' };

const server = (name: string, protocol: string, image: string) => ({
  name,
  protocol,
  image,
  port: PORT,
  args: [protocol, '0.0.0.0', String(PORT)],
});

const configOf = (modelServers: object[]) =>
  new ConfigReader({
    greenroom: {
      flavors: [
        {
          name: 'gpu',
          resources: { 'nvidia.com/gpu': 1 },
          nodeSelector: { 'example.com/gpu': 'a100' },
          tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
        },
      ],
      environments: [
        {
          name: SERVED_ENVIRONMENT,
          deployer: {
            kind: 'kubernetes',
            namespace: NAMESPACE,
            image: DATA_PLANE_IMAGE,
            resources: { cpu: '100m' },
            modelServers,
          },
          connections: {
            tensors: { kind: 'open-inference', server: 'triton' },
            words: { kind: 'openai-compatible', server: 'llama' },
          },
        },
      ],
    },
  } as {});

async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMillis = performance.now() + 90_000;
  while (!(await isSo())) {
    if (performance.now() > endMillis) throw new Error(`never: ${what}`);
    await new Promise(done => setTimeout(done, 50));
  }
}

/** Real data planes beside real servers of both protocols. */
describe('model servers', () => {
  const both = (triton: object = {}) => [
    { ...server('triton', 'open-inference', FIRST), ...triton },
    server('llama', 'openai', LLAMA),
  ];
  let programs: string;
  let controlPlane: SmallControlPlane;
  let cluster: TestCluster;
  let node: TestKubelet;
  let test: Awaited<ReturnType<typeof startTestNamespace>>;
  let networks: EndpointBalancer[];
  let deployer: KubernetesDeployer;
  let load: SteadyLoad | undefined;

  const podsOf = async (name: string): Promise<V1Pod[]> => {
    const { items } = await test.core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `greenroom.dev/model-server=${name}`,
    });
    return items;
  };
  /** As a control plane does that is made anew with other settings. */
  const begin = async (modelServers: object[]) => {
    await deployer?.stop();
    const config = configOf(modelServers);
    const [environment] = Environments.fromConfig(config).all;
    const [flavor] = readFlavors(config);
    const settings = environment.deployer as KubernetesDeployerSettings;
    deployer = test.create(settings, {
      controlPlaneUrl: controlPlane.url,
      serverFlavors: new Map(
        (settings.modelServers ?? []).flatMap(({ name, flavor: wanted }) =>
          wanted ? [[name, flavor] as const] : [],
        ),
      ),
    });
  };
  const serverOf = (state: DeployedState, name: string) =>
    'servers' in state
      ? state.servers?.find(one => one.name === name)
      : undefined;
  const untilSo = async (
    what: string,
    isSo: (state: DeployedState) => boolean | Promise<boolean>,
    wanted = true,
  ): Promise<DeployedState> => {
    let state: DeployedState = { state: 'stopped' };
    await until(what, async () => {
      state = await deployer.reconcile({ ...WANTED, wanted });
      return isSo(state);
    }).catch(error => {
      throw new Error(`${error.message}: ${JSON.stringify(state)}`);
    });
    return state;
  };
  const untilBothRun = () =>
    untilSo(
      'the data plane and both servers run',
      state =>
        state.state === 'running' &&
        ['triton', 'llama'].every(
          name => serverOf(state, name)?.state === 'running',
        ),
    );
  const ask = (path: string, body: object) =>
    fetch(`${test.balancer.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  const infer = () =>
    ask('/v2/models/linear/infer', {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
    });

  beforeAll(async () => {
    programs = buildDataPlane();
    controlPlane = await SmallControlPlane.start();
    const connections = EnvironmentConnections.fromConfig(configOf(both()));
    const connectionOf = (name: string) =>
      connections.find(SERVED_ENVIRONMENT, name)!;
    await controlPlane.publish([
      {
        model: 'linear',
        external: {
          descriptor: {
            connection: 'tensors',
            model: 'linear',
            tasks: [],
            tensors: {
              protocol: 'open-inference',
              signature: {
                inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
                outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
              },
            },
          },
          connection: connectionOf('tensors'),
        },
      },
      {
        model: 'small',
        external: {
          descriptor: { connection: 'words', model: 'small', tasks: ['chat'] },
          connection: connectionOf('words'),
        },
      },
    ]);
    cluster = await TestCluster.start({ controllers: true });
    const serving = [
      process.execPath,
      join(__dirname, '__testUtils__/modelServerPod.cjs'),
    ];
    node = await TestKubelet.start({
      config: cluster.kubeConfig(),
      capacity: { 'nvidia.com/gpu': '1' },
      labels: { 'example.com/gpu': 'a100' },
      images: {
        [DATA_PLANE_IMAGE]: {
          command: [
            process.execPath,
            '--require',
            join(__dirname, '__testUtils__/clusterDns.cjs'),
            join(programs, 'main.cjs'),
          ],
          variables: {
            GREENROOM_TEST_NAMES: JSON.stringify(
              Object.fromEntries(
                Object.entries(ADDRESSES).map(([name, address]) => [
                  `greenroom-${SERVED_ENVIRONMENT}-${name}.${NAMESPACE}.svc`,
                  address,
                ]),
              ),
            ),
          },
        },
        [FIRST]: serving,
        [SECOND]: serving,
        [LLAMA]: serving,
      },
    });
    test = await startTestNamespace(cluster, NAMESPACE, SERVED_ENVIRONMENT);
    networks = await Promise.all(
      Object.entries(ADDRESSES).map(([name, host]) =>
        EndpointBalancer.start({
          config: cluster.kubeConfig(),
          namespace: NAMESPACE,
          service: `greenroom-${SERVED_ENVIRONMENT}-${name}`,
          portName: 'http',
          at: { host, port: PORT },
        }),
      ),
    );
  });
  afterAll(async () => {
    await load?.stop();
    await test?.stop();
    await Promise.all((networks ?? []).map(network => network.stop()));
    await node?.stop();
    await cluster?.stop();
    controlPlane?.stop();
    rmSync(programs, { recursive: true, force: true });
  });

  it('answer what data planes of their environment ask, in both protocols', async () => {
    await begin(both());
    const state = await untilBothRun();
    expect(serverOf(state, 'llama')).toMatchObject({
      protocol: 'openai',
      address: `http://greenroom-${SERVED_ENVIRONMENT}-llama.${NAMESPACE}.svc:${PORT}`,
      replicas: { wanted: 1, ready: 1 },
    });
    await until(
      'the models are served',
      async () => (await infer()).status === 200,
    );
    const answer = await (await infer()).json();
    expect(answer.outputs[0].data).toEqual([6]);
    const chat = await ask('/v1/chat/completions', {
      model: 'small',
      messages: [{ role: 'user', content: 'hello' }],
    });
    expect(await chat.json()).toMatchObject({
      choices: [{ message: { content: 'you said: hello' } }],
    });
  });

  it('are no data planes: callers of these never reach them', async () => {
    const { items } = await test.core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `greenroom.dev/environment=${SERVED_ENVIRONMENT}`,
    });
    expect(items.map(({ spec }) => spec?.containers[0].image)).toEqual([
      DATA_PLANE_IMAGE,
    ]);
    const { pods } = await deployer.pods.list(SERVED_ENVIRONMENT);
    expect(pods.map(({ image }) => image).sort()).toEqual(
      [DATA_PLANE_IMAGE, FIRST, LLAMA].sort(),
    );
  });

  it('lose no request when their image changes: a new pod has loaded its models before an old one goes', async () => {
    networks.forEach(network => {
      network.delayMillis = 2_000;
    });
    const callers = new SteadyLoad({ callers: 4, ask: infer });
    load = callers;
    await until('the load is there', () => callers.answered > 50);
    await begin(both({ image: SECOND }));
    await untilSo('only pods of the new image', async () => {
      const pods = await podsOf('triton');
      return pods.length === 1 && pods[0].spec?.containers[0].image === SECOND;
    });
    const { answered } = callers;
    await until('answers of it', () => callers.answered > answered + 50);
    await callers.stop();
    expect(callers.failures).toEqual([]);
    networks.forEach(network => {
      network.delayMillis = 200;
    });
  });

  it('are put right again where somebody has changed them', async () => {
    const apps = cluster.kubeConfig().makeApiClient(AppsV1Api);
    const name = `greenroom-${SERVED_ENVIRONMENT}-triton`;
    await untilBothRun();
    await apps.deleteNamespacedDeployment({ name, namespace: NAMESPACE });
    await until('it is gone', async () => {
      const { items } = await apps.listNamespacedDeployment({
        namespace: NAMESPACE,
      });
      return items.every(({ metadata }) => metadata?.name !== name);
    });
    const state = await untilBothRun();
    expect(serverOf(state, 'triton')?.replicas.ready).toBe(1);
  });

  it('take the devices of their flavor, and say where there are none left', async () => {
    await begin(both({ flavor: 'gpu', replicas: 2, surge: false }));
    const state = await untilSo('one has room', async current => {
      const triton = serverOf(current, 'triton');
      const pods = await podsOf('triton');
      return (
        pods.length === 2 &&
        pods.every(({ spec }) => spec?.nodeSelector !== undefined) &&
        triton?.replicas.ready === 1 &&
        triton.problem !== undefined
      );
    });
    expect(serverOf(state, 'triton')).toMatchObject({
      state: 'running',
      replicas: { wanted: 2, ready: 1 },
      problem: expect.stringMatching(
        /^no node has room for pod greenroom-production-triton-.*Insufficient nvidia.com\/gpu/,
      ),
    });
    const placed = (await podsOf('triton')).find(
      ({ spec }) => spec?.nodeName !== undefined,
    );
    expect(placed?.spec).toMatchObject({
      nodeSelector: { 'example.com/gpu': 'a100' },
      containers: [
        {
          resources: {
            requests: { 'nvidia.com/gpu': '1' },
            limits: { 'nvidia.com/gpu': '1' },
          },
        },
      ],
    });
    expect(placed?.spec?.tolerations).toContainEqual({
      key: 'nvidia.com/gpu',
      operator: 'Exists',
    });
  });

  it('of a scarce device give it up before a new one takes it', async () => {
    await begin(both({ flavor: 'gpu', surge: false }));
    await untilSo('there is one', async state => {
      const triton = serverOf(state, 'triton');
      return triton?.replicas.wanted === 1 && triton.problem === undefined;
    });
    await begin(both({ flavor: 'gpu', surge: false, image: SECOND }));
    const state = await untilSo('there is another one', async current => {
      const pods = await podsOf('triton');
      return (
        serverOf(current, 'triton')?.state === 'running' &&
        pods.length === 1 &&
        pods[0].spec?.containers[0].image === SECOND
      );
    });
    expect(serverOf(state, 'triton')).not.toHaveProperty('problem');
  });

  it('sleep with the data planes', async () => {
    await untilSo('nothing runs', ({ state }) => state === 'stopped', false);
    expect(await podsOf('triton')).toEqual([]);
    expect(await podsOf('llama')).toEqual([]);
  });
});
