import { trainingJobOf } from './trainingJobOf';

const JOB = '71d5b72d-6a85-4266-b9fa-468d3d2d858d';

it.each([
  [`service:training.${JOB}.12.87ac56f7`, JOB],
  [`service:external:training.${JOB}.1.87ac56f7`, undefined],
  [`service:training.${JOB}.1.87ac56f7x`, undefined],
  ['service:training', undefined],
  ['user:default/ada', undefined],
])('knows whether a training job is %s', (actor, job) => {
  expect(trainingJobOf(actor)).toBe(job);
});
