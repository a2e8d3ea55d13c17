import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { ResponseError, toError } from '@backstage/errors';
import {
  type RetrainingCause,
  type TrainingJob,
  type TrainingTemplate,
  tellEnd,
} from '@greenroom/plugin-ai-training-common';
import type { TrainingChanges } from '../events/announcement';
import type { DefaultJobService } from '../jobs/JobService';
import type { JobStore } from '../jobs/JobStore';
import type { TemplateStore } from '../templates/TemplateStore';
import {
  afterFailure,
  type Becoming,
  decideRetraining,
  type JobOutcome,
  nextDrift,
  type RetrainingSituation,
  SYSTEM,
} from './decideRetraining';
import type { RetrainingNotices } from './RetrainingNotices';
import type { RetrainingSources } from './RetrainingSources';
import type { RetrainingStore, StoredRetraining } from './RetrainingStore';

type Look = StoredRetraining & RetrainingSituation;

/** It can never be submitted as it is, in a sentence. */
class RefusedError extends Error {}

export interface RetrainerOptions {
  auth: Pick<AuthService, 'getOwnServiceCredentials'>;
  changes: TrainingChanges;
  clock: () => Date;
  /** Names of those that are configured. */
  environments: readonly string[];
  /** Submits without asking whether somebody may: this does. */
  jobs: Pick<DefaultJobService, 'submit' | 'cancel'>;
  jobStore: Pick<JobStore, 'get'>;
  logger: LoggerService;
  notices: Pick<RetrainingNotices, 'paused'>;
  sources: RetrainingSources;
  store: RetrainingStore;
  templates: Pick<TemplateStore, 'find'>;
}

/**
 * Has models be trained again as their manifests say. What a training registers is promoted by the registry, as any new
 * version is.
 *
 * Several control planes may look at the same time: who has seen an older state changes nothing, and a job is asked for
 * under the moment at which it became due, so that there is one however often it is asked for.
 */
export class Retrainer {
  readonly #options: RetrainerOptions;
  /** What has been complained of, and goes on. */
  readonly #complaints = new Map<string, string>();

  constructor(options: RetrainerOptions) {
    this.#options = options;
  }

  /** One look at all of them. */
  async run(signal: AbortSignal): Promise<void> {
    const { environments, store, sources } = this.#options;
    await store.forgetEnvironments(environments);
    for (const environment of environments) {
      if (signal.aborted) return;
      // Of one that cannot be read now, what was read last holds.
      await this.#apart(`The manifests of ${environment}`, async () =>
        this.#see(environment, await sources.listWanted(environment, signal)),
      );
    }
    const open = await store.listOpen();
    const drift = await this.#readDrift(open, signal);
    for (const one of open) {
      if (signal.aborted) return;
      await this.#apart(
        `Training '${one.model}' again for ${one.environment}`,
        () => this.#look(one, drift.get(one.environment), signal),
      );
    }
  }

  async #see(
    environment: string,
    wanted: Awaited<ReturnType<RetrainingSources['listWanted']>>,
  ): Promise<void> {
    const { changes, store, clock } = this.#options;
    await changes.transaction(async tx => {
      const added = await store.see(tx, environment, wanted, clock());
      await changes.announce(
        tx,
        ...added.map(one => ({
          type: 'retraining-changed' as const,
          environment,
          ...one,
        })),
      );
    });
  }

  /** By environment; nothing of those whose drift nobody wants to know, or that monitoring cannot tell. */
  async #readDrift(
    open: readonly StoredRetraining[],
    signal: AbortSignal,
  ): Promise<Map<string, Awaited<ReturnType<RetrainingSources['listDrift']>>>> {
    const watched = new Set(
      open
        .filter(({ isWanted, policy }) => isWanted && policy.onDrift)
        .map(({ environment }) => environment),
    );
    const found = new Map();
    for (const environment of watched) {
      await this.#apart(`The drift of models of ${environment}`, async () => {
        found.set(
          environment,
          await this.#options.sources.listDrift(environment, signal),
        );
      });
    }
    return found;
  }

  async #look(
    stored: StoredRetraining,
    seen:
      | ReadonlyMap<string, { version: number; isDrifting: boolean }>
      | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock();
    const ofRunning = seen?.get(stored.model);
    const drift = nextDrift(
      // What is known of a version that does not run any more says nothing.
      stored.drift?.version === stored.runningVersion
        ? stored.drift
        : undefined,
      ofRunning?.version === stored.runningVersion ? ofRunning : undefined,
      now,
    );
    if (drift !== stored.drift) await store.setDrift(stored, drift);
    const job = await this.#findOutcome(stored, signal);
    const { drift: _, ...rest } = stored;
    const look: Look = { ...rest, ...(drift && { drift }), job };
    const decision = decideRetraining(look, now);
    if (decision.do === 'become') await this.#become(look, decision);
    if (decision.do === 'submit') await this.#submit(look, decision, signal);
  }

  async #findOutcome(
    { state, model }: StoredRetraining,
    signal: AbortSignal,
  ): Promise<JobOutcome | undefined> {
    if (state.phase !== 'training' && state.phase !== 'failed')
      return undefined;
    if (state.job === undefined) return undefined;
    const job = await this.#findJob(state.job);
    if (!job) return { kind: 'gone' };
    switch (job.state.phase) {
      case 'succeeded':
        return {
          kind: 'succeeded',
          endedAt: new Date(job.state.since),
          version: await this.#options.sources.findVersion(
            { model, run: job.run },
            signal,
          ),
        };
      case 'failed':
        return {
          kind: 'failed',
          reason: `The job failed: ${tellEnd(job.state.end)}.`,
        };
      case 'cancelled':
        return { kind: 'cancelled', by: job.state.by };
      default:
        return { kind: 'open' };
    }
  }

  async #findJob(id: string): Promise<TrainingJob | undefined> {
    try {
      return await this.#options.jobStore.get(id);
    } catch (error) {
      if (toError(error).name === 'NotFoundError') return undefined;
      throw error;
    }
  }

  async #submit(
    look: Look,
    due: { because: RetrainingCause; at: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { auth, clock, jobs, store } = this.#options;
    const { environment, model, policy } = look;
    const { because, at } = due;
    const credentials = await auth.getOwnServiceCredentials();
    let job: TrainingJob;
    try {
      await this.#checkMay(look, signal);
      job = await jobs.submit(
        {
          template: policy.template,
          requestId: `retrain ${environment}/${model} ${at}`,
        },
        { credentials, req: { headers: {} } },
        { actor: SYSTEM },
      );
    } catch (error) {
      const reason = refusalOf(error);
      if (reason === undefined) throw error;
      await this.#become(
        look,
        afterFailure(look, { because, reason }, clock()),
      );
      return;
    }
    const isMine = await this.#become(look, {
      do: 'become',
      state: {
        phase: 'training',
        since: clock().toISOString(),
        because,
        job: job.id,
      },
      failures: look.failures,
      isNews: true,
    });
    if (isMine) return;
    // Another control plane has asked for the same job; or somebody has paused it meanwhile, and wants none.
    const { state } = await store.get(look);
    const known =
      state.phase === 'paused'
        ? state.training?.job
        : 'job' in state && state.job;
    if (known !== job.id) await jobs.cancel(job.id, { credentials });
  }

  /**
   * Whoever writes the manifest does not thereby spend what belongs to others, or read what they may not: the template is
   * of the model's owner, and so are its datasets, unless a person who may read them has had it read them before.
   *
   * @throws RefusedError that says what is wrong
   */
  async #checkMay({ model, policy }: Look, signal: AbortSignal): Promise<void> {
    const { sources, templates } = this.#options;
    const template = await templates.find(policy.template);
    if (!template) {
      throw new RefusedError(
        `There is no training template '${policy.template}': register it, or name another one in spec.automatedPromotion.retrain.template.`,
      );
    }
    const { spec } = template;
    if (spec.model !== model) {
      throw new RefusedError(
        `The template '${spec.name}' adds versions to ${
          spec.model === undefined ? 'no model' : `'${spec.model}'`
        }: set its spec.model to '${model}'.`,
      );
    }
    const owner = await sources.findModelOwner(model, signal);
    if (owner !== spec.owner) {
      throw new RefusedError(
        `The template '${spec.name}' belongs to '${
          spec.owner
        }', and the model to ${
          owner === undefined ? 'nobody' : `'${owner}'`
        }: only a template of the model's owner trains it by itself.`,
      );
    }
    await this.#checkDatasets(template, signal);
  }

  async #checkDatasets(
    { spec }: TrainingTemplate,
    signal: AbortSignal,
  ): Promise<void> {
    const { sources, store } = this.#options;
    const names = spec.datasets.map(({ dataset }) => dataset);
    for (const name of await store.findUnproven(spec.name, names)) {
      const owner = await sources.findDatasetOwner(name, signal);
      if (owner !== spec.owner) {
        throw new RefusedError(
          `The dataset '${name}' ${
            owner === undefined ? 'is not there' : `belongs to '${owner}'`
          }, and nobody has had a job of '${
            spec.name
          }' read it yet: start one by hand first.`,
        );
      }
    }
  }

  /** @returns false where it is another way by now */
  async #become(look: Look, becoming: Becoming): Promise<boolean> {
    const { changes, notices, sources, store, templates } = this.#options;
    const { environment, model, policy, state: before } = look;
    const { state, isNews } = becoming;
    const isGivenUp = state.phase === 'paused' && state.by === SYSTEM;
    const template = await templates.find(policy.template);
    // Whose template is gone is told by whose model it is.
    const owner =
      template?.spec.owner ??
      (isGivenUp
        ? await sources.findModelOwner(model, AbortSignal.timeout(10_000))
        : undefined);
    return changes.transaction(async tx => {
      if (!(await store.setState(tx, look, becoming))) return false;
      if (!isNews) return true;
      await changes.record(tx, {
        action: `retraining-${state.phase}`,
        actor: state.phase === 'paused' ? state.by : SYSTEM,
        model,
        environment,
        subject: policy.template,
        ...(owner !== undefined && { owner }),
        before,
        after: state,
        announce: [
          {
            type: 'retraining-changed',
            environment,
            model,
            template: policy.template,
          },
        ],
      });
      if (isGivenUp && owner !== undefined) {
        await notices.paused(tx, {
          environment,
          model,
          owner,
          reason: state.reason,
        });
      }
      return true;
    });
  }

  /** One that fails holds up no other; what goes on failing is told once. */
  async #apart(what: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
      this.#complaints.delete(what);
    } catch (error) {
      const { message } = toError(error);
      if (this.#complaints.get(what) === message) return;
      this.#complaints.set(what, message);
      this.#options.logger.warn(
        `${what}: it did not work, and will be tried again: ${message}`,
      );
    }
  }
}

/** Why it will not be better at the next look; undefined where it may be. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof RefusedError) return error.message;
  const { name, message } = toError(error);
  if (error instanceof ResponseError) {
    const { statusCode } = error;
    const isRefusal =
      statusCode >= 400 &&
      statusCode < 500 &&
      ![401, 408, 429].includes(statusCode);
    return isRefusal ? error.body.error.message : undefined;
  }
  return [
    'InputError',
    'NotFoundError',
    'ConflictError',
    'NotAllowedError',
  ].includes(name)
    ? message
    : undefined;
}
