// @ts-check
import {
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadParts } from '../lib/loadParts.mjs';
import { SimulatedNodes } from './SimulatedNodes.mjs';

const NAMESPACE = 'models';
const NODES = 10;
const REPLICAS = 2;
const LOOK_MILLIS = 20;
/** As the control plane looks after data planes. */
const KEEPING_MILLIS = 1_000;
const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** @typedef {{ podsMillis: number[], lagMillis: number[], quiet: { seconds: number, writes: number, reads: number }, firstSeconds: number, megabytes: number, environments: number }} Measured */

/**
 * The deployer for many environments at a real API server, whose nodes run nothing.
 *
 * @param {{ environments: number, changes: number, quietSeconds: number, say: (line: string) => void }} options
 * @returns {Promise<Measured>}
 */
export async function measureKubernetes({
  environments,
  changes,
  quietSeconds,
  say,
}) {
  const { TestCluster, ClusterClient, KubernetesDeployer } = await loadParts(
    'bench/kubernetes/parts.ts',
  );
  const calls = countCalls(ClusterClient);
  const cluster = await TestCluster.start({ controllers: true });
  const config = cluster.kubeConfig();
  const nodes = new SimulatedNodes(config);
  const before = memory();
  // One more for each change that is measured.
  const names = Array.from(
    { length: environments + changes },
    (_, index) => `env-${index}`,
  );
  const deployer = new KubernetesDeployer({
    environments: new Map(names.map(name => [name, { settings: SETTINGS }])),
    installation: 'bench',
    cluster: () => cluster.kubeConfig(),
    controlPlaneUrl: async () => 'http://127.0.0.1:9',
    tokens: lender(),
    logger: silent,
    clock: () => new Date(),
  });
  const wanted = new Set(names.slice(0, environments));
  const keep = () =>
    Promise.all(
      names.map(environment =>
        deployer.reconcile({ environment, wanted: wanted.has(environment) }),
      ),
    );
  try {
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
    await nodes.start(NODES);
    const began = performance.now();
    for (;;) {
      const states = await keep();
      const running = states.filter(isWhole).length;
      if (running >= environments) break;
      await sleep(KEEPING_MILLIS / 4);
    }
    const firstSeconds = (performance.now() - began) / 1_000;
    say(`${environments} environments run after ${firstSeconds.toFixed(0)} s.`);
    // What is new is looked at once more, and then nothing changes.
    for (let pass = 0; pass < 5; pass++) {
      await keep();
      await sleep(KEEPING_MILLIS);
    }
    const quiet = await countQuiet({ calls, keep, quietSeconds });
    const podsMillis = [];
    for (const name of names.slice(environments)) {
      const start = performance.now();
      wanted.add(name);
      // The control plane is woken by the merge.
      await keep();
      podsMillis.push(
        await untilPods({ nodes, name, start, keep }).catch(async error => {
          const state = await deployer.reconcile({
            environment: name,
            wanted: true,
          });
          throw new Error(`${error.message}: ${JSON.stringify(state)}`);
        }),
      );
    }
    const lagMillis = await measureLag({ core, deployer, changes });
    return {
      environments,
      firstSeconds,
      quiet,
      podsMillis,
      lagMillis,
      megabytes: memory() - before,
    };
  } finally {
    await deployer.stop();
    nodes.stop();
    await cluster.stop();
  }
}

const SETTINGS = {
  kind: 'kubernetes',
  namespace: NAMESPACE,
  image: 'example/data-plane:1',
  replicas: { min: REPLICAS, max: REPLICAS },
  scaleOn: { cpuPercent: 70 },
  resources: { cpu: '10m', memory: '16Mi' },
  drift: 'repair',
};

const silent = {
  error() {},
  warn(line) {
    if (process.env.VERBOSE) console.log(line);
  },
  info() {},
  debug() {},
  child: () => silent,
};

function lender() {
  const names = new Set();
  return {
    async lend({ name }) {
      names.add(name);
      return { secret: `grt_${randomUUID()}` };
    },
    renew: async all => all.filter(name => names.has(name)),
    takeBack: async name => void names.delete(name),
  };
}

function isWhole(state) {
  return state.state === 'running' && state.replicas?.ready === REPLICAS;
}

function memory() {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1e6;
}

/** Counts what is asked of the API server by the deployer, and by nobody else. */
function countCalls({ prototype }) {
  const calls = { writes: 0, reads: 0 };
  const count = (method, kind) => {
    const original = prototype[method];
    prototype[method] = function counted(...args) {
      calls[kind] += 1;
      return original.apply(this, args);
    };
  };
  for (const method of ['apply', 'create', 'remove']) count(method, 'writes');
  for (const method of ['read', 'list']) count(method, 'reads');
  return calls;
}

async function countQuiet({ calls, keep, quietSeconds }) {
  const from = { ...calls };
  const began = performance.now();
  while (performance.now() - began < quietSeconds * 1_000) {
    await keep();
    await sleep(KEEPING_MILLIS);
  }
  const seconds = (performance.now() - began) / 1_000;
  return {
    seconds,
    writes: (calls.writes - from.writes) / seconds,
    reads: (calls.reads - from.reads) / seconds,
  };
}

async function untilPods({ nodes, name, start, keep }) {
  const pods = () =>
    [...nodes.seen].filter(([pod]) => pod.startsWith(`greenroom-${name}-`));
  const endMillis = performance.now() + 60_000;
  let keptMillis = performance.now();
  while (pods().length < REPLICAS) {
    if (performance.now() > endMillis) throw new Error(`no pods of ${name}`);
    if (performance.now() - keptMillis > KEEPING_MILLIS) {
      await keep();
      keptMillis = performance.now();
    }
    await sleep(LOOK_MILLIS);
  }
  return Math.max(...pods().map(([, millis]) => millis)) - start;
}

/** How long after a pod has changed the deployer tells of it. */
async function measureLag({ core, deployer, changes }) {
  let told = () => {};
  deployer.onChanged(() => told());
  const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
  const lags = [];
  for (const { metadata } of items.slice(0, changes)) {
    // What is told of is this change, when nothing else was told of for a while.
    await new Promise(quiet => {
      let timer = setTimeout(quiet, 500);
      told = () => {
        clearTimeout(timer);
        timer = setTimeout(quiet, 500);
      };
    });
    const heard = new Promise(done => {
      told = () => done(performance.now());
    });
    await core.patchNamespacedPod(
      {
        name: metadata?.name ?? '',
        namespace: NAMESPACE,
        body: { metadata: { annotations: { bench: randomUUID() } } },
      },
      MERGE,
    );
    const answered = performance.now();
    lags.push(Math.max(0, (await heard) - answered));
  }
  return lags;
}
