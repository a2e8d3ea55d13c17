import { TestTrainer } from '@greenroom/test-cluster';
import {
  CustomObjectsApi,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
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
import type { TrainerSettings } from './settings';
import { weaknessOf } from './trainer/confinement';

jest.setTimeout(120_000);

const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const TRAINER: TrainerSettings = {
  runtime: 'torch-distributed',
  runtimeKind: 'ClusterTrainingRuntime',
  runs: 'several-nodes',
};
const TRAIN_JOBS = {
  group: 'trainer.kubeflow.org',
  version: 'v1alpha1',
  namespace: NAMESPACE,
  plural: 'trainjobs',
};
/** Has the containers of attempts write to their images. */
const mutation = (name: string) => {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const writable = (list: string) => `object.spec.${list}.map(c,
    Object.spec.${list}{ name: c.name, securityContext:
      Object.spec.${list}.securityContext{ readOnlyRootFilesystem: false } })`;
  return [
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicy',
      metadata: { name },
      spec: {
        reinvocationPolicy: 'Never',
        matchConstraints: {
          objectSelector: {
            matchExpressions: [
              { key: 'greenroom.dev/training-job', operator: 'Exists' },
            ],
          },
          resourceRules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['pods'],
            },
          ],
        },
        mutations: ['containers', 'initContainers'].map(list => ({
          patchType: 'ApplyConfiguration',
          applyConfiguration: {
            expression: `has(object.spec.${list}) ? Object{ spec: Object.spec{ ${list}: ${writable(
              list,
            )} } } : Object{}`,
          },
        })),
      },
    },
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name },
    },
  ];
};
const TWO_NODES = { resources: { count: 1, nodes: 2 } };

describe('Kubeflow Trainer', () => {
  let training: TrainingCluster;
  let trainer: TestTrainer | undefined;

  beforeAll(async () => {
    training = await TrainingCluster.start();
  });
  afterAll(async () => {
    await trainer?.stop();
    await training?.stop();
  });

  const custom = () =>
    training.cluster.kubeConfig().makeApiClient(CustomObjectsApi);
  const readTrainJob = (name: string) =>
    custom().getNamespacedCustomObject({ ...TRAIN_JOBS, name });
  const podsOf = async (job: string) => {
    const { items } = await training.core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `greenroom.dev/training-job=${job}`,
    });
    return items;
  };
  const untilGone = async (read: () => Promise<unknown>, what: string) => {
    for (let tries = 0; tries < 200; tries++) {
      const error = await read().catch(thrown => thrown);
      if (Object(error).code === 404) return;
      await sleep(100);
    }
    throw new Error(`${what} is still there`);
  };
  /** A policy is in force some time after it was made, and after it was removed. */
  const untilMutated = async (isSo: boolean) => {
    for (let tries = 0; tries < 100; tries++) {
      const { spec } = await training.core.createNamespacedPod({
        namespace: NAMESPACE,
        dryRun: 'All',
        body: {
          metadata: {
            name: 'asks',
            labels: { 'greenroom.dev/training-job': 'asks' },
          },
          spec: {
            securityContext: {
              runAsNonRoot: true,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                name: 'node',
                image: 'a',
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      });
      const isReadOnly =
        spec?.containers[0].securityContext?.readOnlyRootFilesystem;
      if (isReadOnly !== isSo) return;
      await sleep(200);
    }
    throw new Error('the policy is not as it is to be');
  };
  /** What somebody else changes of a TrainJob. */
  const change = (name: string, body: object) =>
    custom().patchNamespacedCustomObject({ ...TRAIN_JOBS, name, body }, MERGE);

  it('is not needed: where a cluster has none, a job of several nodes is a Job', async () => {
    const backend = training.backend({ trainer: TRAINER });
    const { wanted, token } = training.attempt('', TWO_NODES);
    await backend.start(wanted, token);
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: { kind: 'succeeded' },
    });
    const { items } = await training.batch.listNamespacedJob({
      namespace: NAMESPACE,
    });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual([
      attemptName(wanted),
    ]);
    await backend.release(wanted);
    expect(backend.problem).toBeUndefined();
  });

  describe('where it is installed', () => {
    beforeAll(async () => {
      trainer = await TestTrainer.start({
        config: training.cluster.kubeConfig(),
      });
    });

    it('runs a job of several nodes, confined as every job, and nothing of it stays', async () => {
      const backend = training.backend({
        trainer: TRAINER,
        networkPolicy: { allow: [{ cidr: '10.0.0.0/8', port: 443 }] },
      });
      const { wanted, token } = training.attempt(
        `const { env } = process;
         console.log(env.RANK, env.WORLD_SIZE, env.MASTER_ADDR, env.PET_NNODES, env.PET_NODE_RANK, env.PET_MASTER_ADDR, env.GREENROOM_PARAM_RATE);
         if (env.RANK === '0') setTimeout(() => {}, 3000);`,
        {
          resources: { count: 1, nodes: 3, memory: '300Mi' },
          parameters: { rate: '$(HOME) 0.1' },
        },
      );
      const name = attemptName(wanted);
      await backend.start(wanted, token);
      await backend.start(wanted, token);
      await untilState(backend, wanted, isRunning);
      const pods = await podsOf(wanted.job);
      expect(pods.map(({ spec }) => spec?.hostname).sort()).toEqual(
        [0, 1, 2].map(index => `${name}-node-0-${index}`),
      );
      for (const pod of pods) {
        expect(weaknessOf(pod)).toBeUndefined();
        expect(pod.spec?.containers[0].resources?.limits).toEqual({
          cpu: '100m',
          memory: '300Mi',
        });
        expect(pod.spec?.restartPolicy).toBe('Never');
      }
      expect(await untilState(backend, wanted, isEnded)).toMatchObject({
        end: { kind: 'succeeded' },
      });
      const address = `${name}-node-0-0.${name}`;
      expect(await wholeLog(backend, wanted)).toBe(
        `0 3 ${address} 3 0 ${address} $(HOME) 0.1\n`,
      );
      const made = Object(await readTrainJob(name));
      expect(made.spec).toMatchObject({
        runtimeRef: { kind: 'TrainingRuntime', name },
        suspend: false,
        trainer: { numNodes: 3, image: wanted.program.image },
      });
      expect(JSON.stringify(made)).not.toContain(token);
      const secret = await training.core.readNamespacedSecret({
        name,
        namespace: NAMESPACE,
      });
      expect(secret.metadata?.ownerReferences).toMatchObject([
        { kind: 'TrainJob', uid: made.metadata.uid },
      ]);

      await backend.release(wanted);
      await untilGone(() => readTrainJob(name), 'the TrainJob');
      await untilGone(
        () =>
          custom().getNamespacedCustomObject({
            ...TRAIN_JOBS,
            plural: 'trainingruntimes',
            name,
          }),
        'the runtime',
      );
      await untilGone(
        () =>
          training.core.readNamespacedSecret({ name, namespace: NAMESPACE }),
        'the Secret',
      );
      for (let tries = 0; (await podsOf(wanted.job)).length > 0; tries++) {
        // A cluster looks for kinds that are new to it each half minute, and so at what goes with them.
        if (tries > 300) throw new Error('its pods are still there');
        await sleep(200);
      }
      expect(await backend.observe()).toEqual([]);
    });

    it('leaves a job of one node a Job, unless all are its own', async () => {
      const some = training.backend({ trainer: TRAINER });
      const all = training.backend({ trainer: { ...TRAINER, runs: 'all' } });
      const { wanted, token } = training.attempt(FOR_EVER);
      await some.start(wanted, token);
      // What has begun one way goes on so.
      await all.start(wanted, token);
      await untilGone(() => readTrainJob(attemptName(wanted)), 'a TrainJob');
      const other = training.attempt(FOR_EVER);
      await all.start(other.wanted, other.token);
      await untilState(some, other.wanted, isRunning);
      expect(
        Object(await readTrainJob(attemptName(other.wanted))).spec.trainer,
      ).toMatchObject({ numNodes: 1 });
      for (const one of [wanted, other.wanted]) {
        await all.stop(one, { graceSeconds: 1 });
        await untilState(all, one, isEnded);
        await all.release(one);
      }
    });

    it('ends all programs when one fails, and says which', async () => {
      const backend = training.backend({ trainer: TRAINER });
      const { wanted, token } = training.attempt(
        `if (process.env.RANK === '1') {
           setTimeout(() => { console.log('no such card'); process.exit(3); }, 3000);
         } else {
           console.log('I wait');
           setInterval(() => {}, 1000);
         }`,
        TWO_NODES,
      );
      await backend.start(wanted, token);
      expect(await untilState(backend, wanted, isEnded)).toMatchObject({
        end: { kind: 'program-failed', exitCode: 3, lastLines: 'no such card' },
      });
      expect(await wholeLog(backend, wanted)).toBe(
        'I wait\n\n--- The last lines of program 1, which has failed:\nno such card\n',
      );
      await backend.release(wanted);
    });

    it('waits for Kueue, gives its place back, and ends while it waits', async () => {
      const backend = training.backend({
        trainer: TRAINER,
        kueue: { queue: 'all', teams: {} },
      });
      const { wanted, token } = training.attempt(FOR_EVER, TWO_NODES);
      const name = attemptName(wanted);
      await backend.start(wanted, token);
      await untilState(
        backend,
        wanted,
        state => state.phase === 'starting' && state.reason.kind === 'kueue',
      );
      const { metadata, spec } = Object(await readTrainJob(name));
      expect(metadata.labels['kueue.x-k8s.io/queue-name']).toBe('all');
      expect(spec.suspend).toBe(true);
      expect(await podsOf(wanted.job)).toEqual([]);
      await change(name, { spec: { suspend: false } });
      await untilState(backend, wanted, isRunning);
      await change(name, { spec: { suspend: true } });
      await untilState(
        backend,
        wanted,
        state => state.phase === 'starting' && state.reason.kind === 'kueue',
      );
      await backend.stop(wanted, { graceSeconds: 1 });
      expect(await untilState(backend, wanted, isEnded)).toMatchObject({
        end: { kind: expect.stringMatching(/not-started|program-failed/) },
      });
      await backend.release(wanted);
    });

    it('ends at once what the cluster has made less confined, and says in what', async () => {
      const objects = training.cluster
        .kubeConfig()
        .makeApiClient(KubernetesObjectApi);
      // As somebody's webhook may do it.
      const policy = mutation('writable');
      for (const object of policy) await objects.create(object);
      await untilMutated(true);
      const backend = training.backend({ trainer: TRAINER });
      const { wanted, token } = training.attempt(FOR_EVER, TWO_NODES);
      await backend.start(wanted, token);
      expect(await untilState(backend, wanted, isEnded)).toMatchObject({
        end: {
          kind: 'refused',
          message:
            'Kubeflow Trainer has made a pod that is less confined than it is to be: its container fetch may write to its image (readOnlyRootFilesystem)',
        },
      });
      await backend.release(wanted);
      for (const object of policy) await objects.delete(object);
      await untilMutated(false);
    });

    it('has no pods for ever where no control plane reads it, and is not run again without its Job', async () => {
      const backend = training.backend({ trainer: TRAINER });
      const { wanted, token } = training.attempt('process.exit(3)', TWO_NODES);
      await backend.start(wanted, token);
      await untilState(backend, wanted, isEnded);
      const name = `${attemptName(wanted)}-node-0`;
      const place = { name, namespace: NAMESPACE };
      const { spec } = await training.batch.readNamespacedJob(place);
      expect(spec?.ttlSecondsAfterFinished).toBe(7 * 24 * 60 * 60);
      // As a week later.
      await training.batch.patchNamespacedJob(
        { ...place, body: { spec: { ttlSecondsAfterFinished: 1 } } },
        MERGE,
      );
      await untilGone(() => training.batch.readNamespacedJob(place), 'the Job');
      for (let tries = 0; (await podsOf(wanted.job)).length > 0; tries++) {
        if (tries > 300) throw new Error('its pods are still there');
        await sleep(200);
      }
      await sleep(3_000);
      expect(await podsOf(wanted.job)).toEqual([]);
      // Who comes late knows that it has ended, and removes the rest.
      const late = training.backend({ trainer: TRAINER });
      await untilState(late, wanted, isEnded);
      await late.release(wanted);
      await untilGone(() => readTrainJob(attemptName(wanted)), 'the TrainJob');
    });

    it('says what is wrong with a runtime, and that there is none', async () => {
      const { wanted, token } = training.attempt('', TWO_NODES);
      const without = training.backend({
        trainer: { ...TRAINER, runtime: 'nowhere' },
      });
      await expect(without.start(wanted, token)).rejects.toThrow(
        'there is no ClusterTrainingRuntime nowhere: install the runtimes of Kubeflow Trainer, or name another one (aiTraining.kubernetes[].trainer.runtime)',
      );
      await custom().createNamespacedCustomObject({
        ...TRAIN_JOBS,
        plural: 'trainingruntimes',
        body: {
          apiVersion: 'trainer.kubeflow.org/v1alpha1',
          kind: 'TrainingRuntime',
          metadata: { name: 'two-steps' },
          spec: {
            template: {
              spec: {
                replicatedJobs: ['node', 'launcher'].map(name => ({
                  name,
                  template: {
                    spec: {
                      template: {
                        spec: { containers: [{ name: 'node', image: 'a' }] },
                      },
                    },
                  },
                })),
              },
            },
          },
        },
      });
      const wrong = training.backend({
        trainer: {
          ...TRAINER,
          runtime: 'two-steps',
          runtimeKind: 'TrainingRuntime',
        },
      });
      await expect(wrong.start(wanted, token)).rejects.toThrow(
        'TrainingRuntime two-steps has the steps node, launcher: name one with a single step',
      );
      const all = await wrong.observe();
      expect(all.map(({ job }) => job)).not.toContain(wanted.job);
    });

    it('is lost where somebody removes the TrainJob, and found by another control plane', async () => {
      const first = training.backend({ trainer: TRAINER });
      const { wanted, token } = training.attempt(FOR_EVER, TWO_NODES);
      await first.start(wanted, token);
      await untilState(first, wanted, isRunning);
      const second = training.backend({ trainer: TRAINER });
      await untilState(second, wanted, isRunning);
      await custom().deleteNamespacedCustomObject({
        ...TRAIN_JOBS,
        name: attemptName(wanted),
      });
      expect(await untilState(second, wanted, isEnded)).toMatchObject({
        end: {
          kind: 'lost',
          message: `somebody has removed its TrainJob ${attemptName(wanted)}`,
        },
      });
      await second.release(wanted);
    });
  });
});
