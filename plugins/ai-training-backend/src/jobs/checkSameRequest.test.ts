import type { NewJob, TrainingJob } from '@greenroom/plugin-ai-training-common';
import { checkSameRequest } from './checkSameRequest';

const JOB = {
  id: '0b6a6a0e-2c11-4d0e-9d2d-1f6c6f6c6f6c',
  template: 'digits',
  name: 'light-bass-56',
  parameters: { epochs: 1, rate: 0.003, shuffle: true },
  datasets: [{ name: 'held_out', dataset: 'digits-held-out', version: 1 }],
  resources: { count: 1, nodes: 1, memory: '1Gi' },
  priority: 'normal',
  deadlineMinutes: 30,
  team: 'group:default/vision-team',
  backend: 'local',
} as unknown as TrainingJob;

it.each<Partial<NewJob>>([
  {},
  { parameters: { epochs: 1 } },
  { parameters: { shuffle: true }, datasets: { held_out: 1 } },
  { resources: { memory: '1Gi' }, priority: 'normal', requestId: 'a' },
])('%j asks for the same', more => {
  expect(() =>
    checkSameRequest({ template: 'digits', ...more }, JOB),
  ).not.toThrow();
});

it.each<[Partial<NewJob>, string]>([
  [{ template: 'iris' }, "template is 'digits' and not 'iris'"],
  [{ parameters: { epochs: 2 } }, "parameters.epochs is '1' and not '2'"],
  [
    { parameters: { epochs: 1, other: 'x' } },
    "parameters.other is not set and not 'x'",
  ],
  [{ datasets: { held_out: 2 } }, "datasets.held_out is '1' and not '2'"],
  [{ resources: { cpu: '2' } }, "resources.cpu is not set and not '2'"],
  [{ deadlineMinutes: 31 }, "deadlineMinutes is '30' and not '31'"],
  [{ cloneOf: JOB.id }, `cloneOf is not set and not '${JOB.id}'`],
])('%j asks for another job', (more, what) => {
  expect(() => checkSameRequest({ template: 'digits', ...more }, JOB)).toThrow(
    `requestId: it was used before, for job '${JOB.id}', of which ${what}: use another requestId for another job`,
  );
});
