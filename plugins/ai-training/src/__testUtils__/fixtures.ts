import type {
  Experiment,
  LoggedModelSummary,
  MetricSeries,
  Run,
  TemplateSpec,
  TrainingJob,
  TrainingTemplate,
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

export function makeSpec(changes: Partial<TemplateSpec> = {}): TemplateSpec {
  return {
    name: 'digits',
    title: 'Digits',
    owner: 'group:default/vision-team',
    experiment: 'digits',
    program: { command: ['python', 'train.py'] },
    parameters: [],
    datasets: [],
    resources: { count: 1, nodes: 1 },
    priority: 'normal',
    deadlineMinutes: 60,
    retries: 2,
    checkpoints: false,
    ...changes,
  };
}

export function makeTemplate(
  changes: Partial<TrainingTemplate> = {},
): TrainingTemplate {
  return {
    spec: makeSpec(),
    location: {
      type: 'url',
      target:
        'https://git.example.com/vision/digits/blob/main/greenroom/train.yaml',
    },
    revision: 'abcdef0123456789abcdef0123456789abcdef01',
    sourceDigest: `sha256:${'1'.repeat(64)}`,
    readAt: AT,
    registeredBy: 'user:default/ada',
    ...changes,
  };
}

export function makeJob(changes: Partial<TrainingJob> = {}): TrainingJob {
  return {
    id: '11111111-1111-4111-8111-111111111111',
    run: 'a'.repeat(32),
    experiment: '7',
    name: 'bold-crane',
    template: 'digits',
    spec: makeSpec(),
    revision: 'abcdef0123456789abcdef0123456789abcdef01',
    sourceDigest: `sha256:${'1'.repeat(64)}`,
    parameters: {},
    datasets: [],
    resources: { count: 1, nodes: 1 },
    priority: 'normal',
    deadlineMinutes: 60,
    team: 'group:default/vision-team',
    backend: 'local',
    state: { phase: 'running', since: AT },
    attempts: [{ number: 1, startedAt: AT, runningAt: AT }],
    submittedAt: AT,
    submittedBy: 'user:default/ada',
    ...changes,
  };
}
