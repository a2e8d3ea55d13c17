// @ts-check
import {
  CoordinationV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node';
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
/** Of a pod's conditions, those of others stay. */
const MERGE_BY_TYPE = setHeaderOptions(
  'Content-Type',
  PatchStrategy.StrategicMergePatch,
);
/** Without a word for 50 seconds the cluster takes a node for lost. */
const HEARTBEAT_MILLIS = 15_000;
const LEASE_SECONDS = 40;
const LEASES = 'kube-node-lease';
const AGAIN_MILLIS = 500;
const AT_ONCE = 10;
const TRAINER = 'trainer';
const SECONDS_VARIABLE = 'GREENROOM_PARAM_SECONDS';
const GPU = 'nvidia.com/gpu';
const JOB_LABEL = 'greenroom.dev/training-job';

/**
 * Nodes with GPUs that say of each pod that it runs, and after the seconds of its job's parameter `seconds` that it has
 * ended well, and run nothing. What the API server, the controllers and the scheduler do about them is real.
 */
export class GpuNodes {
  #config;
  #core;
  #leases;
  #logs;
  /** @type {string[]} */
  #names = [];
  #timer;
  #watches = [];
  #isStopped = false;
  #addresses = 0;
  /** By uid. */
  #pods = new Map();
  /** Uids of the Jobs that there were, by name. @type {Map<string, Set<string>>} */
  jobs = new Map();
  /** When each Job was first told of, in milliseconds of this process, by name. @type {Map<string, number>} */
  createdMillis = new Map();
  /** When each pod had its GPUs, in milliseconds of this process. @type {{ pod: string, job: string, node: string, gpus: number, beganMillis: number, endedMillis: number }[]} */
  runs = [];

  /**
   * @param {{ config: import('@kubernetes/client-node').KubeConfig, parts: any, namespace: string, count: number, gpus: number, labels: Record<string, string> }} options
   *   `parts` are those of the tests' cluster; `gpus` of each node
   */
  static async start(options) {
    const nodes = new GpuNodes(options);
    await nodes.#start(options);
    return nodes;
  }

  constructor({ config }) {
    this.#config = keepConnections(config);
    this.#core = config.makeApiClient(CoreV1Api);
    this.#leases = config.makeApiClient(CoordinationV1Api);
  }

  async stop() {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#watches.forEach(watch => watch.abort());
    this.#pods.forEach(({ timers }) => timers.forEach(clearTimeout));
    await this.#logs?.stop();
  }

  /**
   * The program of a job ends well now.
   *
   * @returns {Promise<number>} when the cluster had been told, in milliseconds of this process
   */
  async endNow(job) {
    const known = [...this.#pods.values()].find(({ run }) => run.job === job);
    await this.#finish(known, { phase: 'Succeeded', exitCode: 0 });
    return performance.now();
  }

  async #start({ parts, namespace, count, gpus, labels }) {
    this.#logs = await parts.LogServer.start(({ pod, container }) => {
      const known = [...this.#pods.values()].find(({ name }) => name === pod);
      const log = container === TRAINER && known?.log;
      return log ? { now: log, before: undefined } : undefined;
    });
    this.parts = parts;
    this.#names = Array.from(
      { length: count },
      (_, index) => `gpu-${String(index).padStart(3, '0')}`,
    );
    await someAtOnce(this.#names, name => this.#join(name, { gpus, labels }));
    this.#timer = setInterval(
      () => someAtOnce(this.#names, name => this.#beat(name)).catch(() => {}),
      HEARTBEAT_MILLIS,
    );
    this.#timer.unref();
    this.#follow('/api/v1/pods', (type, pod) => this.#take(type, pod));
    this.#follow(
      `/apis/batch/v1/namespaces/${namespace}/jobs`,
      (_, { metadata }) => {
        const uids = this.jobs.get(metadata.name) ?? new Set();
        this.jobs.set(metadata.name, uids.add(metadata.uid));
        if (!this.createdMillis.has(metadata.name))
          this.createdMillis.set(metadata.name, performance.now());
      },
    );
  }

  async #join(name, { gpus, labels }) {
    await this.#core.createNode({
      body: {
        metadata: {
          name,
          labels: { 'kubernetes.io/hostname': name, ...labels },
        },
      },
    });
    const capacity = {
      cpu: '16',
      memory: '128Gi',
      pods: '20',
      'ephemeral-storage': '500Gi',
      [GPU]: String(gpus),
    };
    const now = new Date();
    await this.#core.patchNodeStatus(
      {
        name,
        body: {
          status: {
            capacity,
            allocatable: capacity,
            addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
            daemonEndpoints: { kubeletEndpoint: { Port: this.#logs.port } },
            conditions: [
              {
                type: 'Ready',
                status: 'True',
                reason: 'Simulated',
                lastHeartbeatTime: now,
                lastTransitionTime: now,
              },
            ],
          },
        },
      },
      MERGE,
    );
    await this.#leases.createNamespacedLease({
      namespace: LEASES,
      body: {
        metadata: { name },
        spec: {
          holderIdentity: name,
          leaseDurationSeconds: LEASE_SECONDS,
          renewTime: microTime(),
        },
      },
    });
  }

  async #beat(name) {
    await this.#leases.patchNamespacedLease(
      { name, namespace: LEASES, body: { spec: { renewTime: microTime() } } },
      MERGE,
    );
  }

  /** Goes on when a watch ends, also where the next one cannot begin at once. */
  async #follow(path, onObject) {
    if (this.#isStopped) return;
    const again = () => {
      setTimeout(() => this.#follow(path, onObject), AGAIN_MILLIS).unref();
    };
    try {
      const watch = await new Watch(this.#config).watch(
        path,
        {},
        (type, object) => onObject(type, object),
        again,
      );
      this.#watches.push(watch);
    } catch {
      again();
    }
  }

  #take(type, pod) {
    const { uid, name, namespace, deletionTimestamp } = pod.metadata;
    if (!this.#names.includes(pod.spec.nodeName)) return;
    const known = this.#pods.get(uid);
    if (type === 'DELETED') {
      if (known) this.#end(known);
      this.#pods.delete(uid);
      return;
    }
    if (deletionTimestamp) {
      if (known) this.#end(known);
      this.#core
        .deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 })
        // Somebody was quicker.
        .catch(() => {});
      return;
    }
    if (!known) {
      if (['Succeeded', 'Failed'].includes(pod.status?.phase)) return;
      this.#begin(pod);
      return;
    }
    // What is to end gets a deadline that is over.
    const limit = pod.spec.activeDeadlineSeconds;
    if (limit !== undefined && limit < known.limitSeconds) {
      known.limitSeconds = limit;
      const leftMillis = known.startedMillis + limit * 1_000 - Date.now();
      this.#later(known, Math.max(0, leftMillis), () =>
        this.#finish(known, {
          phase: 'Failed',
          reason: 'DeadlineExceeded',
          exitCode: 143,
        }),
      );
    }
  }

  #begin(pod) {
    const { uid, name, namespace, labels = {} } = pod.metadata;
    const [container] = pod.spec.containers;
    const seconds = container.env?.find(
      ({ name: variable }) => variable === SECONDS_VARIABLE,
    )?.value;
    this.#addresses += 1;
    const known = {
      uid,
      name,
      namespace,
      pod,
      ip: `10.1.${Math.floor(this.#addresses / 250) % 250}.${
        (this.#addresses % 250) + 1
      }`,
      startedMillis: Date.now(),
      limitSeconds: pod.spec.activeDeadlineSeconds ?? Infinity,
      log: new this.parts.WrittenLog(),
      hasEnded: false,
      timers: new Set(),
      reporting: Promise.resolve(),
      run: {
        pod: name,
        job: labels[JOB_LABEL],
        node: pod.spec.nodeName,
        gpus: Number(container.resources?.limits?.[GPU] ?? 0),
        beganMillis: performance.now(),
        endedMillis: Infinity,
      },
    };
    this.#pods.set(uid, known);
    this.runs.push(known.run);
    known.log.write(`begun on ${pod.spec.nodeName}\n`);
    const startedAt = new Date();
    this.#report(known, {
      phase: 'Running',
      state: { running: { startedAt } },
    });
    this.#later(known, Number(seconds ?? 1) * 1_000, () =>
      this.#finish(known, { phase: 'Succeeded', exitCode: 0 }),
    );
  }

  /** @param {any} known @param {{ phase: string, reason?: string, exitCode: number }} end */
  async #finish(known, { phase, reason, exitCode }) {
    if (known.hasEnded) return;
    known.log.write('ended\n');
    this.#end(known);
    await this.#report(known, {
      phase,
      reason,
      state: {
        terminated: {
          exitCode,
          reason: exitCode === 0 ? 'Completed' : 'Error',
          startedAt: new Date(known.startedMillis),
          finishedAt: new Date(),
        },
      },
    });
  }

  #end(known) {
    if (known.hasEnded) return;
    known.hasEnded = true;
    known.timers.forEach(clearTimeout);
    known.run.endedMillis = performance.now();
    known.log.end();
  }

  /** Tells it again until it is heard, or the pod is gone. */
  #report(known, report) {
    // One after the other: what is told last holds.
    known.reporting = known.reporting.then(() => this.#send(known, report));
    return known.reporting;
  }

  /** @param {any} known @param {{ phase: string, reason?: string, state: any }} report */
  async #send(known, { phase, reason, state }) {
    const { name, namespace, ip, pod, startedMillis } = known;
    const isRunning = state.running !== undefined;
    const status = (container, own) => ({
      name: container.name,
      image: container.image,
      imageID: '',
      ready: isRunning,
      restartCount: 0,
      state: own,
    });
    const at = new Date(startedMillis);
    const body = {
      status: {
        phase,
        ...(reason && { reason }),
        hostIP: '127.0.0.1',
        podIP: ip,
        podIPs: [{ ip }],
        startTime: at,
        conditions: ['Initialized', 'ContainersReady', 'Ready'].map(type => ({
          type,
          status: type === 'Initialized' || isRunning ? 'True' : 'False',
          lastTransitionTime: new Date(),
        })),
        initContainerStatuses: (pod.spec.initContainers ?? []).map(container =>
          status(container, {
            terminated: { exitCode: 0, startedAt: at, finishedAt: at },
          }),
        ),
        containerStatuses: pod.spec.containers.map(container =>
          status(container, state),
        ),
      },
    };
    while (!this.#isStopped) {
      try {
        await this.#core.patchNamespacedPodStatus(
          { name, namespace, body },
          MERGE_BY_TYPE,
        );
        return;
      } catch (error) {
        if (Object(error).code === 404) return;
        await sleep(AGAIN_MILLIS, undefined, { ref: false });
      }
    }
  }

  #later(known, millis, run) {
    const timer = setTimeout(() => {
      known.timers.delete(timer);
      run();
    }, millis);
    timer.unref();
    known.timers.add(timer);
  }
}

/** The client library makes a connection for each request, which hundreds of nodes cannot bear. */
function keepConnections(config) {
  let agent;
  config.createAgent = (_, options) =>
    (agent ??= new Agent({ ...options, keepAlive: true }));
  return config;
}

/** As Kubernetes writes the times of leases: six digits behind the seconds. */
function microTime() {
  return /** @type {any} */ (new Date().toISOString().replace('Z', '000Z'));
}

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T, index: number) => Promise<unknown>} work
 */
export async function someAtOnce(items, work, atOnce = AT_ONCE) {
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
