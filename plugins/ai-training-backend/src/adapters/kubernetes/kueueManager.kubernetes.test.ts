import type { JobPriority } from '@greenroom/plugin-ai-training-common';
import { TestKueue } from '@greenroom/test-cluster';
import {
  CustomObjectsApi,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  type V1Job,
} from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttemptId,
  BackendAwayError,
  type ObservedAttempt,
} from '../../backends/TrainingBackend';
import {
  FOR_EVER,
  isEnded,
  isRunning,
  NAMESPACE,
  TrainingCluster,
  untilState,
  wholeLog,
} from './__testUtils__/TrainingCluster';
import type { KubernetesTrainingBackend } from './KubernetesTrainingBackend';
import type { Workload } from './kueue/Workload';
import { attemptName } from './objects/labels';

jest.setTimeout(120_000);

const API = 'kueue.x-k8s.io/v1beta2';
const GPU = 'nvidia.com/gpu';
const QUEUE = 'all';
/** All that a ClusterQueue has to cover, since pods of attempts ask for it. */
const COVERED = ['cpu', 'memory', 'ephemeral-storage', GPU];
const QUOTAS: Record<string, string> = {
  cpu: '100',
  memory: '100Gi',
  'ephemeral-storage': '100Gi',
  [GPU]: '2',
};

describe("Kueue's own manager", () => {
  let training: TrainingCluster;
  let kueue: TestKueue | undefined;
  let backend: KubernetesTrainingBackend;

  const objects = () =>
    training.cluster.kubeConfig().makeApiClient(KubernetesObjectApi);
  const make = (kind: string, name: string, more: object) =>
    objects().create({
      apiVersion: API,
      kind,
      metadata: { name },
      ...more,
    } as KubernetesObject);
  const makeClusterQueue = (name: string, coveredResources: string[]) =>
    make('ClusterQueue', name, {
      spec: {
        namespaceSelector: {},
        preemption: { withinClusterQueue: 'LowerPriority' },
        resourceGroups: [
          {
            coveredResources,
            flavors: [
              {
                name: 'a100',
                resources: coveredResources.map(resource => ({
                  name: resource,
                  nominalQuota: QUOTAS[resource],
                })),
              },
            ],
          },
        ],
      },
    });
  const makeLocalQueue = (name: string, clusterQueue = 'gpus') =>
    make('LocalQueue', name, {
      metadata: { name, namespace: NAMESPACE },
      spec: { clusterQueue },
    });
  const stopClusterQueue = (stopPolicy: string) =>
    objects().patch(
      {
        apiVersion: API,
        kind: 'ClusterQueue',
        metadata: { name: 'gpus' },
        spec: { stopPolicy },
      } as KubernetesObject,
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    );

  const backendOf = (queue: string) =>
    training.backend(
      { kueue: { queue, teams: {}, priorities: { high: 'urgent' } } },
      { flavors: [{ name: 'gpu', title: 'GPU', resources: { [GPU]: '1' } }] },
    );
  beforeAll(async () => {
    training = await TrainingCluster.start({
      // More than there are quotas for: who waits, waits for Kueue.
      capacity: { [GPU]: '8' },
      labels: { card: 'a100' },
      cleanupMillis: 1_500,
    });
    kueue = await TestKueue.start({ config: training.cluster.kubeConfig() });
    await make('ResourceFlavor', 'a100', {
      spec: { nodeLabels: { card: 'a100' } },
    });
    await make('WorkloadPriorityClass', 'urgent', { value: 1_000 });
    await makeClusterQueue('gpus', COVERED);
    await makeLocalQueue(QUEUE);
    backend = backendOf(QUEUE);
  });
  afterAll(async () => {
    await kueue?.stop();
    await training?.stop();
  });

  const attempt = (
    program: string,
    more: { count?: number; cpu?: string; priority?: JobPriority } = {},
  ) => {
    const { priority = 'normal', ...resources } = more;
    return training.attempt(program, {
      priority,
      resources: { count: 1, nodes: 1, flavor: 'gpu', ...resources },
    });
  };
  const begin = async (...all: Parameters<typeof attempt>) => {
    const { wanted, token } = attempt(...all);
    await backend.start(wanted, token);
    return wanted;
  };
  const readJob = (id: AttemptId) =>
    training.batch.readNamespacedJob({
      name: attemptName(id),
      namespace: NAMESPACE,
    });
  const workloadsOf = async (job: V1Job): Promise<Workload[]> => {
    const { items } = await training.cluster
      .kubeConfig()
      .makeApiClient(CustomObjectsApi)
      .listNamespacedCustomObject({
        group: 'kueue.x-k8s.io',
        version: 'v1beta2',
        namespace: NAMESPACE,
        plural: 'workloads',
      });
    return items.filter(({ metadata }: Workload) =>
      metadata?.ownerReferences?.some(({ uid }) => uid === job.metadata?.uid),
    );
  };
  const reasonOf = (state: ObservedAttempt['state']) =>
    state.phase === 'starting' && state.reason.kind === 'kueue'
      ? state.reason
      : undefined;
  const untilSays = async (id: AttemptId, words: RegExp, from = backend) =>
    reasonOf(
      await untilState(from, id, state =>
        words.test(reasonOf(state)?.message ?? ''),
      ),
    );
  /** A program that has written can be told to end: a process begins before that. */
  const untilWritten = async (id: AttemptId) => {
    for (let tries = 0; tries < 400; tries++) {
      const part = await backend.readLog(id, { fromByte: 0, mostBytes: 10 });
      if (part.bytes.length > 0) return;
      await sleep(50);
    }
    throw new Error('it writes nothing');
  };
  const end = async (...ids: AttemptId[]) => {
    await Promise.all(ids.map(id => backend.stop(id, { graceSeconds: 1 })));
    for (const id of ids) await untilState(backend, id, isEnded);
    for (const id of ids) await backend.release(id);
  };

  it('lets run what there is room for, on the nodes of its flavor', async () => {
    const id = await begin("console.log('ready'); setTimeout(() => {}, 500);");
    await untilState(backend, id, isRunning);
    const job = await readJob(id);
    expect(job.metadata?.labels?.['kueue.x-k8s.io/queue-name']).toBe(QUEUE);
    expect(job.spec?.template.spec?.nodeSelector).toEqual({ card: 'a100' });
    expect(await untilState(backend, id, isEnded)).toMatchObject({
      end: { kind: 'succeeded' },
    });
    expect(await wholeLog(backend, id)).toBe('ready\n');
    expect(backend.problem).toBeUndefined();
    await backend.release(id);
  });

  it('says why and where others wait, as Kueue itself says it, and starts them when there is room', async () => {
    const first = await begin(FOR_EVER, { count: 2 });
    await untilState(backend, first, isRunning);
    const second = await begin("console.log('second')");
    // Kueue orders by whole seconds.
    await sleep(1_100);
    const third = await begin('', { count: 2 });
    const state = await untilState(
      backend,
      third,
      one => reasonOf(one)?.before === 1 && !!reasonOf(one)?.message,
    );
    expect(reasonOf(state)).toEqual({
      kind: 'kueue',
      queue: QUEUE,
      position: 2,
      before: 1,
      message: expect.stringContaining(
        `insufficient unused quota for ${GPU} in flavor a100, 2 more needed`,
      ),
    });
    expect(await untilSays(second, /1 more needed/)).toMatchObject({
      position: 1,
      before: 0,
    });
    await end(first);
    for (const id of [second, third]) {
      expect(await untilState(backend, id, isEnded)).toMatchObject({
        end: { kind: 'succeeded' },
      });
    }
    expect(await wholeLog(backend, second)).toBe('second\n');
    await end(second, third);
  });

  it('says of what can never run there that it cannot', async () => {
    const large = await begin('', { count: 3 });
    expect(await untilSays(large, /maximum capacity \(2\)/)).toMatchObject({
      queue: QUEUE,
    });
    await makeClusterQueue('bare', ['cpu', 'memory', GPU]);
    await makeLocalQueue('bare', 'bare');
    const bare = backendOf('bare');
    const { wanted, token } = attempt('');
    await bare.start(wanted, token);
    const lacking = /resource ephemeral-storage unavailable in ClusterQueue/;
    expect(await untilSays(wanted, lacking, bare)).toMatchObject({
      queue: 'bare',
    });
    await end(large, wanted);
  });

  it('waits for a LocalQueue that is not there, and begins when somebody makes it', async () => {
    const other = backendOf('later');
    const { wanted, token } = attempt("console.log('there')");
    await other.start(wanted, token);
    await untilSays(wanted, /LocalQueue later doesn't exist/, other);
    await makeLocalQueue('later');
    await untilState(other, wanted, isEnded);
    expect(await wholeLog(other, wanted)).toBe('there\n');
    await other.release(wanted);
  });

  it('gives a place back that it has taken for a more important one, whatever its program made of it', async () => {
    const id = await begin(
      `process.on('SIGTERM', () => { console.log('saved'); process.exit(3); });
       console.log('ready');
       ${FOR_EVER}`,
      { count: 2 },
    );
    await untilWritten(id);
    const important = await begin(
      "console.log('first'); setTimeout(() => {}, 2_500);",
      { priority: 'high' },
    );
    const { uid } = (await readJob(important)).metadata ?? {};
    const said: string[] = [];
    await untilState(backend, id, state => {
      said.push(reasonOf(state)?.message ?? state.phase);
      return said.at(-1) === 'running' && said.some(one => /place/.test(one));
    });
    expect(said).not.toContain('ended');
    expect(said.find(one => /place/.test(one))).toMatch(
      new RegExp(
        `^its place was given to a more important one of its ClusterQueue: Preempted to accommodate a workload .*${uid}`,
      ),
    );
    // The second one may be told to end before it is ready.
    await backend.stop(id, { graceSeconds: 1 });
    await untilState(backend, id, isEnded);
    expect(await wholeLog(backend, id)).toMatch(
      /^ready\nsaved\n(ready\nsaved\n)?$/,
    );
    await untilState(backend, important, isEnded);
    expect(await wholeLog(backend, important)).toBe('first\n');
    await end(id, important);
  });

  it('says that its ClusterQueue is stopped, and goes on when it is not any more', async () => {
    const id = await begin(
      `process.on('SIGTERM', () => process.exit(0));
       console.log('ready');
       ${FOR_EVER}`,
    );
    await untilWritten(id);
    await stopClusterQueue('HoldAndDrain');
    // A program that ends well since it is told to, has not come to its end.
    await untilSays(id, /^its ClusterQueue is stopped/);
    const other = await begin('');
    await untilSays(other, /ClusterQueue gpus is (inactive|stopped)/);
    await stopClusterQueue('None');
    await untilState(backend, id, isRunning);
    expect(await untilState(backend, other, isEnded)).toMatchObject({
      end: { kind: 'succeeded' },
    });
    await end(id, other);
  });

  it('ends what was let run and has no node yet, and gives its quota back', async () => {
    const id = await begin(FOR_EVER, { cpu: '90' });
    await untilState(
      backend,
      id,
      ({ phase, ...more }) =>
        phase === 'starting' && Object(more).reason.kind === 'unschedulable',
    );
    await backend.stop(id, { graceSeconds: 1 });
    expect(await untilState(backend, id, isEnded)).toMatchObject({
      end: { kind: 'not-started' },
    });
    const job = await readJob(id);
    expect(
      job.status?.conditions?.find(({ type }) => type === 'Failed'),
    ).toMatchObject({ status: 'True', reason: 'DeadlineExceeded' });
    // All of it: else this one would wait.
    const all = await begin('', { count: 2 });
    await untilState(backend, all, isEnded);
    await end(id, all);
  });

  it('leaves no Workload of what is cancelled while it waits', async () => {
    const waits = await begin('', { count: 3 });
    await untilSays(waits, /maximum capacity/);
    const job = await readJob(waits);
    expect(await workloadsOf(job)).toHaveLength(1);
    await backend.stop(waits, { graceSeconds: 1 });
    expect(await untilState(backend, waits, isEnded)).toMatchObject({
      end: { kind: 'not-started' },
    });
    await backend.release(waits);
    for (let tries = 0; (await workloadsOf(job)).length > 0; tries++) {
      // A cluster looks for kinds that are new to it each half minute, and so at what goes with them.
      if (tries > 200) throw new Error('its Workload is still there');
      await sleep(200);
    }
  });

  it('shows that its manager is away, loses nothing meanwhile, and gets there by itself when it is back', async () => {
    const runs = await begin(
      "console.log('whole'); setTimeout(() => {}, 2_500);",
      { count: 2 },
    );
    await untilState(backend, runs, isRunning);
    const waits = await begin("console.log('at last')");
    await untilSays(waits, /1 more needed/);
    await kueue?.killManager();
    const { wanted, token } = attempt('');
    await expect(backend.start(wanted, token)).rejects.toThrow(
      BackendAwayError,
    );
    await expect(backend.stop(waits, { graceSeconds: 1 })).rejects.toThrow(
      /failed calling webhook "vjob\.kb\.io"/,
    );
    expect(backend.problem).toMatch(
      /^Kueue does not answer, so that jobs can neither begin nor be stopped: see whether its manager runs \(namespace kueue-system\): .*failed calling webhook/,
    );
    expect(await untilState(backend, runs, isEnded)).toMatchObject({
      end: { kind: 'succeeded' },
    });
    expect(await wholeLog(backend, runs)).toBe('whole\n');
    await kueue?.startManager();
    expect(await untilState(backend, waits, isEnded)).toMatchObject({
      end: { kind: 'succeeded' },
    });
    await backend.start(wanted, token);
    expect(backend.problem).toBeUndefined();
    await untilState(backend, wanted, isEnded);
    await end(runs, waits, wanted);
  });
});
