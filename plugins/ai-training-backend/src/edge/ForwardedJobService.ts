import type { AuthService } from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type {
  JobPage,
  JobQuery,
  NewJob,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type { LogPart } from '../backends/TrainingBackend';
import type { JobRegistry } from '../jobs/JobRegistry';
import type { DefaultJobService } from '../jobs/JobService';
import { unknownJob } from '../jobs/JobStore';
import type { RegistryCall } from '../registry/registryTokenOf';
import type { TemplateStore } from '../templates/TemplateStore';

/** Who asks, as a data plane has recognised them. */
export interface KeyHolder {
  /** Of the key; acts are recorded as `key:<id>`. */
  keyId: string;
  /** Entity ref of the key's owner. */
  owner: string;
}

/**
 * Jobs for holders of keys. The permission policy knows people and programs, and no keys: what a key may do follows from
 * its owner alone. It reaches the jobs of templates that have exactly this owner, which may read the datasets and add to
 * the model that have exactly this owner; what else there is, it is told nothing of.
 */
export class ForwardedJobService {
  readonly #jobs: DefaultJobService;
  readonly #templates: Pick<TemplateStore, 'get'>;
  readonly #registry: Pick<JobRegistry, 'ownerOf'>;
  readonly #auth: Pick<AuthService, 'getOwnServiceCredentials'>;

  constructor(options: {
    jobs: DefaultJobService;
    templates: Pick<TemplateStore, 'get'>;
    registry: Pick<JobRegistry, 'ownerOf'>;
    auth: Pick<AuthService, 'getOwnServiceCredentials'>;
  }) {
    this.#jobs = options.jobs;
    this.#templates = options.templates;
    this.#registry = options.registry;
    this.#auth = options.auth;
  }

  async list(query: JobQuery, { owner, keyId }: KeyHolder): Promise<JobPage> {
    const call = await this.#callOf({ owner, keyId });
    return this.#jobs.list(query, {
      ...call,
      isVisible: page => page.whereRaw(`j.spec->>'owner' = ?`, [owner]),
    });
  }

  /** @throws NotFoundError when there is no such job of the owner's */
  async get(id: string, { owner }: KeyHolder): Promise<TrainingJob> {
    const job = await this.#jobs.get(id);
    if (job.spec.owner !== owner) throw unknownJob(id);
    return job;
  }

  /** @throws InputError, NotFoundError that names the field that is wrong */
  async submit(wanted: NewJob, holder: KeyHolder): Promise<TrainingJob> {
    const { owner } = holder;
    const call = await this.#callOf(holder);
    const { spec } = await this.#templateOf(wanted.template, owner);
    if (wanted.team !== undefined && wanted.team !== owner) {
      throw new InputError(
        `team: a key of '${owner}' uses the quota of '${owner}': leave it out`,
      );
    }
    for (const id of [wanted.cloneOf, wanted.resumeOf]) {
      if (id !== undefined) await this.get(id, holder);
    }
    // Whoever cloned it may have named another team; a key does not.
    const own = { ...wanted, team: owner };
    for (const { name, dataset } of spec.datasets) {
      const of = await this.#registry.ownerOf('dataset', dataset, call);
      if (of !== undefined && of !== owner) {
        throw new InputError(
          `datasets.${name}: the dataset '${dataset}' does not belong to '${owner}', and a key trains with what its owner owns: start the job in the portal`,
        );
      }
    }
    const checkModel = async (model: string) => {
      const of = await this.#registry.ownerOf('model', model, call);
      if (of === owner) return;
      throw new InputError(
        `spec.model: the model '${model}' does not belong to '${owner}', and a key adds to what its owner owns: start the job in the portal`,
      );
    };
    return this.#jobs.submit(own, call, { checkModel });
  }

  async cancel(id: string, holder: KeyHolder): Promise<TrainingJob> {
    await this.get(id, holder);
    return this.#jobs.cancel(id, await this.#callOf(holder));
  }

  async retry(id: string, holder: KeyHolder): Promise<TrainingJob> {
    await this.get(id, holder);
    return this.#jobs.retry(id, await this.#callOf(holder));
  }

  async readLog(
    id: string,
    part: { attempt?: number; fromByte: number; mostBytes: number },
    holder: KeyHolder,
  ): Promise<LogPart & { attempt: number }> {
    await this.get(id, holder);
    return this.#jobs.readLog(id, part);
  }

  async #templateOf(name: string, owner: string) {
    const found = await this.#templates.get(name).catch(error => {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
    if (found?.spec.owner === owner) return found;
    throw new NotFoundError(
      `template: '${owner}' has no training template '${name}'`,
    );
  }

  /** The registry is asked by this plugin: whether the key's owner may, is decided here. */
  async #callOf({
    keyId,
  }: KeyHolder): Promise<RegistryCall & { actor: string }> {
    return {
      credentials: await this.#auth.getOwnServiceCredentials(),
      req: { headers: {} },
      actor: `key:${keyId}`,
    };
  }
}
