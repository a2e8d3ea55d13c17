import { ConfigReader } from '@backstage/config';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTrainingPlaces } from './settings';

const LEAST = {
  namespace: 'training',
  controlPlaneUrl: 'https://portal.example.com/',
  fetchImage: 'example/data-plane:1',
};
const read = (...kubernetes: object[]) =>
  readTrainingPlaces(
    new ConfigReader({ aiTraining: { kubernetes } } as object),
  );

it('needs little, and knows the rest', () => {
  expect(readTrainingPlaces(new ConfigReader({}))).toEqual([]);
  expect(read(LEAST, { ...LEAST, cluster: 'prod' })).toMatchObject([
    {
      name: 'kubernetes',
      namespace: 'training',
      controlPlaneUrl: 'https://portal.example.com',
      allowTags: false,
      cpu: '1',
      memory: '2Gi',
      userId: 65_532,
      graceSeconds: 120,
      imageSeconds: 300,
    },
    { name: 'prod', cluster: 'prod' },
  ]);
});

it('reads what is allowed, and who signs the portal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'training-settings-'));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, '-----BEGIN CERTIFICATE-----\nx');
  const [place] = read({
    ...LEAST,
    controlPlaneCaFile: file,
    networkPolicy: {
      allow: [
        { cidr: '10.0.0.7/32', port: 443 },
        { namespace: 'greenroom', podLabels: { app: 'portal' } },
      ],
    },
    kueue: {
      queue: 'all',
      teams: { 'group:default/a': 'a' },
      priorities: { high: 'urgent' },
    },
  });
  rmSync(folder, { recursive: true });
  expect(place.controlPlaneCa).toContain('BEGIN CERTIFICATE');
  expect(place.networkPolicy).toEqual({
    allow: [
      { cidr: '10.0.0.7/32', port: 443 },
      { namespace: 'greenroom', podLabels: { app: 'portal' } },
    ],
  });
  expect(place.kueue).toEqual({
    queue: 'all',
    teams: { 'group:default/a': 'a' },
    priorities: { high: 'urgent' },
  });
});

it.each([
  [{ namespace: undefined }, '[0].namespace is not set'],
  [{ namespace: 'A b' }, "[0].namespace is 'A b': expected the name"],
  [{ controlPlaneUrl: 'portal' }, "[0].controlPlaneUrl is 'portal'"],
  [{ fetchImage: undefined }, '[0].fetchImage is not set'],
  [{ name: 'local' }, "[0].name is 'local', which is the control plane's own"],
  [{ graceSeconds: 0 }, '[0].graceSeconds is 0: expected a whole number'],
  [{ memory: '2 GB' }, "[0].memory is '2 GB'"],
  [{ networkPolicy: { allow: [] } }, '[0].networkPolicy.allow names nothing'],
  [
    { networkPolicy: { allow: [{ port: 1 }] } },
    '[0].networkPolicy.allow[0]: expected either cidr or namespace',
  ],
  [
    { networkPolicy: { allow: [{ cidr: '10.0.0.1/32', port: 0 }] } },
    '[0].networkPolicy.allow[0].port is 0',
  ],
  [{ kueue: {} }, '[0].kueue: expected queue'],
  [
    { kueue: { queue: 'a', priorities: { urgent: 'a' } } },
    '[0].kueue.priorities.urgent: expected one of low, normal, high',
  ],
  [
    { kueue: { queue: 'a', priorities: { low: 'A b' } } },
    "[0].kueue.priorities.low is 'A b': expected the name",
  ],
  [{ controlPlaneCaFile: '/nowhere' }, 'which cannot be read'],
])('names what is wrong: %j', (change, message) => {
  expect(() => read({ ...LEAST, ...change })).toThrow(message);
});

it('tells two clusters apart by their names', () => {
  expect(() => read(LEAST, LEAST)).toThrow(
    "aiTraining.kubernetes[1].name is 'kubernetes', as that of another one",
  );
});

it('has Kubeflow Trainer run jobs of several nodes where it is named, and says what is wrong', () => {
  const trainerOf = (trainer: object) => read({ ...LEAST, trainer })[0].trainer;
  expect(read(LEAST)[0].trainer).toBeUndefined();
  expect(trainerOf({})).toEqual({
    runtime: 'torch-distributed',
    runtimeKind: 'ClusterTrainingRuntime',
    runs: 'several-nodes',
  });
  expect(() => trainerOf({ runs: 'none' })).toThrow(
    "aiTraining.kubernetes[0].trainer.runs is 'none': expected several-nodes or all",
  );
  expect(() => trainerOf({ runtimeKind: 'Runtime' })).toThrow(
    'expected ClusterTrainingRuntime or TrainingRuntime',
  );
  expect(() => trainerOf({ runtime: 'a/b' })).toThrow(
    "aiTraining.kubernetes[0].trainer.runtime is 'a/b': expected the name of a runtime",
  );
});
