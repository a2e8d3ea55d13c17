import { SPEC } from './__testUtils__/createJobHarness';
import { fillJob } from './fillJob';

const fill = (
  wanted: Partial<Parameters<typeof fillJob>[1]>,
  before?: Parameters<typeof fillJob>[2],
) => fillJob(SPEC, { template: 'digits', ...wanted }, before);

it('takes from the template what nobody says', () => {
  expect(fill({})).toEqual({
    parameters: { trees: 100, note: '' },
    datasets: [{ name: 'rows', dataset: 'digits-train', version: undefined }],
    resources: { count: 1, nodes: 1 },
    priority: 'normal',
    deadlineMinutes: 60,
    team: 'group:default/vision',
  });
});

it('takes from the job that it is made after what nobody says, where that still fits', () => {
  const before = {
    ...fill({
      parameters: { trees: 7, note: 'first' },
      datasets: { rows: 2 },
      priority: 'high',
      deadlineMinutes: 5,
    }),
    datasets: [
      { name: 'rows', dataset: 'digits-train', version: 2, digest: 'sha256:' },
    ],
  };
  expect(fill({ parameters: { note: 'second' } }, before)).toMatchObject({
    parameters: { trees: 7, note: 'second' },
    datasets: [{ version: 2 }],
    priority: 'high',
    deadlineMinutes: 5,
  });
  const old = { ...before, parameters: { trees: 9_999, gone: 1 } };
  expect(fill({}, old).parameters).toEqual({ trees: 100, note: '' });
});

it.each([1e20, 2_147_483_648, 0, -1, 1.5, NaN])(
  'names the dataset whose version is %s',
  rows =>
    expect(() => fill({ datasets: { rows } })).toThrow(
      `datasets.rows: expected the number of a version, 1 to 2147483647, got ${rows}`,
    ),
);

it.each([
  [
    { parameters: { trees: 0 } },
    'parameters.trees: expected at least 1, got 0',
  ],
  [{ parameters: { trees: '7' } }, 'expected a whole number, got "7"'],
  [
    { parameters: { leaves: 1 } },
    'parameters.leaves: the template has none of this name: expected trees, note',
  ],
  [
    { parameters: { constructor: 1 } },
    'parameters.constructor: the template has none of this name',
  ],
  [
    { resources: { memory: '1GB' } },
    "resources.memory: expected a quantity of Kubernetes: 4Gi or 512Mi, got '1GB'",
  ],
  [
    { resources: { memory: '300' } },
    'resources.memory: expected at least 16Mi',
  ],
  [{ resources: { cpu: '0' } }, 'resources.cpu: expected more than 0, got 0'],
  [
    { datasets: { images: 1 } },
    'datasets.images: the template has none of this name: expected rows',
  ],
])('refuses %j', (wanted, message) => {
  expect(() => fill(wanted)).toThrow(message);
});

it('asks for a parameter that has no default', () => {
  const spec = {
    ...SPEC,
    parameters: [{ name: 'seed', type: 'integer' as const }],
  };
  expect(() => fillJob(spec, { template: 'digits' })).toThrow(
    'parameters.seed: expected a whole number, got nothing',
  );
});
