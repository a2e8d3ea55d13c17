// @ts-check
import {
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node';

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const HEARTBEAT_MILLIS = 10_000;
const AGAIN_MILLIS = 500;
const CAPACITY = { cpu: '1000', memory: '4000Gi', pods: '2000' };

/** Nodes that say of each pod at once that it runs and is ready, and run nothing. */
export class SimulatedNodes {
  #core;
  #config;
  #abort;
  #stopped = false;
  #timer;
  /** When a pod was first seen with a node, by its name, in milliseconds. @type {Map<string, number>} */
  seen = new Map();
  #addresses = 0;

  /** @param {import('@kubernetes/client-node').KubeConfig} config */
  constructor(config) {
    this.#config = config;
    this.#core = config.makeApiClient(CoreV1Api);
  }

  /** @param {number} count */
  async start(count) {
    for (let index = 0; index < count; index++) {
      const name = `node-${index}`;
      await this.#core.createNode({ body: { metadata: { name } } });
      await this.#beat(name);
    }
    const beat = () => {
      for (let index = 0; index < count; index++) {
        this.#beat(`node-${index}`).catch(() => {});
      }
    };
    this.#timer = setInterval(beat, HEARTBEAT_MILLIS);
    this.#timer.unref();
    await this.#follow();
  }

  /** Without a word for long, the cluster takes the node for lost. */
  async #beat(name) {
    await this.#core.patchNodeStatus(
      {
        name,
        body: {
          status: {
            capacity: CAPACITY,
            allocatable: CAPACITY,
            conditions: [
              {
                type: 'Ready',
                status: 'True',
                reason: 'Simulated',
                lastHeartbeatTime: new Date(),
                lastTransitionTime: new Date(),
              },
            ],
          },
        },
      },
      MERGE,
    );
  }

  stop() {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#abort?.abort();
  }

  /** Goes on when a watch ends, also where the next one cannot begin at once. */
  async #follow() {
    if (this.#stopped) return;
    try {
      this.#abort = await new Watch(this.#config).watch(
        '/api/v1/pods',
        {},
        (type, pod) => void this.#take(type, pod).catch(() => {}),
        () => void this.#follow(),
      );
    } catch {
      setTimeout(() => this.#follow(), AGAIN_MILLIS).unref();
    }
  }

  async #take(type, { metadata, spec, status }) {
    const { name, namespace, deletionTimestamp } = metadata;
    if (type === 'DELETED' || !spec.nodeName) return;
    if (deletionTimestamp) {
      await this.#core.deleteNamespacedPod({
        name,
        namespace,
        gracePeriodSeconds: 0,
      });
      return;
    }
    if (this.seen.has(name)) return;
    this.seen.set(name, performance.now());
    if (status?.phase === 'Running') return;
    this.#addresses += 1;
    const at = this.#addresses;
    const now = new Date();
    await this.#core.patchNamespacedPodStatus(
      {
        name,
        namespace,
        body: {
          status: {
            phase: 'Running',
            podIP: `10.1.${Math.floor(at / 250) % 250}.${(at % 250) + 1}`,
            startTime: now,
            conditions: ['Initialized', 'ContainersReady', 'Ready'].map(
              each => ({
                type: each,
                status: 'True',
                lastTransitionTime: now,
              }),
            ),
          },
        },
      },
      MERGE,
    );
  }
}
