import { problemWithQuantity } from './quantity';

it.each([
  ['memory', '16Mi'],
  ['memory', '2Gi'],
  ['memory', '1.5G'],
  ['cpu', '500m'],
  ['cpu', '2'],
] as const)('takes %s: %s', (what, text) => {
  expect(problemWithQuantity(what, text)).toBeUndefined();
});

it.each([
  [
    'memory',
    '1GB',
    "expected a quantity of Kubernetes: 4Gi or 512Mi, got '1GB'",
  ],
  ['memory', '', "expected a quantity of Kubernetes: 4Gi or 512Mi, got ''"],
  [
    'memory',
    '9'.repeat(31),
    `expected a quantity of Kubernetes: 4Gi or 512Mi, got '${'9'.repeat(30)}'`,
  ],
  [
    'memory',
    '300',
    'expected at least 16Mi, got 300 bytes: 300Mi are mebibytes',
  ],
  ['memory', '15.9Mi', 'expected at least 16Mi, got 15.9Mi'],
  ['memory', '0', 'expected at least 16Mi, got 0'],
  ['cpu', 'two', "expected a quantity of Kubernetes: 2 or 500m, got 'two'"],
  ['cpu', '0', 'expected more than 0, got 0'],
] as const)('says of %s: %s what is expected', (what, text, problem) => {
  expect(problemWithQuantity(what, text)).toBe(problem);
});
