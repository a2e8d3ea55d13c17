import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import { IMAGE, JOB, placed } from './__testUtils__/placed';
import { problemWithAttempt } from '../problemWithAttempt';
import type { PlacedAttempt } from './PlacedAttempt';
import { attemptName, attemptOf } from './labels';
import { trainingJob } from './trainingJob';
import { orderOf, trainingSecret } from './trainingSecret';

const A100: Flavor = {
  name: 'a100',
  title: 'A100',
  resources: { 'nvidia.com/gpu': '1', cpu: '8', memory: '60Gi' },
  nodeSelector: { 'nvidia.com/gpu.product': 'A100' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
  runtimeClass: 'nvidia',
};

const specOf = (of: PlacedAttempt) => trainingJob(of).spec!;
const podOf = (of: PlacedAttempt) => specOf(of).template.spec!;
const variablesOf = (of: PlacedAttempt) =>
  Object.fromEntries(
    (podOf(of).containers[0].env ?? []).map(one => [
      one.name,
      one.value ?? one.valueFrom,
    ]),
  );

it('is named after its attempt, in few enough characters for its pods, and is found by it', () => {
  const name = attemptName({ job: JOB, number: 999 });
  // A pod of it is a host of this name, a dash and its index.
  expect(`${name}-9999`.length).toBeLessThanOrEqual(63);
  const { metadata } = trainingJob(placed());
  expect(metadata.labels).toMatchObject({
    'app.kubernetes.io/managed-by': 'greenroom',
    'greenroom.dev/installation': 'portal-1',
    'greenroom.dev/team': 'group_default_team-a',
    'greenroom.dev/run': 'run-1',
    'backstage.io/kubernetes-id': 'digits',
  });
  expect(attemptOf(metadata.labels)).toEqual({ job: JOB, number: 2 });
  expect(attemptOf({})).toBeUndefined();
});

it('is tried once, says how it ended by itself, and stays to be read', () => {
  expect(specOf(placed())).toMatchObject({
    suspend: false,
    completionMode: 'Indexed',
    completions: 1,
    parallelism: 1,
    backoffLimit: 0,
    podReplacementPolicy: 'Failed',
    ttlSecondsAfterFinished: 604_800,
  });
});

it('fails with its program, unless Kueue may have ended that', () => {
  const rulesOf = (of: PlacedAttempt) =>
    specOf(of).podFailurePolicy!.rules.map(rule =>
      rule.onExitCodes ? 'code' : 'disruption',
    );
  expect(rulesOf(placed())).toEqual(['disruption', 'code']);
  const kueue = { queue: 'all', teams: {} };
  expect(rulesOf(placed({}, { kueue }))).toEqual(['disruption']);
});

it('says its priority to Kueue, where that has a class for it', () => {
  const labelsOf = (priority: 'normal' | 'high') => {
    const kueue = { queue: 'all', teams: {}, priorities: { high: 'urgent' } };
    return trainingJob(placed({ priority }, { kueue })).metadata.labels;
  };
  const key = 'kueue.x-k8s.io/priority-class';
  expect(labelsOf('high')).toHaveProperty([key], 'urgent');
  expect(labelsOf('normal')).not.toHaveProperty([key]);
});

it('has no rights, and nothing but its folders to write to', () => {
  const pod = podOf(placed());
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 60,
    securityContext: { runAsNonRoot: true, runAsUser: 1_000, fsGroup: 1_000 },
  });
  for (const container of [...pod.containers, ...pod.initContainers!]) {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const names = pod.volumes!.map(({ name }) => name);
    container.volumeMounts!.forEach(mount =>
      expect(names).toContain(mount.name),
    );
  }
  // What only the first one needs is not with the program.
  expect(pod.containers[0].volumeMounts!.map(({ name }) => name)).not.toContain(
    'order',
  );
});

it('takes what a flavor is, as often as it is wanted; a job may say otherwise', () => {
  const pod = podOf(
    placed(
      { resources: { flavor: 'a100', count: 2, nodes: 1, memory: '90Gi' } },
      {},
      A100,
    ),
  );
  const resources = { 'nvidia.com/gpu': '2', cpu: '16', memory: '90Gi' };
  expect(pod.containers[0].resources).toEqual({
    requests: resources,
    limits: resources,
  });
  expect(pod).toMatchObject({
    nodeSelector: A100.nodeSelector,
    tolerations: A100.tolerations,
    runtimeClassName: 'nvidia',
  });
  expect(podOf(placed()).containers[0].resources?.limits).toEqual({
    cpu: '1',
    memory: '2Gi',
  });
});

it('gives values as they are: Kubernetes would put variables in', () => {
  const of = placed({
    program: {
      image: IMAGE,
      command: ['sh', '-c', 'echo $(HOME) $HOME {{lr}}'],
    },
    parameters: { lr: 0.1, 'batch-size': 32 },
    environment: { PRICE: '$5' },
  });
  expect(podOf(of).containers[0].command).toEqual([
    'sh',
    '-c',
    'echo $$(HOME) $$HOME 0.1',
  ]);
  expect(variablesOf(of)).toMatchObject({
    PRICE: '$$5',
    GREENROOM_PARAM_LR: '0.1',
    GREENROOM_PARAM_BATCH_SIZE: '32',
    MLFLOW_TRACKING_URI: 'https://portal.example.com/api/ai-training/mlflow',
    MLFLOW_TRACKING_TOKEN: {
      secretKeyRef: { name: attemptName(of.wanted), key: 'token' },
    },
  });
  const unknown = placed({
    program: { image: IMAGE, command: ['x', '{{ epochs }}'] },
  });
  expect(() => trainingJob(unknown)).toThrow(
    'The command has {{ epochs }}, and there is no parameter epochs',
  );
});

it('tells programs of Kubeflow Trainer where to say how far they are, and whom to trust', () => {
  const plain = variablesOf(placed());
  expect(plain.KUBEFLOW_TRAINER_STATUS_TOKEN).toBe(
    '/var/run/secrets/greenroom/token',
  );
  expect(plain).not.toHaveProperty('KUBEFLOW_TRAINER_SERVER_CA_CERT');
  const own = placed({}, { controlPlaneCa: 'PEM' });
  expect(variablesOf(own).KUBEFLOW_TRAINER_SERVER_CA_CERT).toBe(
    '/var/run/secrets/greenroom/ca.crt',
  );
  const secret = trainingSecret(own, {
    owner: { apiVersion: 'batch/v1', kind: 'Job', uid: 'uid' },
    order: Buffer.from('order'),
    token: 'grt_1',
  });
  expect(Object.keys(secret.data!)).toEqual(['order', 'token', 'ca.crt']);
  expect(JSON.stringify(trainingJob(own))).not.toContain('grt_1');
});

it('has a program alone with its own checkpoints', () => {
  const kept = placed({ resumeOf: 'other' }, { checkpointsClaim: 'claim' });
  const mount = podOf(kept).containers[0].volumeMounts!.find(
    ({ name }) => name === 'claim',
  );
  expect(mount).toMatchObject({ subPath: JOB });
  expect(orderOf(kept)).toMatchObject({
    checkpoints: { own: JOB, from: 'other' },
  });
  expect(orderOf(placed())).not.toHaveProperty('checkpoints');
});

it.each([
  [{ image: undefined }, {}, /names no image, and prod is a cluster/],
  [{ image: 'a:1' }, {}, /'a:1' may be another one tomorrow/],
  [
    { image: IMAGE },
    { flavor: 'h100' },
    /^resources\.flavor: there is no flavor 'h100': .* has a100$/,
  ],
  [{ image: IMAGE }, { memory: '2 GB' }, /resources.memory is '2 GB'/],
])('says why it cannot run: %j %j', (program, resources, expected) => {
  const problem = problemWithAttempt(
    {
      program: { command: ['a'], ...program },
      resources: { count: 1, nodes: 1, ...resources },
    },
    { place: { name: 'prod', allowTags: false }, flavors: [A100] },
  );
  expect(problem).toMatch(expected);
});

it('has nothing against what it can run', () => {
  const { program } = placed().wanted;
  const resources = { flavor: 'a100', count: 1, nodes: 2, cpu: '500m' };
  const options = {
    place: { name: 'prod', allowTags: false },
    flavors: [A100],
  };
  expect(problemWithAttempt({ program, resources }, options)).toBeUndefined();
  const tag = { image: 'a:1', command: ['a'] };
  const tags = { ...options, place: { name: 'prod', allowTags: true } };
  expect(problemWithAttempt({ program: tag, resources }, tags)).toBeUndefined();
});
