import { placeOfMlflowLink } from './placeOfMlflowLink';

it.each([
  ['#/experiments/12/runs/0123456789abcdef', 'runs/0123456789abcdef'],
  ['#/experiments/12/runs/0123456789abcdef/artifacts', 'runs/0123456789abcdef'],
  ['#/experiments/12', 'experiments/12'],
  ['#/experiments/12/', 'experiments/12'],
  ['#/models/Iris', ''],
  ['#/experiments/../../settings', ''],
  ['', ''],
])('leads from %s to %s', (hash, place) => {
  expect(placeOfMlflowLink(hash)).toBe(place);
});
