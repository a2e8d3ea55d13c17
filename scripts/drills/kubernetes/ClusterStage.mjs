// @ts-check
import {
  CoreV1Api,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../lib/output.mjs';
import { dataDirectory, root } from '../../lib/paths.mjs';
import { inferenceServerProgram } from '../../stack/environment.mjs';
import { ensureKubernetes } from '../../test/kubernetes.mjs';
import { loadParts } from './loadParts.mjs';

export const NAMESPACE = 'models';
/** It is not there at first. */
export const LATE_NAMESPACE = 'models-late';
const IMAGE = 'example/data-plane:1';
/** Where the control plane's account lives. */
const HOME = 'greenroom';
const ACCOUNT = 'greenroom';
/** What a pod's process may hold: 1,285 with one small model, room for more of them, and not for the large one's own thread. */
const POD_MIB = 1_500;
/** Two tries: what does not load is given up after 30 seconds. */
const GIVE_UP_MINUTES = 0.4;
const TOKEN_SECONDS = 7_200;

/** A cluster with two nodes, whose pods are processes with as much memory as they are given. */
export class ClusterStage {
  /** @type {any} */
  #cluster;
  /** @type {any[]} */
  #nodes = [];
  /** @type {any} */
  #balancer;
  #tokens = 0;

  /** Starts it, and has control planes that are started from now on use it. */
  static async start() {
    process.env.GREENROOM_TEST_KUBERNETES ??= await ensureKubernetes();
    if (!process.env.GREENROOM_TEST_KUBERNETES) {
      throw new UserError(
        'This drill needs the control plane of Kubernetes, which could not be built: install Go 1.26 or newer, and let it reach a module proxy.',
      );
    }
    const stage = new ClusterStage();
    await stage.#start();
    return stage;
  }

  /** Callers' address of production. */
  get url() {
    return this.#balancer.url;
  }

  /** @returns {CoreV1Api} */
  get core() {
    return this.#cluster.kubeConfig().makeApiClient(CoreV1Api);
  }

  /** @returns {KubernetesObjectApi} */
  get objects() {
    return KubernetesObjectApi.makeApiClient(this.#cluster.kubeConfig());
  }

  /** Nobody is answered any more. */
  stopApi() {
    return this.#cluster.stopApi();
  }

  /** @param {{ withoutApis?: string[] }} [options] - group and version of each that it does not serve */
  startApi(options) {
    return this.#cluster.startApi(options);
  }

  /** What an environment's pods are, those that end left out. */
  async pods(environment) {
    const { items } = await this.core.listPodForAllNamespaces({
      labelSelector: `greenroom.dev/environment=${environment}`,
    });
    return items.filter(
      ({ metadata }) => metadata?.deletionTimestamp === undefined,
    );
  }

  /** How many of an environment's pods are ready, and how often what runs in them has ended by itself. */
  async countPods(environment) {
    const pods = await this.pods(environment);
    const containers = pods.flatMap(
      ({ status }) => status?.containerStatuses ?? [],
    );
    return {
      ready: containers.filter(({ ready }) => ready).length,
      ends: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    };
  }

  /** A node loses its power: what ran there is gone, and the cluster gets to know of it. */
  async loseNode() {
    const node = this.#nodes.pop();
    if (!node) throw new Error('There is no node left');
    await node.stop();
    const { items } = await this.core.listPodForAllNamespaces({
      fieldSelector: `spec.nodeName=${node.node}`,
    });
    return {
      name: node.node,
      pods: items.length,
      /** What the cluster does by itself, when it has not heard of it for long. */
      forget: async () => {
        await this.core.deleteNode({ name: node.node });
        for (const { metadata } of items) {
          await this.core
            .deleteNamespacedPod({
              name: metadata?.name ?? '',
              namespace: metadata?.namespace ?? '',
              gracePeriodSeconds: 0,
            })
            // Its controller was quicker.
            .catch(() => {});
        }
      },
    };
  }

  /** A token of the control plane's account, in the file that it reads. */
  async renewToken() {
    this.#tokens += 1;
    const name = `token-${this.#tokens}`;
    const { metadata } = await this.core.createNamespacedSecret({
      namespace: HOME,
      body: { metadata: { name } },
    });
    const { status } = await this.core.createNamespacedServiceAccountToken({
      namespace: HOME,
      name: ACCOUNT,
      body: {
        spec: {
          audiences: [],
          expirationSeconds: TOKEN_SECONDS,
          boundObjectRef: {
            apiVersion: 'v1',
            kind: 'Secret',
            name,
            uid: metadata?.uid,
          },
        },
      },
    });
    writeFileSync(this.#tokenFile, `${status?.token}\n`, { mode: 0o600 });
  }

  /** The token that lies in the file holds no more: what it is bound to has gone. */
  async endToken() {
    await this.core.deleteNamespacedSecret({
      namespace: HOME,
      name: `token-${this.#tokens}`,
    });
  }

  /**
   * Grants the rights that the how-to asks for.
   *
   * @param {string} namespace
   * @param {(rule: { resources: string[], verbs: string[] }) => string[]} [verbsOf] - other verbs of a rule
   */
  async grant(namespace, verbsOf = ({ verbs }) => verbs) {
    const role = documentedRole();
    const kind = { apiVersion: 'rbac.authorization.k8s.io/v1' };
    const metadata = { name: 'greenroom', namespace };
    const apply = object =>
      this.objects.patch(
        object,
        undefined,
        undefined,
        'drill',
        true,
        PatchStrategy.ServerSideApply,
      );
    await apply({
      ...kind,
      kind: 'Role',
      metadata,
      rules: role.rules.map(rule => ({ ...rule, verbs: verbsOf(rule) })),
    });
    await apply({
      ...kind,
      kind: 'RoleBinding',
      metadata,
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: 'greenroom',
      },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: HOME }],
    });
  }

  async stop() {
    await this.#balancer?.stop();
    await Promise.all(this.#nodes.map(node => node.stop()));
    await this.#cluster?.stop();
  }

  async #start() {
    const { TestCluster, TestKubelet, EndpointBalancer } = await loadParts();
    this.#cluster = await TestCluster.start({ controllers: true });
    const config = this.#cluster.kubeConfig();
    const image = {
      command: [
        'prlimit',
        `--data=${POD_MIB * 1024 * 1024}`,
        process.execPath,
        inferenceServerProgram,
      ],
      // Each thread reserves half a gibibyte.
      variables: { GREENROOM_WORKER_THREADS: '1' },
    };
    for (const [index, node] of ['one', 'two'].entries()) {
      this.#nodes.push(
        await TestKubelet.start({
          config,
          node,
          network: index + 1,
          images: { [IMAGE]: image },
          longestPreStopSeconds: 1,
        }),
      );
    }
    for (const name of [NAMESPACE, HOME]) {
      await this.core.createNamespace({ body: { metadata: { name } } });
    }
    await this.core.createNamespacedServiceAccount({
      namespace: HOME,
      body: { metadata: { name: ACCOUNT } },
    });
    await this.grant(NAMESPACE);
    mkdirSync(path.dirname(this.#tokenFile), { recursive: true });
    await this.renewToken();
    this.#balancer = await EndpointBalancer.start({
      config,
      namespace: NAMESPACE,
      service: 'greenroom-production',
    });
    // As gateways do.
    this.#balancer.asksNextPod = true;
    this.#tellControlPlanes();
  }

  #tellControlPlanes() {
    const deployer = (namespace, replicas) => ({
      kind: 'kubernetes',
      cluster: 'drill',
      namespace,
      image: IMAGE,
      replicas,
      resources: { cpu: '100m', memory: `${POD_MIB}Mi` },
    });
    const settings = {
      greenroom_environments: [
        { name: 'staging', deployer: deployer(NAMESPACE, 1) },
        {
          name: 'late',
          deployer: deployer(LATE_NAMESPACE, { min: 1, max: 2 }),
        },
        {
          name: 'production',
          deployer: deployer(NAMESPACE, 2),
          dataPlane: { address: this.url },
        },
      ],
      kubernetes_clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [
            {
              name: 'drill',
              url: this.#cluster.server,
              authProvider: 'serviceAccount',
              caFile: this.#cluster.certificateAuthorityFile,
            },
          ],
        },
      ],
      aiInference_kubernetes_tokenFiles: { drill: this.#tokenFile },
      aiInference_rollout_giveUpMinutes: GIVE_UP_MINUTES,
    };
    for (const [name, value] of Object.entries(settings)) {
      process.env[`APP_CONFIG_${name}`] = JSON.stringify(value);
    }
  }

  get #tokenFile() {
    return path.join(dataDirectory, 'cluster/token');
  }
}

/** @returns {{ rules: { apiGroups: string[], resources: string[], verbs: string[] }[] }} */
function documentedRole() {
  const page = readFileSync(
    path.join(root, 'docs/how-to/serve-on-kubernetes.md'),
    'utf8',
  );
  const [yaml] = /apiVersion: rbac[\s\S]*?(?=\n```)/.exec(page) ?? [];
  return parse(yaml ?? '');
}
