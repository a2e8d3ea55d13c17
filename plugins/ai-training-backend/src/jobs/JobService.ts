import { ConflictError, InputError } from '@backstage/errors';
import {
  DATASET_DIGEST_TAG,
  ENDED_PHASES,
  hasBegun,
  type JobDataset,
  type JobEvent,
  type JobPage,
  type JobQuery,
  type JobState,
  type NewJob,
  type ParameterValue,
  type TrainerStatus,
  type TrainingJob,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { randomBytes, randomUUID } from 'node:crypto';
import type { LogPart, TrainingBackend } from '../backends/TrainingBackend';
import { actorOf, type CallOptions } from '../callOptions';
import { shortDigestOf } from '../datasets/readReference';
import type { TrainingChanges } from '../events/announcement';
import type { ExperimentService } from '../experiments/ExperimentService';
import type { ExperimentStore } from '../experiments/ExperimentStore';
import { type InputStore, keyOf } from '../inputs/InputStore';
import { checkLength, LIMITS } from '../limits';
import type { RegistryCall } from '../registry/registryTokenOf';
import { randomName } from '../runs/randomName';
import { RUN_NAME_TAG, type RunStore } from '../runs/RunStore';
import type { TemplateStore } from '../templates/TemplateStore';
import type { AttemptLogs } from './AttemptLogs';
import { attemptOfLog } from './attemptOfLog';
import { checkSameRequest } from './checkSameRequest';
import { type FilledJob, fillJob, jobBeforeOf } from './fillJob';
import type { JobRegistry } from './JobRegistry';
import type { JobStore } from './JobStore';

/** Tag of runs that the platform runs: id of the job. */
export const JOB_TAG = 'greenroom.job';

/**
 * Reads part of what an attempt has written; the last attempt where none is named. Of the next attempt of a job that
 * goes on nothing comes yet.
 *
 * Fails with a NoSuchAttemptError when there is no such attempt, and none to be expected.
 */
export type LogReader = (part: {
  attempt?: number;
  fromByte: number;
  mostBytes: number;
}) => Promise<LogPart & { attempt: number }>;

/** What can be done with jobs. All of it fails with a NotFoundError when there is no such job. */
export interface JobService {
  list(query: JobQuery, options: CallOptions): Promise<JobPage>;
  get(id: string, options: CallOptions): Promise<TrainingJob>;
  /** The one that a run belongs to; undefined where nobody runs it here. */
  findByRun(
    run: string,
    options: CallOptions,
  ): Promise<TrainingJob | undefined>;
  listEvents(id: string, options: CallOptions): Promise<JobEvent[]>;
  /** @throws InputError that names the field that is wrong */
  submit(job: NewJob, call: RegistryCall): Promise<TrainingJob>;
  /** Has it end; one that has ended stays as it is. */
  cancel(id: string, options: CallOptions): Promise<TrainingJob>;
  /**
   * Has one that failed or was cancelled go on, from its checkpoints where there are any.
   *
   * @throws ConflictError when it has not
   */
  retry(id: string, options: CallOptions): Promise<TrainingJob>;
  /** What its program says of how far it is. */
  report(
    id: string,
    status: TrainerStatus,
    options: CallOptions,
  ): Promise<void>;
  /** Asks once; what it gives reads part after part. */
  openLog(id: string, options: CallOptions): Promise<LogReader>;
  readLog(
    id: string,
    part: { attempt?: number; fromByte: number; mostBytes: number },
    options: CallOptions,
  ): Promise<LogPart & { attempt: number }>;
}

export interface JobServiceOptions {
  jobs: JobStore;
  templates: Pick<TemplateStore, 'get'>;
  experiments: Pick<ExperimentStore, 'findByName'>;
  /** Makes experiments without asking whether somebody may. */
  experimentService: Pick<ExperimentService, 'create'>;
  runs: RunStore;
  inputs: Pick<InputStore, 'add'>;
  registry: Pick<JobRegistry, 'findDataset' | 'ensureModel'>;
  /** Where the registry has its datasets, for people. */
  datasetUrl(dataset: string, version: number): string;
  backends: ReadonlyMap<string, TrainingBackend>;
  /** Name of the one that is used where nobody says. */
  defaultBackend: string | undefined;
  logs: Pick<AttemptLogs, 'read'>;
  changes: TrainingChanges;
  clock: () => Date;
  /** Has the jobs looked at now. */
  wake(): void;
}

/** The caller has asked for it before, at the same time. */
class ServedBefore extends Error {}

/** A key that is not the caller's own says by itself what is asked for. */
function sameRequest(wanted: NewJob, served: TrainingJob): TrainingJob {
  if (wanted.requestId !== undefined) checkSameRequest(wanted, served);
  return served;
}

/** Does what it is asked; `AuthorizedJobService` asks whether it may. */
export class DefaultJobService implements JobService {
  readonly #options: JobServiceOptions;

  constructor(options: JobServiceOptions) {
    this.#options = options;
  }

  list(
    query: JobQuery,
    {
      isVisible,
    }: CallOptions & { isVisible?: (query: Knex.QueryBuilder) => void },
  ): Promise<JobPage> {
    return this.#options.jobs.list(query, isVisible);
  }

  get(id: string): Promise<TrainingJob> {
    return this.#options.jobs.get(id);
  }

  findByRun(run: string): Promise<TrainingJob | undefined> {
    return this.#options.jobs.findByRun(run);
  }

  async listEvents(id: string): Promise<JobEvent[]> {
    await this.#options.jobs.get(id);
    return this.#options.jobs.listEvents(id);
  }

  /**
   * @param options.checkModel - throws when the caller may not add versions to it
   * @param options.actor - who is named where it is not the caller
   * @param options.template - what it is a job of, where nobody has registered that
   * @param options.requestKey - by which it is known that the same was asked before, whoever asks
   */
  async submit(
    wanted: NewJob,
    call: RegistryCall,
    options: {
      checkModel?: (model: string) => Promise<void>;
      actor?: string;
      template?: TrainingTemplate;
      requestKey?: string;
    } = {},
  ): Promise<TrainingJob> {
    const { jobs, templates, registry, wake } = this.#options;
    const { checkModel, actor = actorOf(call) } = options;
    const requestKey =
      wanted.requestId === undefined
        ? options.requestKey
        : `${actor} ${wanted.requestId}`;
    if (requestKey !== undefined) {
      const served = await jobs.findByRequest(requestKey);
      if (served) return sameRequest(wanted, served);
    }
    const template = options.template ?? (await templates.get(wanted.template));
    const { spec } = template;
    const before = await this.#findBefore(wanted);
    if (wanted.resumeOf !== undefined) refuseWithoutCheckpoints(spec, before!);
    const filled = fillJob(spec, wanted, before);
    const backend = this.#chooseBackend(wanted.backend ?? before?.backend);
    const problem = backend.problemWith({
      program: spec.program,
      resources: filled.resources,
    });
    if (problem !== undefined) throw new InputError(problem);
    const datasets: JobDataset[] = [];
    for (const dataset of filled.datasets) {
      datasets.push(await registry.findDataset(dataset, call));
    }
    if (spec.model !== undefined) {
      await registry.ensureModel({ name: spec.model, owner: spec.owner }, call);
      await checkModel?.(spec.model);
    }
    const experiment = await this.#ensureExperiment(template, call);
    const job = await this.#insert({
      wanted,
      template,
      filled,
      datasets,
      backend: backend.name,
      experiment,
      actor,
      requestKey,
    });
    wake();
    return job;
  }

  async cancel(id: string, options: CallOptions): Promise<TrainingJob> {
    const { jobs, changes, wake } = this.#options;
    const by = actorOf(options);
    await changes.transaction(async tx => {
      const before = await jobs.get(id, tx);
      const isNew = await jobs.setWish(tx, id, { kind: 'cancelled', by });
      if (!isNew) return;
      await changes.record(tx, {
        action: 'training-job-cancelled',
        actor: by,
        subject: id,
        owner: before.spec.owner,
        announce: [{ type: 'job-changed', job: id, run: before.run }],
      });
    });
    wake();
    return jobs.get(id);
  }

  async retry(id: string, options: CallOptions): Promise<TrainingJob> {
    const { jobs, runs, changes, clock, wake } = this.#options;
    const actor = actorOf(options);
    await changes.transaction(async tx => {
      const job = await jobs.get(id, tx);
      const { phase } = job.state;
      if (phase !== 'failed' && phase !== 'cancelled') {
        throw new ConflictError(
          `The training job '${id}' is ${phase}: only one that failed or was cancelled can be tried again`,
        );
      }
      const state: JobState = {
        phase: 'queued',
        since: clock().toISOString(),
        reason: { kind: 'new' },
      };
      const isMine = await jobs.setState(tx, id, {
        from: phase,
        state,
        fields: { wish: null, retryAt: null, failures: 0, isRetried: true },
      });
      if (!isMine) return;
      // It is refused where the run is deleted, and takes no end away.
      await runs.update(job.run, { status: 'SCHEDULED' }, tx);
      await runs.setStatus(tx, job.run, { status: 'SCHEDULED' });
      await changes.record(tx, {
        action: 'training-job-retried',
        actor,
        subject: id,
        owner: job.spec.owner,
        announce: [{ type: 'job-changed', job: id, run: job.run }],
      });
    });
    wake();
    return jobs.get(id);
  }

  async report(id: string, status: TrainerStatus): Promise<void> {
    const { jobs } = this.#options;
    const { state } = await jobs.get(id);
    if (ENDED_PHASES.includes(state.phase)) {
      throw new ConflictError(
        `The training job '${id}' is ${state.phase}: nothing is reported of it any more`,
      );
    }
    await jobs.setProgress(id, status);
  }

  async openLog(id: string): Promise<LogReader> {
    return part => this.readLog(id, part);
  }

  async readLog(
    id: string,
    part: { attempt?: number; fromByte: number; mostBytes: number },
  ): Promise<LogPart & { attempt: number }> {
    const { jobs, logs } = this.#options;
    const job = await jobs.get(id);
    const attempt = attemptOfLog(job, part.attempt);
    const read = await logs.read(job, attempt, part);
    const hasEnded = ENDED_PHASES.includes(job.state.phase);
    return {
      ...read,
      attempt,
      isEnd: read.isEnd || (attempt === 0 && hasEnded),
    };
  }

  async #findBefore(wanted: NewJob): Promise<TrainingJob | undefined> {
    const id = jobBeforeOf(wanted);
    if (id === undefined) return undefined;
    const job = await this.#options.jobs.get(id);
    if (job.template === wanted.template) return job;
    const field = wanted.resumeOf === undefined ? 'cloneOf' : 'resumeOf';
    throw new InputError(
      `${field}: job '${id}' is of the template '${job.template}', expected one of '${wanted.template}'`,
    );
  }

  #chooseBackend(name = this.#options.defaultBackend): TrainingBackend {
    const { backends } = this.#options;
    if (name === undefined) {
      throw new InputError(
        'backend: nothing runs training jobs here: configure aiTraining.kubernetes, or enable aiTraining.local',
      );
    }
    const backend = backends.get(name);
    if (backend) return backend;
    throw new InputError(
      `backend: '${name}' is none, expected one of ${[...backends.keys()].join(
        ', ',
      )}`,
    );
  }

  async #ensureExperiment(
    { spec }: TrainingTemplate,
    options: CallOptions,
  ): Promise<string> {
    const { experiments, experimentService } = this.#options;
    const known = await experiments.findByName(spec.experiment);
    if (known?.lifecycle === 'deleted') {
      throw new InputError(
        `spec.experiment: the experiment '${spec.experiment}' is deleted: restore it, or name another one in the template`,
      );
    }
    if (known && known.owner !== spec.owner) {
      throw new InputError(
        `spec.experiment: the experiment '${spec.experiment}' belongs to '${known.owner}' and not to '${spec.owner}': name another one in the template`,
      );
    }
    if (known) return known.id;
    try {
      const made = await experimentService.create(
        { name: spec.experiment, owner: spec.owner },
        options,
      );
      return made.id;
    } catch (error) {
      // Somebody else has made it meanwhile.
      const found = await experiments.findByName(spec.experiment);
      if (!found || found.owner !== spec.owner) throw error;
      return found.id;
    }
  }

  async #insert(options: {
    wanted: NewJob;
    template: TrainingTemplate;
    filled: FilledJob;
    datasets: JobDataset[];
    backend: string;
    experiment: string;
    actor: string;
    requestKey: string | undefined;
  }): Promise<TrainingJob> {
    const { jobs, runs, inputs, changes, clock } = this.#options;
    const { wanted, template, filled, datasets, backend } = options;
    const { experiment, actor, requestKey } = options;
    const { spec, revision, sourceDigest } = template;
    const id = randomUUID();
    const run = randomBytes(16).toString('hex');
    const name = checkLength(
      wanted.name?.trim() || randomName(),
      LIMITS.runName,
      'name',
    );
    const now = clock();
    try {
      await changes.transaction(async tx => {
        await runs.insert(
          {
            id: run,
            experiment,
            name,
            userId: actor.slice(0, LIMITS.userId),
            startedAt: now.getTime(),
            status: 'SCHEDULED',
            tags: {
              [RUN_NAME_TAG]: name,
              [JOB_TAG]: id,
              'mlflow.user': actor,
              'mlflow.source.name': spec.name,
              'mlflow.source.type': 'PROJECT',
              ...(/^[0-9a-f]{40}$/.test(revision) && {
                'mlflow.source.git.commit': revision,
              }),
            },
            createdBy: actor,
          },
          tx,
        );
        await runs.log(run, { params: toParams(filled.parameters) }, { tx });
        await inputs.add(run, { inputs: this.#toInputs(datasets) }, tx);
        const isNew = await jobs.insert(tx, {
          ...filled,
          id,
          run,
          experiment,
          name,
          template: spec.name,
          spec,
          revision,
          sourceDigest,
          datasets,
          backend,
          state: {
            phase: 'queued',
            since: now.toISOString(),
            reason: { kind: 'new' },
          },
          submittedBy: actor,
          ...(wanted.cloneOf !== undefined && { cloneOf: wanted.cloneOf }),
          ...(wanted.resumeOf !== undefined && { resumeOf: wanted.resumeOf }),
          ...(requestKey !== undefined && { requestKey }),
        });
        if (!isNew) throw new ServedBefore();
        await changes.record(tx, {
          action: 'training-job-submitted',
          actor,
          ...(spec.model !== undefined && { model: spec.model }),
          subject: id,
          owner: spec.owner,
          after: { template: spec.name, run, ...filled },
          announce: [{ type: 'job-changed', job: id, run }],
        });
      });
    } catch (error) {
      if (!(error instanceof ServedBefore)) throw error;
      return sameRequest(wanted, (await jobs.findByRequest(requestKey!))!);
    }
    return jobs.get(id);
  }

  /** Each once, also where the program knows it by two names. */
  #toInputs(datasets: readonly JobDataset[]) {
    const inputs = datasets.map(dataset => this.#toInput(dataset));
    return [
      ...new Map(inputs.map(input => [keyOf(input.dataset), input])).values(),
    ];
  }

  /** As programs say it that read it by MLflow. */
  #toInput({ dataset, version, digest, uri }: JobDataset) {
    return {
      dataset: {
        name: dataset,
        digest: shortDigestOf(digest),
        sourceType: 'http',
        source: JSON.stringify({
          url: uri ?? this.#options.datasetUrl(dataset, version),
        }),
      },
      tags: {
        'mlflow.data.context': 'training',
        [DATASET_DIGEST_TAG]: digest,
      },
    };
  }
}

function refuseWithoutCheckpoints(
  spec: TrainingTemplate['spec'],
  resumed: TrainingJob,
): void {
  if (!spec.checkpoints) {
    throw new InputError(
      `resumeOf: the template '${spec.name}' keeps no checkpoints: set spec.checkpoints there`,
    );
  }
  if (hasBegun(resumed)) return;
  throw new InputError(
    `resumeOf: the program of job '${resumed.id}' has never begun, so there are no checkpoints of it: name a job that ran, or name this one as cloneOf alone`,
  );
}

function toParams(parameters: Record<string, ParameterValue>) {
  return Object.entries(parameters).map(([key, value]) => ({
    key,
    value: String(value),
  }));
}
