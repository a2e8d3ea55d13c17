// @ts-check
import {
  BatchV1Api,
  CoreV1Api,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { UserError } from '../../lib/output.mjs';
import { dataDirectory, root } from '../../lib/paths.mjs';
import { inferenceServerProgram } from '../../stack/environment.mjs';
import { ensureKubernetes } from '../../test/kubernetes.mjs';
import { loadParts } from '../kubernetes/loadParts.mjs';
import { GpuNodes } from './GpuNodes.mjs';

export const NAMESPACE = 'training';
/** Name of the backend. */
export const CLUSTER = 'drill';
const FETCH_IMAGE = 'example/data-plane:1';
const TRAIN_IMAGE = 'example/train:1';
const CLAIM = 'checkpoints';
const GPU_LABELS = { 'drill.greenroom.dev/kind': 'gpu' };
const MACHINE_LABELS = { 'drill.greenroom.dev/kind': 'machine' };
const CONTAINER_LABELS = { 'drill.greenroom.dev/kind': 'container' };
const ACCOUNT = 'limited';
/** What a program takes to save what it has, in milliseconds. */
const SAVE_MILLIS = '3000';

/**
 * Nodes with one GPU each, and what teams may use of them.
 *
 * @param {boolean} smoke
 */
export function fleetOf(smoke) {
  const gpus = smoke ? 10 : 200;
  return {
    gpus,
    jobs: smoke ? 40 : 1_000,
    /** `share`: of the jobs, which is another one than what the quotas say of the GPUs. */
    teams: [
      { team: 'vision-team', nominal: gpus * 0.3, borrow: 0, share: 0.25 },
      { team: 'health-team', nominal: gpus * 0.2, weight: 1, share: 0.2 },
      { team: 'research', nominal: 0, weight: 1, share: 0.3 },
      { team: 'ml-platform', nominal: 0, weight: 3, share: 0.25 },
    ],
  };
}

/** A cluster that trains: its control plane is real; its nodes are simulated, or processes of this machine. */
export class TrainingStage {
  /** @type {any} */
  #cluster;
  /** @type {any} */
  #parts;
  /** @type {any[]} */
  #machines = [];
  #started = 0;
  /** @type {GpuNodes | undefined} */
  #gpuNodes;
  #fleet;

  /** @param {{ smoke: boolean, gpus: boolean }} options - `gpus`: whether it has the simulated nodes */
  static async start({ smoke, gpus }) {
    process.env.GREENROOM_TEST_KUBERNETES ??= await ensureKubernetes();
    if (!process.env.GREENROOM_TEST_KUBERNETES) {
      throw new UserError(
        'This drill needs the control plane of Kubernetes, which could not be built: install Go 1.26 or newer, and let it reach a module proxy.',
      );
    }
    const stage = new TrainingStage(smoke);
    await stage.#start();
    if (gpus) await stage.#startGpuNodes();
    return stage;
  }

  constructor(smoke) {
    this.#fleet = fleetOf(smoke);
  }

  get core() {
    return this.#cluster.kubeConfig().makeApiClient(CoreV1Api);
  }

  get batch() {
    return this.#cluster.kubeConfig().makeApiClient(BatchV1Api);
  }

  get gpuNodes() {
    if (!this.#gpuNodes) throw new Error('There are no simulated nodes');
    return this.#gpuNodes;
  }

  /** Who asks is refused, and who watches is cut off. */
  stopApi() {
    return this.#cluster.stopApi();
  }

  startApi() {
    return this.#cluster.startApi();
  }

  async #startGpuNodes() {
    this.#gpuNodes = await GpuNodes.start({
      config: this.#cluster.kubeConfig(),
      parts: this.#parts,
      namespace: NAMESPACE,
      count: this.#fleet.gpus,
      gpus: 1,
      labels: GPU_LABELS,
    });
  }

  /**
   * A node whose pods are processes of this machine.
   *
   * @param {{ wrap?: (command: string[], of: any) => string[] }} [options] - `wrap` has programs run in containers, which are
   *   those of jobs that want such
   */
  async startMachine({ wrap } = {}) {
    // None has the name of one that is lost, or of one that is there.
    this.#started += 1;
    const number = this.#started;
    const machine = await this.#parts.TestKubelet.start({
      config: this.#cluster.kubeConfig(),
      node: `machine-${number}`,
      network: number % 4,
      images: { [FETCH_IMAGE]: [process.execPath, inferenceServerProgram] },
      labels: wrap ? CONTAINER_LABELS : MACHINE_LABELS,
      claimsFolder: path.join(dataDirectory, 'claims'),
      wrap,
    });
    this.#machines.push(machine);
    return machine;
  }

  /** Pods of a job that have not ended. */
  async podsOf(job) {
    const { items } = await this.core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `greenroom.dev/training-job=${job}`,
    });
    return items.filter(
      ({ status }) =>
        status?.phase === 'Pending' || status?.phase === 'Running',
    );
  }

  async evict(pod) {
    const { name = '', namespace = '' } = pod.metadata ?? {};
    await this.core.createNamespacedPodEviction({
      name,
      namespace,
      body: { metadata: { name } },
    });
  }

  /** It loses its power, and whoever runs the cloud removes it. */
  async loseMachine(name) {
    const machine = this.#machines.find(({ node }) => node === name);
    this.#machines = this.#machines.filter(one => one !== machine);
    await machine.stop();
    await this.core.deleteNode({ name });
  }

  async stop() {
    await this.#gpuNodes?.stop();
    await Promise.all(this.#machines.map(machine => machine.stop()));
    await this.#cluster?.stop();
  }

  /** What a control plane is told of it, as variables. */
  variablesFor(portalUrl) {
    const settings = {
      greenroom_flavors: [
        {
          name: 'gpu',
          resources: { 'nvidia.com/gpu': 1 },
          nodeSelector: GPU_LABELS,
        },
        {
          name: 'machine',
          resources: { cpu: 1 },
          nodeSelector: MACHINE_LABELS,
          capacity: 20,
        },
        {
          name: 'container',
          resources: { cpu: 1 },
          nodeSelector: CONTAINER_LABELS,
          capacity: 20,
        },
      ],
      kubernetes_clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [
            {
              name: CLUSTER,
              url: this.#cluster.server,
              authProvider: 'serviceAccount',
              serviceAccountToken: this.#cluster.tokenOf(ACCOUNT),
              caFile: this.#cluster.certificateAuthorityFile,
            },
          ],
        },
      ],
      aiTraining_kubernetes: [
        {
          cluster: CLUSTER,
          namespace: NAMESPACE,
          controlPlaneUrl: portalUrl,
          fetchImage: FETCH_IMAGE,
          checkpointsClaim: CLAIM,
          allowTags: true,
          cpu: '100m',
          memory: '256Mi',
          graceSeconds: 10,
        },
      ],
      aiTraining_quotas: this.#fleet.teams.map(
        ({ team, nominal, borrow, weight }) => ({
          team: refOf(team),
          flavor: 'gpu',
          nominal,
          ...(borrow !== undefined && { borrow }),
          ...(weight !== undefined && { weight }),
        }),
      ),
      aiTraining_templates: this.#writeTemplates().map(file => ({ file })),
    };
    return Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        `APP_CONFIG_${name}`,
        JSON.stringify(value),
      ]),
    );
  }

  async #start() {
    this.#parts = await loadParts();
    this.#cluster = await this.#parts.TestCluster.start({ controllers: true });
    const { core } = this;
    await core.createNamespace({
      body: {
        metadata: {
          name: NAMESPACE,
          labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
        },
      },
    });
    await this.#grant();
    await core.createPersistentVolume({
      body: {
        metadata: { name: CLAIM },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteMany'],
          storageClassName: '',
          hostPath: { path: '/nowhere' },
        },
      },
    });
    await core.createNamespacedPersistentVolumeClaim({
      namespace: NAMESPACE,
      body: {
        metadata: { name: CLAIM },
        spec: {
          accessModes: ['ReadWriteMany'],
          storageClassName: '',
          resources: { requests: { storage: '1Gi' } },
        },
      },
    });
  }

  /** The rights that the how-to asks for, and no others. */
  async #grant() {
    const rbac = this.#cluster
      .kubeConfig()
      .makeApiClient(RbacAuthorizationV1Api);
    const metadata = { name: 'greenroom-training' };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io' };
    const subjects = [{ kind: 'User', name: ACCOUNT }];
    const role = documentedRole();
    await rbac.createNamespacedRole({
      namespace: NAMESPACE,
      body: { ...role, metadata },
    });
    await rbac.createNamespacedRoleBinding({
      namespace: NAMESPACE,
      body: {
        metadata,
        roleRef: { ...roleRef, kind: 'Role', name: metadata.name },
        subjects,
      },
    });
    await rbac.createClusterRole({
      body: {
        metadata,
        rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
      },
    });
    await rbac.createClusterRoleBinding({
      body: {
        metadata,
        roleRef: { ...roleRef, kind: 'ClusterRole', name: metadata.name },
        subjects,
      },
    });
  }

  /** Of each team one for simulated nodes, and those of the programs that fail otherwise. */
  #writeTemplates() {
    const programs = path.join(root, 'scripts/drills/training/project');
    const write = (name, spec) => {
      const folder = path.join(dataDirectory, 'templates', name);
      mkdirSync(path.join(folder, 'greenroom'), { recursive: true });
      cpSync(programs, folder, {
        recursive: true,
        filter: from => path.basename(from) !== 'train.yaml',
      });
      const file = path.join(folder, 'greenroom/train.yaml');
      writeFileSync(
        file,
        stringify({
          apiVersion: 'greenroom.dev/v1',
          kind: 'TrainingTemplate',
          metadata: { name, title: `Drill: ${name}` },
          spec: { experiment: name, ...spec },
        }),
      );
      return file;
    };
    const owner = refOf('vision-team');
    const ledger = { name: 'ledger', type: 'string', default: '' };
    const steps = {
      name: 'steps',
      type: 'integer',
      default: 50,
      minimum: 1,
      maximum: 1_000_000,
    };
    const onMachine = {
      owner,
      resources: { flavor: 'machine', count: 1, nodes: 1 },
      retries: 10,
      checkpoints: true,
    };
    const programOf = file => ({
      image: TRAIN_IMAGE,
      command: ['node', file, '{{ steps }}', '{{ ledger }}', SAVE_MILLIS],
    });
    return [
      ...this.#fleet.teams.map(({ team }) =>
        write(`gpu-${team}`, {
          owner: refOf(team),
          program: { image: TRAIN_IMAGE, command: ['train'] },
          parameters: [
            {
              name: 'seconds',
              type: 'number',
              default: 1,
              minimum: 0,
              maximum: 3_600,
            },
          ],
          resources: { flavor: 'gpu', count: 1, nodes: 1 },
          retries: 3,
        }),
      ),
      ...['count', 'chatter', 'diverge'].map(program =>
        write(program, {
          ...onMachine,
          program: programOf(`${program}.mjs`),
          parameters: [steps, ledger],
        }),
      ),
      write('contained', {
        ...onMachine,
        resources: { flavor: 'container', count: 1, nodes: 1 },
        program: programOf('contained.mjs'),
        parameters: [steps, ledger],
      }),
      write('chatter-local', {
        ...onMachine,
        resources: { count: 1, nodes: 1 },
        program: { command: programOf('chatter.mjs').command },
        parameters: [steps, ledger],
      }),
    ];
  }
}

export function refOf(team) {
  return `group:default/${team}`;
}

function documentedRole() {
  const page = readFileSync(
    path.join(root, 'docs/how-to/train-on-kubernetes.md'),
    'utf8',
  );
  const [yaml] = /apiVersion: rbac[\s\S]*?(?=\n```)/.exec(page) ?? [];
  return parse(yaml ?? '');
}
