import { ConflictError } from '@backstage/errors';
import type { NewJob, TrainingJob } from '@greenroom/plugin-ai-training-common';

type Told = Record<string, string | number | boolean | undefined>;

/**
 * What is asked for again is what there is: what is said now, was said then, or was so by the template.
 *
 * @throws ConflictError that names the first field that is another one
 */
export function checkSameRequest(wanted: NewJob, job: TrainingJob): void {
  const is = toldOf(job);
  for (const [field, value] of Object.entries(saidBy(wanted))) {
    if (value === undefined || value === is[field]) continue;
    throw new ConflictError(
      `requestId: it was used before, for job '${
        job.id
      }', of which ${field} is ${textOf(is[field])} and not ${textOf(
        value,
      )}: use another requestId for another job`,
    );
  }
}

/** Without the name, which somebody may have changed since. */
function saidBy(wanted: NewJob): Told {
  const { template, priority, deadlineMinutes, team } = wanted;
  const { backend, cloneOf, resumeOf } = wanted;
  return {
    template,
    priority,
    deadlineMinutes,
    team,
    backend,
    cloneOf,
    resumeOf,
    ...below('parameters', wanted.parameters),
    ...below('datasets', wanted.datasets),
    ...below('resources', wanted.resources),
  };
}

function toldOf(job: TrainingJob): Told {
  const datasets = Object.fromEntries(
    job.datasets.map(({ name, version }) => [name, version]),
  );
  return saidBy({ ...job, datasets });
}

function below(field: string, values: object = {}): Told {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${field}.${name}`, value]),
  );
}

function textOf(value: Told[string]): string {
  return value === undefined ? 'not set' : `'${value}'`;
}
