import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  type OwnershipClaims,
  requirePermission,
  userRefOf,
} from '@greenroom/ai-node';
import {
  aiDatasetDownloadPermission,
  aiModelUpdatePermission,
  trainingJobOf,
} from '@greenroom/plugin-ai-registry-common';
import {
  aiJobSteerPermission,
  aiJobSubmitPermission,
  type JobEvent,
  type JobPage,
  type JobQuery,
  type NewJob,
  type TrainerStatus,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type { LogPart } from '../backends/TrainingBackend';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import { whereVisible } from '../experiments/ExperimentStore';
import type { RegistryCall } from '../registry/registryTokenOf';
import type { TemplateStore } from '../templates/TemplateStore';
import { jobBeforeOf } from './fillJob';
import type { DefaultJobService, JobService, LogReader } from './JobService';

/**
 * Asks whether the caller may, then delegates. Jobs are read as their experiments are; who owns the template submits
 * and steers them.
 */
export class AuthorizedJobService implements JobService {
  readonly #jobs: DefaultJobService;
  readonly #templates: Pick<TemplateStore, 'get'>;
  readonly #guard: Pick<ExperimentGuard, 'visible' | 'requireRead'>;
  readonly #permissions: PermissionsService;
  readonly #claims: Pick<OwnershipClaims, 'of'>;

  constructor(options: {
    jobs: DefaultJobService;
    templates: Pick<TemplateStore, 'get'>;
    guard: Pick<ExperimentGuard, 'visible' | 'requireRead'>;
    permissions: PermissionsService;
    claims: Pick<OwnershipClaims, 'of'>;
  }) {
    this.#jobs = options.jobs;
    this.#templates = options.templates;
    this.#guard = options.guard;
    this.#permissions = options.permissions;
    this.#claims = options.claims;
  }

  async list(query: JobQuery, options: CallOptions): Promise<JobPage> {
    const visible = await this.#guard.visible(options);
    if (visible === 'nothing') return { items: [] };
    return this.#jobs.list(query, {
      ...options,
      ...(visible && { isVisible: page => whereVisible(page, visible) }),
    });
  }

  async get(id: string, options: CallOptions): Promise<TrainingJob> {
    const job = await this.#jobs.get(id);
    await this.#guard.requireRead([job.experiment], options);
    return job;
  }

  async findByRun(
    run: string,
    options: CallOptions,
  ): Promise<TrainingJob | undefined> {
    const job = await this.#jobs.findByRun(run);
    if (job) await this.#guard.requireRead([job.experiment], options);
    return job;
  }

  async listEvents(id: string, options: CallOptions): Promise<JobEvent[]> {
    await this.get(id, options);
    return this.#jobs.listEvents(id);
  }

  async submit(job: NewJob, call: RegistryCall): Promise<TrainingJob> {
    const { spec } = await this.#templates.get(job.template);
    await this.#require(aiJobSubmitPermission, job.template, call);
    // The program gets a token that reads and writes them: it has no more rights than whoever submits it.
    for (const { dataset } of spec.datasets) {
      await this.#require(aiDatasetDownloadPermission, dataset, call);
    }
    const beforeId = jobBeforeOf(job);
    const before = beforeId && (await this.get(beforeId, call));
    // What names no team uses that of the job that it is made after.
    const claimed = job.team ?? (before ? before.team : spec.owner);
    if (claimed !== spec.owner) {
      const claims = await this.#claims.of(call.credentials);
      if (!claims.includes(claimed)) {
        throw new NotAllowedError(
          `team: you do not belong to '${claimed}', whose quota the job would use: expected a group that you belong to, or '${spec.owner}'`,
        );
      }
    }
    return this.#jobs.submit(job, call, {
      checkModel: model => this.#require(aiModelUpdatePermission, model, call),
    });
  }

  async cancel(id: string, options: CallOptions): Promise<TrainingJob> {
    await this.#requireSteer(id, options);
    return this.#jobs.cancel(id, options);
  }

  async retry(id: string, options: CallOptions): Promise<TrainingJob> {
    await this.#requireSteer(id, options);
    return this.#jobs.retry(id, options);
  }

  /** The program of the job itself, and who may steer it. */
  async report(
    id: string,
    status: TrainerStatus,
    options: CallOptions,
  ): Promise<void> {
    if (trainingJobOf(userRefOf(options.credentials)) !== id) {
      await this.#requireSteer(id, options);
    }
    return this.#jobs.report(id, status);
  }

  async openLog(id: string, options: CallOptions): Promise<LogReader> {
    await this.get(id, options);
    return this.#jobs.openLog(id);
  }

  async readLog(
    id: string,
    part: { attempt?: number; fromByte: number; mostBytes: number },
    options: CallOptions,
  ): Promise<LogPart & { attempt: number }> {
    await this.get(id, options);
    return this.#jobs.readLog(id, part);
  }

  async #requireSteer(id: string, options: CallOptions): Promise<void> {
    const { template } = await this.#jobs.get(id);
    await this.#require(aiJobSteerPermission, template, options);
  }

  async #require(
    permission:
      | typeof aiJobSubmitPermission
      | typeof aiDatasetDownloadPermission
      | typeof aiModelUpdatePermission,
    resourceRef: string,
    { credentials }: CallOptions,
  ): Promise<void> {
    await requirePermission(this.#permissions, {
      permission,
      resourceRef,
      credentials,
    });
  }
}
