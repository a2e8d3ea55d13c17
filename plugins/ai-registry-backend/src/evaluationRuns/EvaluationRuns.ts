import { ConflictError, InputError } from '@backstage/errors';
import {
  type EnvironmentConnections,
  type Environments,
  MAX_EVALUATED_ROWS,
  type PromptScorer,
  scorerName,
} from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import type { RegistryChanges } from '../events/announcement';
import type { VersionRef } from '../versions/VersionService';
import type { VersionStore } from '../versions/VersionStore';
import {
  answersChats,
  type EvaluationRunRecord,
  identityOf,
} from './evaluationRun';
import type { EvaluationRunStore } from './EvaluationRunStore';
import type { PromptSets } from './PromptSets';
import { checkRowsFit, compileScorers } from '@greenroom/manifest';

/** Nobody waits for more, and each costs money. */
const MAX_OPEN_RUNS = 100;

/** A run that could be made: all that it needs was found and fits. */
export type PreparedRun = Omit<
  EvaluationRunRecord,
  'id' | 'state' | 'createdAt' | 'requestedBy' | 'promotion'
>;

/** What is to be asked of whom. */
export interface RunRequest extends VersionRef {
  environment: string;
  dataset: { name: string; version: number; digest?: string };
  scorers: PromptScorer[];
  rows?: number;
}

/** Versions that are asked the rows of prompt sets. */
export class EvaluationRuns {
  readonly #store: EvaluationRunStore;
  readonly #versions: Pick<VersionStore, 'get'>;
  readonly #sets: PromptSets;
  readonly #environments: Environments;
  readonly #connections: EnvironmentConnections;
  readonly #changes: RegistryChanges;
  readonly #onNews: () => void;
  readonly #now: () => Date;

  constructor(options: {
    store: EvaluationRunStore;
    versions: Pick<VersionStore, 'get'>;
    sets: PromptSets;
    environments: Environments;
    connections: EnvironmentConnections;
    changes: RegistryChanges;
    /** Called when there is a run to look after. */
    onNews(): void;
    now?: () => Date;
  }) {
    this.#store = options.store;
    this.#versions = options.versions;
    this.#sets = options.sets;
    this.#environments = options.environments;
    this.#connections = options.connections;
    this.#changes = options.changes;
    this.#onNews = options.onNews;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Finds what a run needs, before anybody is asked anything.
   *
   * @throws NotFoundError, or InputError that names what does not fit and what to do
   */
  async prepare(request: RunRequest): Promise<PreparedRun> {
    const { model, version, environment, dataset } = request;
    this.#environments.get(environment);
    const { external, digest } = await this.#versions.get(model, version);
    if (!answersChats(external)) {
      throw new InputError(
        `Version ${version} of '${model}' answers no chat: prompts can be asked of a provider's model with the task chat`,
      );
    }
    const connection = this.#connections.find(environment, external.connection);
    if (!connection) {
      throw new InputError(
        `${environment} has no connection '${external.connection}', which the version names: add it under greenroom.environments[].connections`,
      );
    }
    const set = await this.#sets.find(dataset);
    if (dataset.digest !== undefined && dataset.digest !== set.digest) {
      throw new InputError(
        `Version ${dataset.version} of the dataset '${dataset.name}' has the digest ${set.digest}, not ${dataset.digest}: correct dataset.digest`,
      );
    }
    const scorers = request.scorers.map(scorer => ({
      ...scorer,
      name: scorerName(scorer),
    }));
    compileScorers(scorers, 'scorers');
    const limit = request.rows ?? MAX_EVALUATED_ROWS;
    const rows = await this.#sets.rows(dataset, limit);
    const title = `${dataset.name}, version ${dataset.version}`;
    if (rows.length === 0) throw new InputError(`${title} has no rows`);
    checkRowsFit(scorers, rows, title);
    const question = {
      environment,
      scorers,
      rows: rows.length,
    };
    return {
      ...question,
      model,
      version,
      dataset: {
        name: dataset.name,
        version: dataset.version,
        digest: set.digest,
      },
      identity: identityOf({
        ...question,
        versionDigest: digest,
        datasetDigest: set.digest,
        connection,
      }),
    };
  }

  /** Those that ask the same, and were asked for since then; newest first. */
  findSame(prepared: PreparedRun, since: Date): Promise<EvaluationRunRecord[]> {
    return this.#store.findSame(prepared.identity, since);
  }

  /**
   * Has it asked, or goes on with one that is under way and asks the same.
   *
   * @throws ConflictError when too many are under way
   */
  async start(
    prepared: PreparedRun,
    asked: {
      requestedBy: string;
      promotion?: string;
      /** It was asked for then at the earliest, whatever the clock here says. */
      since?: string;
    },
  ): Promise<EvaluationRunRecord> {
    const { requestedBy, promotion, since } = asked;
    const { model, version, environment, dataset } = prepared;
    const nowMillis = this.#now().getTime();
    const createdAt = new Date(
      Math.max(nowMillis, since === undefined ? 0 : Date.parse(since)),
    ).toISOString();
    const run = await this.#changes.transaction(async tx => {
      await this.#store.lock(tx, environment);
      const same = await this.#store.findSame(
        prepared.identity,
        new Date(0),
        tx,
      );
      const underWay = same.find(({ state }) =>
        ['queued', 'running'].includes(state.phase),
      );
      if (underWay) {
        // It is wanted now whatever becomes of the promotion that it was asked for.
        if (promotion === undefined) await this.#store.detach(tx, underWay.id);
        return this.#store.get(underWay.id, tx);
      }
      const open = await this.#store.countOpen(tx, environment);
      if (open >= MAX_OPEN_RUNS) {
        throw new ConflictError(
          `${open} evaluation runs of ${environment} are under way already: wait until some are done, or cancel some`,
        );
      }
      const id = randomUUID();
      await this.#store.insert(tx, {
        ...prepared,
        id,
        createdAt,
        requestedBy,
        ...(promotion !== undefined && { promotion }),
      });
      await this.#changes.record(tx, {
        action: 'evaluation-run-asked',
        actor: requestedBy,
        model,
        environment,
        subject: id,
        after: { version, dataset, rows: prepared.rows },
        announce: [{ type: 'evaluation-run-changed', run: id, model, version }],
      });
      return this.#store.get(id, tx);
    });
    this.#onNews();
    return run;
  }

  /** @throws ConflictError when it has ended */
  async cancel(id: string, actor: string): Promise<EvaluationRunRecord> {
    return this.#changes.transaction(async tx => {
      const { model, version, environment } = await this.#store.get(id, tx);
      const ended = await this.#store.end(tx, id, {
        phase: 'cancelled',
        cancelledBy: actor,
      });
      if (!ended) {
        throw new ConflictError('The run has ended already: nothing to cancel');
      }
      await this.#changes.record(tx, {
        action: 'evaluation-run-cancelled',
        actor,
        model,
        environment,
        subject: id,
        announce: [{ type: 'evaluation-run-changed', run: id, model, version }],
      });
      return this.#store.get(id, tx);
    });
  }
}
