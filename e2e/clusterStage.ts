import { TestCluster, TestKubelet } from '@greenroom/test-cluster';
import {
  AppsV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pushManifests } from '../scripts/demo/environmentsRepository.mjs';
import { Portal } from '../scripts/drills/lib/Portal.mjs';
import { registerAlike } from '../scripts/drills/rollouts/lib/models.mjs';

const root = path.join(__dirname, '..');
const port = Number(process.env.GREENROOM_E2E_PORT ?? 7307) + 20;
const dataDirectory = `${
  process.env.GREENROOM_E2E_SCRATCH ?? '/tmp'
}/greenroom-e2e-cluster`;
const START_MILLIS = 240_000;
const IMAGE = 'example/data-plane:1';
const NAMESPACE = 'models';

export const MODEL = 'linear';

/** Of the portal whose environments run in a cluster. */
export const CLUSTER_PORTAL = `http://localhost:${port}`;

/**
 * A portal of its own, whose environments a real control plane of Kubernetes runs: `live`, which
 * only says what somebody else has changed, and `stuck`, whose image nobody has.
 */
export class ClusterStage {
  readonly #cluster: TestCluster;
  readonly #kubelet: TestKubelet;
  readonly #stack: ChildProcess;

  static async open(): Promise<ClusterStage> {
    const cluster = await TestCluster.start({ controllers: true });
    const config = cluster.kubeConfig();
    await config
      .makeApiClient(CoreV1Api)
      .createNamespace({ body: { metadata: { name: NAMESPACE } } });
    const kubelet = await TestKubelet.start({
      config,
      node: 'node-one',
      labels: { machine: 'small' },
      capacity: { cpu: '4', memory: '8Gi' },
      images: {
        [IMAGE]: [
          process.execPath,
          path.join(root, 'packages/inference-server/dist/main.cjs'),
        ],
      },
    });
    try {
      const stack = await startStack(cluster);
      return new ClusterStage({ cluster, kubelet, stack });
    } catch (error) {
      await kubelet.stop();
      await cluster.stop();
      throw error;
    }
  }

  private constructor(options: {
    cluster: TestCluster;
    kubelet: TestKubelet;
    stack: ChildProcess;
  }) {
    this.#cluster = options.cluster;
    this.#kubelet = options.kubelet;
    this.#stack = options.stack;
  }

  async close(): Promise<void> {
    const ended = once(this.#stack, 'exit');
    this.#stack.kill('SIGTERM');
    await ended;
    await this.#kubelet.stop();
    await this.#cluster.stop();
  }

  /** As `kubectl scale` does. */
  async scaleByHand(replicas: number): Promise<void> {
    await this.#apps.patchNamespacedDeployment(
      {
        name: 'greenroom-live',
        namespace: NAMESPACE,
        fieldManager: 'kubectl',
        body: { spec: { replicas } },
      },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  }

  /** How many pods the cluster was last told to run. */
  async replicas(): Promise<number | undefined> {
    const { spec } = await this.#apps.readNamespacedDeployment({
      name: 'greenroom-live',
      namespace: NAMESPACE,
    });
    return spec?.replicas;
  }

  /** Registers a model and has Git ask for its first version, as a team does that works with Git. */
  async deployModel(): Promise<void> {
    const portal = new Portal({ url: CLUSTER_PORTAL, person: 'grace' });
    const fixtures = path.join(root, 'packages/inference-server/fixtures');
    const [version] = await registerAlike(portal, MODEL, {
      bytes: readFileSync(path.join(fixtures, 'linear-1.onnx')),
      versions: 1,
    });
    const manifest = {
      apiVersion: 'greenroom.dev/v2',
      kind: 'ModelDeployment',
      metadata: { name: MODEL, environment: 'live' },
      spec: { ...version, rollout: { strategy: 'immediate' } },
    };
    await pushManifests(
      path.join(dataDirectory, 'git/environments.git'),
      [
        {
          file: `environments/live/models/${MODEL}.yaml`,
          text: `${JSON.stringify(manifest, null, 2)}\n`,
        },
      ],
      `Run ${MODEL}`,
    );
  }

  get #apps(): AppsV1Api {
    return this.#cluster.kubeConfig().makeApiClient(AppsV1Api);
  }
}

async function startStack(cluster: TestCluster): Promise<ChildProcess> {
  const stack = spawn(process.execPath, ['scripts/stack/start.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      GREENROOM_PORT: String(port),
      GREENROOM_DATA_PLANE_PORT: String(port + 1),
      GREENROOM_DATABASE_PORT: String(port + 2),
      GREENROOM_DATA_PLANE_ADMIN_PORT: String(port + 3),
      GREENROOM_DATA_PLANE_GRPC_PORT: String(port + 4),
      GREENROOM_DATA_DIR: dataDirectory,
      GREENROOM_DEMO: 'off',
      GREENROOM_OWN_CONFIG: 'off',
      ...settingsOf(cluster),
    },
  });
  const { stdout } = stack;
  const ready = new Promise<void>((resolve, reject) => {
    let said = '';
    const limit = setTimeout(
      () => reject(new Error(`the portal does not start: ${said}`)),
      START_MILLIS,
    );
    stdout.on('data', chunk => {
      said += chunk;
      if (!/Greenroom is ready/.test(said)) return;
      clearTimeout(limit);
      resolve();
    });
    stack.once('exit', () => reject(new Error(`the portal ended: ${said}`)));
  });
  await ready;
  return stack;
}

function settingsOf(cluster: TestCluster): Record<string, string> {
  const deployer = {
    kind: 'kubernetes',
    cluster: 'test',
    namespace: NAMESPACE,
    image: IMAGE,
    controlPlaneUrl: CLUSTER_PORTAL,
    resources: { cpu: '500m', memory: '1Gi' },
  };
  return {
    APP_CONFIG_kubernetes: JSON.stringify({
      serviceLocatorMethod: { type: 'singleTenant' },
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [
            {
              name: 'test',
              url: cluster.server,
              authProvider: 'serviceAccount',
              serviceAccountToken: cluster.tokenOf('admin'),
              caFile: cluster.certificateAuthorityFile,
            },
          ],
        },
      ],
    }),
    APP_CONFIG_greenroom_flavors: JSON.stringify([
      {
        name: 'small',
        title: 'Small',
        resources: { cpu: '500m', memory: '1Gi' },
        nodeSelector: { machine: 'small' },
        pricePerHour: 0.25,
        currency: 'EUR',
      },
    ]),
    APP_CONFIG_greenroom_environments: JSON.stringify([
      {
        name: 'stuck',
        deployer: { ...deployer, image: 'example/nobody-has-this:1' },
      },
      {
        name: 'live',
        deployer: {
          ...deployer,
          resources: {},
          flavor: 'small',
          replicas: 2,
          drift: 'report',
        },
      },
      { name: 'production' },
    ]),
  };
}
