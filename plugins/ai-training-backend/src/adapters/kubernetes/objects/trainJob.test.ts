import type { V1PodSpec } from '@kubernetes/client-node';
import { NODE, STEP_LABEL, type TrainingRuntime } from '../trainer/TrainJob';
import { weaknessOf } from '../trainer/confinement';
import { IMAGE, JOB, placed } from './__testUtils__/placed';
import {
  hasNamesForTrainer,
  problemWithRuntime,
  trainingRuntime,
  trainJob,
} from './trainJob';

const NAME = `training-${JOB}-2`;
const runtime = (
  spec: Partial<V1PodSpec> = {},
  more: NonNullable<TrainingRuntime['spec']> = { mlPolicy: { torch: {} } },
): TrainingRuntime => ({
  kind: 'ClusterTrainingRuntime',
  metadata: { name: 'torch-distributed' },
  spec: {
    template: {
      spec: {
        replicatedJobs: [
          {
            name: NODE,
            template: {
              metadata: { labels: { [STEP_LABEL]: 'trainer' } },
              spec: {
                template: {
                  metadata: {
                    labels: { net: 'fast' },
                    annotations: { 'k8s.v1.cni.cncf.io/networks': 'ib' },
                  },
                  spec: {
                    containers: [{ name: NODE, image: 'theirs' }],
                    ...spec,
                  },
                },
              },
            },
          },
        ],
      },
    },
    ...more,
  },
});
const several = placed({ resources: { count: 1, nodes: 4 } });
const jobOf = (of = several, base = runtime()) =>
  trainingRuntime(of, base, undefined).spec?.template?.spec?.replicatedJobs?.[0]
    .template?.spec;

it('says what a job is, and takes the rest from a runtime of its own', () => {
  const { spec } = trainJob(several, runtime());
  expect(spec).toMatchObject({
    runtimeRef: { kind: 'TrainingRuntime', name: NAME },
    suspend: false,
    trainer: {
      image: IMAGE,
      command: ['python', 'train.py'],
      numNodes: 4,
      resourcesPerNode: { limits: { cpu: '1', memory: '2Gi' } },
    },
  });
  const variables = new Map(
    spec?.trainer?.env?.map(({ name, value }) => [name, value]),
  );
  expect(variables.get('MASTER_ADDR')).toBe(`${NAME}-node-0-0.${NAME}`);
  // A TrainJob is refused that says them where torch is the policy.
  expect([...variables.keys()].filter(name => /^PET_/.test(name))).toEqual([]);
});

it('has the variables of the launcher where the runtime has another policy', () => {
  const { spec } = trainJob(
    several,
    runtime({}, { mlPolicy: { numNodes: 1 } }),
  );
  const names = spec?.trainer?.env?.map(({ name }) => name);
  expect(names).toContain('PET_NODE_RANK');
});

it('has no more variables than a TrainJob may have, and the others in its runtime', () => {
  const parameters = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`p${i}`, i]),
  );
  const many = placed({ parameters, resources: { count: 1, nodes: 2 } });
  expect(trainJob(many, runtime()).spec?.trainer?.env).toHaveLength(128);
  const names = jobOf(many)?.template.spec?.containers[0].env?.map(
    ({ name }) => name,
  );
  expect(names).toContain('GREENROOM_PARAM_P199');
});

it('waits for Kueue where it decides', () => {
  const queued = placed(
    { resources: { count: 1, nodes: 2 } },
    { kueue: { queue: 'all', teams: {} } },
  );
  const { metadata, spec } = trainJob(queued, runtime());
  expect(spec?.suspend).toBe(true);
  expect(metadata.labels?.['kueue.x-k8s.io/queue-name']).toBe('all');
  // Kueue would hold the Job again that is made of it.
  expect(
    JSON.stringify(trainingRuntime(queued, runtime(), undefined)),
  ).not.toContain('kueue.x-k8s.io');
});

it('is placed as the runtime says, and a flavor before it', () => {
  const base = runtime(
    {
      nodeSelector: { zone: 'a', 'nvidia.com/gpu.product': 'T4' },
      tolerations: [{ key: 'train', operator: 'Exists' }],
      priorityClassName: 'training',
      schedulerName: 'gang',
    },
    {
      mlPolicy: { torch: {}, numNodes: 9 },
      podGroupPolicy: { coscheduling: {} },
    },
  );
  const of = {
    ...several,
    flavor: {
      name: 'a100',
      title: 'A100',
      resources: {},
      nodeSelector: { 'nvidia.com/gpu.product': 'A100' },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' as const }],
    },
  };
  const made = trainingRuntime(of, base, undefined);
  expect(made.spec?.mlPolicy).toEqual({ torch: {}, numNodes: 4 });
  expect(made.spec?.podGroupPolicy).toEqual({ coscheduling: {} });
  const template = jobOf(of, base)?.template;
  expect(template?.metadata).toMatchObject({
    labels: { net: 'fast', 'greenroom.dev/training-job': JOB },
    annotations: { 'k8s.v1.cni.cncf.io/networks': 'ib' },
  });
  expect(template?.spec).toMatchObject({
    nodeSelector: { zone: 'a', 'nvidia.com/gpu.product': 'A100' },
    tolerations: [{ key: 'train' }, { key: 'nvidia.com/gpu' }],
    priorityClassName: 'training',
    schedulerName: 'gang',
  });
});

it('may do no more than any attempt, whatever its runtime says', () => {
  const spec = jobOf(
    several,
    runtime({
      hostNetwork: true,
      hostPID: true,
      serviceAccountName: 'mighty',
      automountServiceAccountToken: true,
      securityContext: { runAsUser: 0 },
      volumes: [{ name: 'node', hostPath: { path: '/' } }],
      restartPolicy: 'Always',
      containers: [
        { name: NODE, securityContext: { privileged: true } },
        { name: 'spy', image: 'spy' },
      ],
    }),
  );
  expect(weaknessOf({ spec: spec?.template.spec })).toBeUndefined();
  expect(spec?.template.spec?.containers.map(({ name }) => name)).toEqual([
    NODE,
  ]);
  expect(JSON.stringify(spec)).not.toMatch(/hostPath|mighty|spy|Always/);
  expect(spec).toMatchObject({ backoffLimit: 0, completionMode: 'Indexed' });
});

it.each([
  [runtime(), /^$/],
  [
    runtime({}, { mlPolicy: { mpi: {} } }),
    /starts programs by mpi, which takes rights/,
  ],
  [
    { kind: 'TrainingRuntime', metadata: { name: 'a' }, spec: {} },
    /has the steps \(none\)/,
  ],
])('says whether attempts can run in a runtime: %#', (base, expected) => {
  const problem = problemWithRuntime(base as TrainingRuntime);
  expect(problem ?? '').toMatch(expected);
});

it('has names for up to a hundred nodes', () => {
  const of = (nodes: number, number = 1) =>
    hasNamesForTrainer(placed({ number, resources: { count: 1, nodes } }));
  expect(of(100)).toBe(true);
  expect(of(101)).toBe(false);
  expect(of(10, 99)).toBe(true);
  expect(of(11, 99)).toBe(false);
});
