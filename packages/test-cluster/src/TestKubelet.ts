import {
  CoreV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogServer } from './LogServer';
import { PodProcess } from './PodProcess';
import { podAddress } from './podAddress';
import { type PodReport, statusOf } from './podStatus';
import type { TestImage } from './TestImage';
import type { Wrap } from './Wrap';

const HEARTBEAT_MILLIS = 10_000;
const WATCH_AGAIN_MILLIS = 500;
const SERVER_ERROR = 500;
const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
/** Of a pod's conditions, those of others stay. */
const MERGE_BY_TYPE = setHeaderOptions(
  'Content-Type',
  PatchStrategy.StrategicMergePatch,
);

export interface TestKubeletOptions {
  config: KubeConfig;
  /** Name of the node that it is. */
  node?: string;
  /** What an image runs where a container does not say its command; others cannot be pulled. */
  images: Record<string, string[] | TestImage>;
  /** Tells the addresses of this node's pods from those of other nodes: 0 to 3. Default 0. */
  network?: number;
  /** Bounds how long a container sleeps before it is told to end (`preStop`). */
  longestPreStopSeconds?: number;
  /** How much of things the node has. */
  capacity?: Record<string, string>;
  /** Images that cannot be pulled, even where a container says its command. */
  missingImages?: RegExp;
  /** Whether a process ends that takes more memory than its limit. Default false. */
  limitsMemory?: boolean;
  /** More labels of the node. */
  labels?: Record<string, string>;
  /** Where files of PersistentVolumeClaims are, of several nodes together; those of this one alone when left out. */
  claimsFolder?: string;
  /** Has the program of each pod run in something, such as a container; what begins before it does not. */
  wrap?: Wrap;
  /**
   * How long a pod that was removed is seen with how it ended, since a kubelet puts away first what it used. Default 0;
   * seconds are usual.
   */
  cleanupMillis?: number;
}

/**
 * A node that runs the containers of pods as processes of this machine.
 *
 * Each pod has an address of its own among those of this machine, 127.0.0.0/8, and tells the
 * cluster of it as 10.0.0.0/8: the cluster refuses addresses of a machine itself. `0.0.0.0` in a
 * pod's variables is that address, as it is in a pod's own network. One container for each pod, and those that begin
 * before it.
 */
export class TestKubelet {
  readonly node: string;
  readonly #options: TestKubeletOptions;
  readonly #core: CoreV1Api;
  readonly #pods = new Map<string, PodProcess>();
  readonly #names = new Map<string, PodProcess>();
  #logs: LogServer | undefined;
  #directory = '';
  #nextAddress = 1;
  #watch: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  static async start(options: TestKubeletOptions): Promise<TestKubelet> {
    const kubelet = new TestKubelet(options);
    await kubelet.#start();
    return kubelet;
  }

  private constructor(options: TestKubeletOptions) {
    this.#options = options;
    this.node = options.node ?? 'test-node';
    this.#core = options.config.makeApiClient(CoreV1Api);
  }

  /** Ends all processes at once, as a node does that loses its power. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#watch?.abort();
    await Promise.all([...this.#pods.values()].map(pod => pod.kill()));
    await this.#logs?.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Whoever reads a log of its pods loses the connection. */
  cutLogs(): void {
    this.#logs?.cut();
  }

  async #start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'test-kubelet-'));
    this.#logs = await LogServer.start(({ namespace, pod, container }) =>
      this.#names.get(`${namespace}/${pod}`)?.outputOf(container),
    );
    const capacity = {
      cpu: '64',
      memory: '256Gi',
      'ephemeral-storage': '100Gi',
      pods: '200',
      ...this.#options.capacity,
    };
    await this.#options.config.makeApiClient(KubernetesObjectApi).patch(
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name: this.node,
          labels: {
            'kubernetes.io/hostname': this.node,
            ...this.#options.labels,
          },
        },
      },
      undefined,
      undefined,
      'test-kubelet',
      true,
      PatchStrategy.ServerSideApply,
    );
    await this.#beat(capacity);
    this.#timer = setInterval(
      () => this.#beat(capacity).catch(() => {}),
      HEARTBEAT_MILLIS,
    );
    this.#timer.unref();
    this.#follow();
  }

  /** Without a word for long, the cluster takes the node for lost. */
  async #beat(capacity: Record<string, string>): Promise<void> {
    const now = new Date();
    await this.#core.patchNodeStatus(
      {
        name: this.node,
        body: {
          status: {
            capacity,
            allocatable: capacity,
            // Where the API server asks for logs.
            addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
            daemonEndpoints: { kubeletEndpoint: { Port: this.#logs?.port } },
            conditions: [
              {
                type: 'Ready',
                status: 'True',
                reason: 'TestKubelet',
                lastHeartbeatTime: now,
                lastTransitionTime: now,
              },
            ],
          },
        },
      },
      MERGE,
    );
  }

  #follow(): void {
    this.#list()
      .then(resourceVersion => this.#watchFrom(resourceVersion))
      .catch(() => this.#again());
  }

  #again(): void {
    if (this.#isStopped) return;
    setTimeout(() => this.#follow(), WATCH_AGAIN_MILLIS).unref();
  }

  async #list(): Promise<string | undefined> {
    const { items, metadata } = await this.#core.listPodForAllNamespaces({
      fieldSelector: `spec.nodeName=${this.node}`,
    });
    items.forEach(pod => this.#take(pod));
    return metadata?.resourceVersion;
  }

  async #watchFrom(resourceVersion: string | undefined): Promise<void> {
    this.#watch = await new Watch(this.#options.config).watch(
      '/api/v1/pods',
      { fieldSelector: `spec.nodeName=${this.node}`, resourceVersion },
      (type, pod) => {
        if (type === 'ADDED' || type === 'MODIFIED') this.#take(pod as V1Pod);
        else if (type === 'DELETED') this.#forget(pod as V1Pod);
      },
      () => this.#again(),
    );
  }

  #forget(pod: V1Pod): void {
    const uid = pod.metadata?.uid ?? '';
    this.#pods
      .get(uid)
      ?.kill()
      .catch(() => {});
    this.#pods.delete(uid);
    this.#names.delete(nameOf(pod));
  }

  #take(pod: V1Pod): void {
    const uid = pod.metadata?.uid ?? '';
    const known = this.#pods.get(uid);
    if (known) {
      if (pod.metadata?.deletionTimestamp) {
        known.end(pod.metadata.deletionGracePeriodSeconds ?? 30);
      } else {
        known.limit(pod.spec?.activeDeadlineSeconds);
      }
      return;
    }
    const address = this.#nextAddress;
    this.#nextAddress += 1;
    const process = new PodProcess({
      pod,
      core: this.#core,
      images: this.#options.images,
      ip: podAddress(address, {
        server: this.#options.config.getCurrentCluster()!.server,
        network: this.#options.network,
      }),
      directory: join(this.#directory, uid),
      report: report => this.#report(pod, report),
      longestPreStopSeconds: this.#options.longestPreStopSeconds ?? Infinity,
      limitsMemory: this.#options.limitsMemory ?? false,
      missingImages: this.#options.missingImages,
      folderOfClaim: claim =>
        join(
          this.#options.claimsFolder ?? join(this.#directory, 'claims'),
          pod.metadata?.namespace ?? '',
          claim,
        ),
      wrap: this.#options.wrap,
      cleanupMillis: this.#options.cleanupMillis ?? 0,
    });
    this.#pods.set(uid, process);
    this.#names.set(nameOf(pod), process);
    process.start();
    if (pod.metadata?.deletionTimestamp) process.end(0);
  }

  /** A cluster that is away is told when it is there again. */
  async #report(pod: V1Pod, report: PodReport): Promise<void> {
    for (;;) {
      if (this.#isStopped) return;
      try {
        await this.#tell(pod, report);
        return;
      } catch (error) {
        // It is gone already, or is not as we think.
        if (Object(error).code < SERVER_ERROR) return;
        await sleep(WATCH_AGAIN_MILLIS, undefined, { ref: false });
      }
    }
  }

  async #tell(pod: V1Pod, report: PodReport): Promise<void> {
    const { name = '', namespace = '' } = pod.metadata ?? {};
    if (report === 'gone') {
      await this.#core.deleteNamespacedPod({
        name,
        namespace,
        gracePeriodSeconds: 0,
      });
      return;
    }
    await this.#core.patchNamespacedPodStatus(
      { name, namespace, body: { status: statusOf(pod, report) } },
      MERGE_BY_TYPE,
    );
  }
}

function nameOf({ metadata }: V1Pod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
