import type {
  Experiment,
  LoggedModelSummary,
  MetricSeries,
  Run,
} from '@greenroom/plugin-ai-training-common';

const AT = '2026-05-03T10:00:00.000Z';

export function makeExperiment(changes: Partial<Experiment> = {}): Experiment {
  return {
    id: '7',
    name: 'digits',
    owner: 'group:default/vision-team',
    artifactLocation: 'mlflow-artifacts:/7',
    lifecycle: 'active',
    tags: {},
    createdAt: AT,
    createdBy: 'user:default/ada',
    updatedAt: AT,
    ...changes,
  };
}

export function makeRun(changes: Partial<Run> = {}): Run {
  const id = changes.id ?? 'a'.repeat(32);
  return {
    id,
    experiment: '7',
    name: `run-${id.slice(0, 4)}`,
    userId: 'ada',
    status: 'FINISHED',
    startedAt: Date.parse(AT),
    endedAt: Date.parse(AT) + 65_000,
    lifecycle: 'active',
    createdAt: AT,
    createdBy: 'user:default/ada',
    artifactUri: `mlflow-artifacts:/7/${id}/artifacts`,
    params: {},
    tags: {},
    metrics: [],
    inputs: [],
    inputModels: [],
    outputs: [],
    ...changes,
  };
}

export function makeSeries(
  run: string,
  key: string,
  values: MetricSeries['points'][number]['value'][],
): MetricSeries {
  return {
    run,
    key,
    measured: values.length,
    points: values.map((value, step) => ({
      step,
      at: Date.parse(AT) + step * 1000,
      value,
    })),
  };
}

export function makeLoggedModel(
  changes: Partial<LoggedModelSummary> = {},
): LoggedModelSummary {
  return {
    id: 'm-1',
    experiment: '7',
    name: 'net',
    status: 'READY',
    lifecycle: 'active',
    createdAt: AT,
    ...changes,
  };
}
