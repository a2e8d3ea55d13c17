import {
  tellEnd,
  tellProgress,
  tellState,
  type TrainingJob,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import { shorten } from './describeRun';

/** Attempts, params and metrics of one job that are told. */
const MOST_ENTRIES = 20;

/** A job in a list: where it stands, in words. */
export function describeListedJob(job: TrainingJob) {
  const { id, name, template, run, state, submittedAt, submittedBy } = job;
  return {
    id,
    name,
    template,
    run,
    phase: state.phase,
    says: shorten(tellState(state)),
    submittedAt,
    submittedBy,
  };
}

/** All that an agent is told of a job: bounded, however much its program says. */
export function describeJob(job: TrainingJob) {
  const { state, progress, attempts } = job;
  const attemptsTold = attempts.slice(-MOST_ENTRIES);
  return {
    ...describeListedJob(job),
    since: state.since,
    experiment: job.experiment,
    team: job.team,
    backend: job.backend,
    priority: job.priority,
    deadlineMinutes: job.deadlineMinutes,
    resources: job.resources,
    parameters: Object.fromEntries(
      Object.entries(job.parameters).map(([key, value]) => [
        key,
        typeof value === 'string' ? shorten(value) : value,
      ]),
    ),
    datasets: job.datasets.map(({ name, dataset, version }) => ({
      name,
      dataset,
      version,
    })),
    ...(progress && {
      progress: {
        says: tellProgress(progress),
        metrics: Object.fromEntries(
          (progress.metrics ?? [])
            .slice(0, MOST_ENTRIES)
            .map(({ name, value }) => [name, shorten(value)]),
        ),
        at: progress.lastUpdatedTime,
      },
    }),
    attempts: attemptsTold.map(({ number, startedAt, endedAt, end }) => ({
      number,
      startedAt,
      ...(endedAt !== undefined && { endedAt }),
      says: shorten(end ? tellEnd(end) : 'it goes on'),
    })),
    ...(attempts.length > attemptsTold.length && {
      leftOut: { attempts: attempts.length - attemptsTold.length },
    }),
    ...(job.cost && { cost: job.cost }),
    ...(job.cloneOf !== undefined && { cloneOf: job.cloneOf }),
    ...(job.resumeOf !== undefined && { resumeOf: job.resumeOf }),
  };
}

/** A template: what it asks for, and what may be chosen. */
export function describeTemplate({ spec, problem }: TrainingTemplate) {
  return {
    name: spec.name,
    title: spec.title,
    ...(spec.description !== undefined && {
      description: shorten(spec.description),
    }),
    owner: spec.owner,
    experiment: spec.experiment,
    ...(spec.model !== undefined && { model: spec.model }),
    parameters: spec.parameters.slice(0, MOST_ENTRIES * 5),
    datasets: spec.datasets,
    resources: spec.resources,
    priority: spec.priority,
    deadlineMinutes: spec.deadlineMinutes,
    checkpoints: spec.checkpoints,
    ...(problem !== undefined && { problem: shorten(problem) }),
  };
}
