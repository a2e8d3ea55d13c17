import { ServedApi } from '@greenroom/test-cluster';
import {
  ApiextensionsV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
  type V1CustomResourceDefinition,
} from '@kubernetes/client-node';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import {
  FOR_EVER,
  isEnded,
  isRunning,
  NAMESPACE,
  TrainingCluster,
  untilState,
  wholeLog,
} from './__testUtils__/TrainingCluster';
import { attemptName } from './objects/labels';

jest.setTimeout(120_000);

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const WORKLOADS = {
  group: 'kueue.x-k8s.io',
  version: 'v1beta2',
  plural: 'workloads',
  namespace: NAMESPACE,
};
const TEAM = 'group:default/team-a';

describe('Kueue', () => {
  let training: TrainingCluster;

  beforeAll(async () => {
    training = await TrainingCluster.start();
  });
  afterAll(async () => {
    await training?.stop();
  });

  const custom = () =>
    training.cluster.kubeConfig().makeApiClient(CustomObjectsApi);

  /** As Kueue's manager does it: the kinds and the API are real, and it is not. */
  const makeWorkload = async (job: string) => {
    const { metadata } = await training.batch.readNamespacedJob({
      name: job,
      namespace: NAMESPACE,
    });
    await custom().createNamespacedCustomObject({
      ...WORKLOADS,
      body: {
        apiVersion: 'kueue.x-k8s.io/v1beta2',
        kind: 'Workload',
        metadata: {
          name: `job-${job}`,
          ownerReferences: [
            {
              apiVersion: 'batch/v1',
              kind: 'Job',
              name: job,
              uid: metadata?.uid,
            },
          ],
        },
        spec: {
          queueName: 'team-a',
          podSets: [
            {
              name: 'main',
              count: 1,
              template: { spec: { containers: [{ name: 'a', image: 'a' }] } },
            },
          ],
        },
      },
    });
  };

  const setCondition = (
    job: string,
    condition: { type: string; status: string; message: string },
  ) =>
    custom().patchNamespacedCustomObjectStatus(
      {
        ...WORKLOADS,
        name: `job-${job}`,
        body: {
          status: {
            conditions: [
              {
                reason: 'Told',
                lastTransitionTime: new Date().toISOString(),
                ...condition,
              },
            ],
          },
        },
      },
      MERGE,
    );

  const setSuspended = (job: string, suspend: boolean) =>
    training.batch.patchNamespacedJob(
      { name: job, namespace: NAMESPACE, body: { spec: { suspend } } },
      MERGE,
    );

  const untilSays = async (
    backend: ReturnType<TrainingCluster['backend']>,
    id: { job: string; number: number },
    text: string,
  ) =>
    untilState(
      backend,
      id,
      state =>
        state.phase === 'starting' &&
        state.reason.kind === 'kueue' &&
        state.reason.message?.includes(text) === true,
    );

  const untilWritten = async (
    backend: ReturnType<TrainingCluster['backend']>,
    id: { job: string; number: number },
  ) => {
    for (let tries = 0; tries < 200; tries++) {
      const part = await backend.readLog(id, { fromByte: 0, mostBytes: 10 });
      if (part.bytes.length > 0) return;
      await sleep(50);
    }
    throw new Error('it writes nothing');
  };

  it('is said to lack where it is not installed', async () => {
    const backend = training.backend({ kueue: { queue: 'all', teams: {} } });
    const { wanted, token } = training.attempt('');
    await backend.start(wanted, token);
    await untilSays(backend, wanted, 'Kueue is not installed in the cluster');
    expect(backend.problem).toMatch(/^Kueue is not installed/);
    await backend.stop(wanted, { graceSeconds: 1 });
    await untilState(backend, wanted, isEnded);
    await backend.release(wanted);
  });

  const untilServed = async () => {
    for (let tries = 0; tries < 100; tries++) {
      const isServed = await custom()
        .listNamespacedCustomObject(WORKLOADS)
        .then(
          () => true,
          () => false,
        );
      if (isServed) return;
      await sleep(100);
    }
    throw new Error('its kinds are not served');
  };

  const installKinds = async () => {
    const folder = process.env.GREENROOM_TEST_KUEUE ?? '';
    await training.cluster
      .kubeConfig()
      .makeApiClient(ApiextensionsV1Api)
      .createCustomResourceDefinition({
        body: parse(
          readFileSync(join(folder, 'kueue.x-k8s.io_workloads.yaml'), 'utf8'),
        ) as V1CustomResourceDefinition,
      });
    await untilServed();
  };

  it('decides when a job starts, says why it waits, and may take its place away', async () => {
    await installKinds();
    const backend = training.backend({
      kueue: { teams: { [TEAM]: 'team-a' } },
    });
    const { wanted, token } = training.attempt(
      `console.log('ready'); ${FOR_EVER}`,
      { team: TEAM },
    );
    const name = attemptName(wanted);
    await backend.start(wanted, token);
    const { metadata, spec } = await training.batch.readNamespacedJob({
      name,
      namespace: NAMESPACE,
    });
    expect(spec?.suspend).toBe(true);
    expect(metadata?.labels?.['kueue.x-k8s.io/queue-name']).toBe('team-a');
    expect(
      await untilState(
        backend,
        wanted,
        state => state.phase === 'starting' && state.reason.kind === 'kueue',
      ),
    ).toMatchObject({ reason: { kind: 'kueue', queue: 'team-a' } });
    await makeWorkload(name);
    const message = 'insufficient unused quota for nvidia.com/gpu';
    await setCondition(name, {
      type: 'QuotaReserved',
      status: 'False',
      message,
    });
    await untilSays(backend, wanted, message);
    expect(backend.problem).toBeUndefined();

    await setCondition(name, { type: 'Admitted', status: 'True', message: '' });
    await setSuspended(name, false);
    await untilState(backend, wanted, isRunning);
    await untilWritten(backend, wanted);

    await setCondition(name, {
      type: 'QuotaReserved',
      status: 'False',
      message: 'preempted for a more important one',
    });
    await setSuspended(name, true);
    await untilSays(backend, wanted, 'preempted for a more important one');
    await setSuspended(name, false);
    await untilState(backend, wanted, isRunning);
    await sleep(500);
    await backend.stop(wanted, { graceSeconds: 1 });
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: { kind: 'program-failed', signal: 'SIGTERM' },
    });
    expect(await wholeLog(backend, wanted)).toBe('ready\nready\n');
    await backend.release(wanted);
  });

  it('says where jobs wait: counted, as long as Kueue does not say it, then as it does', async () => {
    const place = { kueue: { queue: 'team-a', teams: {} } };
    const backend = training.backend(place);
    const attempts = [1, 2].map(() => training.attempt(FOR_EVER));
    for (const { wanted, token } of attempts) {
      await backend.start(wanted, token);
      await makeWorkload(attemptName(wanted));
      await setCondition(attemptName(wanted), {
        type: 'QuotaReserved',
        status: 'False',
        message: 'no quota',
      });
      // Kueue orders by whole seconds.
      await sleep(1_100);
    }
    const reasonOf = async (
      { wanted }: (typeof attempts)[number],
      position: number,
      from = backend,
    ) => {
      const state = await untilState(
        from,
        wanted,
        ({ phase, ...more }) =>
          phase === 'starting' && Object(more).reason.position === position,
      );
      return Object(state).reason;
    };
    expect(await reasonOf(attempts[0], 1)).toEqual({
      kind: 'kueue',
      queue: 'team-a',
      position: 1,
      isEstimate: true,
      message: 'no quota',
    });
    expect(await reasonOf(attempts[1], 2)).toMatchObject({ isEstimate: true });

    const asked: string[] = [];
    const api = await ServedApi.start({
      config: training.cluster.kubeConfig(),
      group: 'visibility.kueue.x-k8s.io',
      version: 'v1beta2',
      answer: (path, query) => {
        asked.push(`${path}?${query}`);
        return {
          status: 200,
          body: {
            kind: 'PendingWorkloadsSummary',
            apiVersion: 'visibility.kueue.x-k8s.io/v1beta2',
            // Kueue may have put the younger one first.
            items: [...attempts].reverse().map(({ wanted }, index) => ({
              metadata: { name: `job-${attemptName(wanted)}` },
              localQueueName: 'team-a',
              positionInLocalQueue: index,
              positionInClusterQueue: index + 4,
            })),
          },
        };
      },
    });
    const second = training.backend(place);
    expect(await reasonOf(attempts[0], 2, second)).toEqual({
      kind: 'kueue',
      queue: 'team-a',
      position: 2,
      before: 5,
      message: 'no quota',
    });
    expect(asked).toContain(
      `/apis/visibility.kueue.x-k8s.io/v1beta2/namespaces/${NAMESPACE}/localqueues/team-a/pendingworkloads?limit=1000&offset=0`,
    );
    expect(second.problem).toBeUndefined();

    // As in an installation whose rights are those of an older release.
    await training.forgetRight('visibility.kueue.x-k8s.io');
    const third = training.backend(place);
    await untilState(third, attempts[0].wanted, state =>
      JSON.stringify(state).includes('isEstimate'),
    );
    for (let tries = 0; !third.problem && tries < 100; tries++) {
      await third.observe();
      await sleep(100);
    }
    expect(third.problem).toMatch(
      /lacks the right to get localqueues\/pendingworkloads of visibility\.kueue\.x-k8s\.io/,
    );
    await api.stop();
    for (const { wanted } of attempts) {
      await backend.stop(wanted, { graceSeconds: 0 });
      await untilState(backend, wanted, isEnded);
      await backend.release(wanted);
    }
  });
});
