import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  DesiredDeployment,
  Environment,
  Environments,
  NewApproval,
  NewPromotion,
  Promotion,
  PromotionDetail,
  PromotionQuery,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { RegistryChanges } from '../events/announcement';
import type { GitHost } from '../environments/GitHost';
import { parseRolloutPlan } from '../manifests';
import type { People } from '../environments/people';
import type { Serving } from '../environments/ServingState';
import type { CallOptions } from '../models/ModelService';
import {
  branchOf,
  isOpen,
  mayReview,
  openQuestions,
  type PromotionRecord,
  type ReviewDecision,
} from './promotion';
import { approve, close, openPromotion, retry, startOver } from './transitions';
import type { PromotionNotifier } from './PromotionNotifier';
import { type PromotionStore, StalePromotionError } from './PromotionStore';
import { recordPromotion } from './recordPromotion';
import { describePromotion } from './report';
import { toPromotion } from './toPromotion';

export interface NewRollback {
  model: string;
  environment: Environment;
  reason: string;
  /** Any version that ran there before; the last one when it is left out. */
  version?: number;
}

/** What can be done with promotions. */
export interface PromotionService {
  /** Newest first. */
  list(query: PromotionQuery, options: CallOptions): Promise<Promotion[]>;
  get(id: string, options: CallOptions): Promise<PromotionDetail>;
  /** Asks for a version to run in an environment; an older open request for the same place is closed. */
  promote(request: NewPromotion, options: CallOptions): Promise<Promotion>;
  /** Goes back to what ran before. */
  rollBack(request: NewRollback, options: CallOptions): Promise<Promotion>;
  /** Says yes as a second person; merges when that is all that was missing. */
  approve(
    id: string,
    approval: NewApproval,
    options: CallOptions,
  ): Promise<Promotion>;
  /** A reviewer's no, or the author's withdrawal. */
  close(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion>;
  /** Takes a failed step, or gates that did not pass, once more. */
  retry(id: string, options: CallOptions): Promise<Promotion>;
}

export interface PromotionServiceOptions {
  store: PromotionStore;
  changes: RegistryChanges;
  notifier: PromotionNotifier;
  gitHost: GitHost;
  people: People;
  environments: Environments;
  /** Entity refs of what a caller belongs to, themselves included. */
  membershipsOf(credentials: CallOptions['credentials']): Promise<string[]>;
  settings: { defaultRollout: RolloutPlan; rollbackApprovals: number };
  versions: {
    /** @throws NotFoundError */
    get(model: string, version: number): Promise<{ digest: string }>;
  };
  aliases: {
    /** Versions that an alias has pointed at, the last one first. */
    versionsOf(ref: { model: string; alias: string }): Promise<number[]>;
  };
  /** What the environment runs, after main has been applied. */
  running(place: {
    model: string;
    environment: Environment;
  }): Promise<DesiredDeployment | undefined>;
  /** What the data planes serve; undefined when nothing is known of it. */
  serving(place: {
    model: string;
    environment: Environment;
  }): Promise<Serving | undefined>;
  /** Called after a commit that left something to do. */
  onWork(): void;
}

const IMMEDIATE: RolloutPlan = { strategy: 'immediate', steps: [] };

/** Does what it is asked; {@link AuthorizedPromotionService} asks whether it may. */
export class DefaultPromotionService implements PromotionService {
  readonly #options: PromotionServiceOptions;

  constructor(options: PromotionServiceOptions) {
    this.#options = options;
  }

  async list(query: PromotionQuery): Promise<Promotion[]> {
    const records = await this.#options.store.list(query);
    return records.map(toPromotion);
  }

  async get(id: string, options: CallOptions): Promise<PromotionDetail> {
    const { store, gitHost } = this.#options;
    const record = await store.get(id);
    const number = record.changeRequest?.number;
    const [request, diff, contributors] = await Promise.all([
      number === undefined ? undefined : gitHost.getChangeRequest(number),
      number === undefined ? '' : gitHost.diffOfChangeRequest(number),
      this.#contributorsOf(record),
    ]);
    const approverGroups = this.#approverGroupsOf(record);
    const decision = await this.#mayReview(record, contributors, options);
    return {
      ...toPromotion(record),
      ...(approverGroups && { approverGroups }),
      body: request?.body ?? describePromotion(record),
      diff,
      review: decision.allowed
        ? { allowed: true }
        : { allowed: false, reason: decision.reason },
    };
  }

  async promote(
    request: NewPromotion,
    options: CallOptions,
  ): Promise<Promotion> {
    const { versions, environments, running, settings } = this.#options;
    const { model, version, environment, reason } = request;
    const { promotesFrom, requiredApprovals } = environments.get(environment);
    const { digest } = await versions.get(model, version);
    if (promotesFrom !== undefined) {
      await this.#requireToHaveRun({ model, version, alias: promotesFrom });
    }
    const now = await running({ model, environment });
    if (now?.version === version && now.digest === digest) {
      throw new ConflictError(await this.#describeWanted(now));
    }
    return this.#open(
      {
        kind: 'promotion',
        model,
        version,
        environment,
        reason,
        fromVersion: now?.version,
        rollout: request.rollout
          ? parseRolloutPlan(request.rollout, 'rollout')
          : settings.defaultRollout,
        requiredApprovals,
      },
      options,
    );
  }

  /** Versions go from one environment to the next. */
  async #requireToHaveRun(place: {
    model: string;
    version: number;
    alias: Environment;
  }): Promise<void> {
    const ran = await this.#options.aliases.versionsOf(place);
    if (ran.includes(place.version)) return;
    throw new ConflictError(
      `Version ${place.version} of '${place.model}' has not run in ${place.alias}: promote it there first`,
    );
  }

  async rollBack(
    request: NewRollback,
    options: CallOptions,
  ): Promise<Promotion> {
    const { versions, aliases, running, settings, store } = this.#options;
    const { model, environment, reason } = request;
    const now = await running({ model, environment });
    const ranBefore = await aliases.versionsOf({ model, alias: environment });
    // What was just taken back is no way back, unless somebody asks for it by number.
    const last =
      now?.kind === 'rollback'
        ? undefined
        : ranBefore.find(candidate => candidate !== now?.version);
    const version = request.version ?? now?.rollbackTo?.version ?? last;
    if (!now || version === undefined) {
      throw new ConflictError(
        `${environment} has no version of '${model}' to go back to: promote the version that should run, or name one that ran there before`,
      );
    }
    if (version === now.version) {
      throw new ConflictError(await this.#describeWanted(now));
    }
    const { digest } = await versions.get(model, version);
    const isOther =
      version === now.rollbackTo?.version && digest !== now.rollbackTo.digest;
    if (!ranBefore.includes(version) || isOther) {
      throw new ConflictError(
        `Version ${version} of '${model}' never ran in ${environment}: promote it instead of rolling back to it`,
      );
    }
    const before = await store.lastMerged({ model, environment, version });
    const previous = before?.fromVersion;
    return this.#open(
      {
        kind: 'rollback',
        model,
        version,
        environment,
        reason,
        fromVersion: now.version,
        rollout: IMMEDIATE,
        rollbackTo:
          previous === undefined || previous === now.version
            ? undefined
            : {
                version: previous,
                digest: (await versions.get(model, previous)).digest,
              },
        requiredApprovals: settings.rollbackApprovals,
      },
      options,
    );
  }

  async approve(
    id: string,
    approval: NewApproval,
    options: CallOptions,
  ): Promise<Promotion> {
    const { store, gitHost, people } = this.#options;
    const record = await store.get(id);
    const { comment = '', accepts = [] } = approval;
    const reviewer = userRefOf(options.credentials);
    const contributors = await this.#contributorsOf(record);
    const decision = await this.#mayReview(record, contributors, options);
    if (!decision.allowed) {
      throw decision.because === 'never'
        ? new NotAllowedError(decision.reason)
        : new ConflictError(decision.reason);
    }
    checkAcceptance(record, { comment, accepts });
    const { number } = record.changeRequest!;
    const { head } = await gitHost.getChangeRequest(number);
    if (head !== record.checkedHead) {
      const at = new Date().toISOString();
      const again = startOver(record, 'verify-artifact-digest', at);
      await this.#save(again, { action: 'promotion-started-over', options });
      throw new ConflictError(
        'The branch was changed since the gates looked at it: they run again now, look at it after that',
      );
    }
    const author = await people.personOf(reviewer);
    await gitHost.approveChangeRequest(number, { author, head });
    const at = new Date().toISOString();
    const review = {
      reviewer,
      comment,
      head,
      ...(accepts.length > 0 && { accepts }),
    };
    return this.#save(approve(record, review, at), {
      action: 'promotion-approved',
      options,
      details: { comment, accepts },
    });
  }

  /** As the configuration says now, also of a promotion that is older than it. */
  #approverGroupsOf({ environment }: PromotionRecord): string[] | undefined {
    return this.#options.environments.find(environment)?.approverGroups;
  }

  async #mayReview(
    record: PromotionRecord,
    contributors: string[],
    { credentials }: CallOptions,
  ): Promise<ReviewDecision> {
    const groups = this.#approverGroupsOf(record);
    return mayReview(record, {
      reviewer: userRefOf(credentials),
      contributors,
      ...(groups && {
        approvers: {
          groups,
          memberships: await this.#options.membershipsOf(credentials),
        },
      }),
    });
  }

  async close(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion> {
    for (;;) {
      try {
        return await this.#closeAsItIs(id, closing, options);
      } catch (error) {
        if (!(error instanceof StalePromotionError)) throw error;
        // The worker took a step meanwhile: look again.
      }
    }
  }

  async #closeAsItIs(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion> {
    const record = await this.#options.store.get(id);
    const { phase } = record.state;
    if (!(isOpen(record) || phase === 'failed') || phase === 'merging') {
      throw new ConflictError(`The promotion is ${phase}: it cannot be closed`);
    }
    const closedBy = userRefOf(options.credentials);
    const { reason } = closing;
    const at = new Date().toISOString();
    const closed = close(record, { closedBy, reason }, at);
    const isRejection = closedBy !== record.requestedBy;
    return this.#save(
      {
        ...closed,
        reviews: isRejection
          ? [
              ...closed.reviews,
              { reviewer: closedBy, verdict: 'rejected', comment: reason, at },
            ]
          : closed.reviews,
      },
      { action: 'promotion-closed', options },
    );
  }

  async retry(id: string, options: CallOptions): Promise<Promotion> {
    const record = await this.#options.store.get(id);
    const again = retry(record, new Date().toISOString());
    if (!again) {
      throw new ConflictError(
        `The promotion is ${record.state.phase}: only a failed step or gates that did not pass can be tried again`,
      );
    }
    return this.#save(again, { action: 'promotion-retried', options });
  }

  async #open(
    request: Omit<Parameters<typeof openPromotion>[0], 'id' | 'requestedBy'>,
    options: CallOptions,
  ): Promise<Promotion> {
    const { store, changes, notifier, onWork } = this.#options;
    const requestedBy = userRefOf(options.credentials);
    const at = new Date().toISOString();
    const record = openPromotion(
      { ...request, id: randomUUID(), requestedBy },
      at,
    );
    const superseded = await changes.transaction(async tx => {
      await store.lockPlace(tx, record);
      const closed = await this.#supersede(tx, record);
      await store.insert(tx, record);
      await store.enqueue(tx, record.id);
      await recordPromotion(changes, tx, {
        promotion: record,
        action: 'promotion-opened',
        actor: requestedBy,
        details: { reason: record.reason },
      });
      return closed;
    });
    onWork();
    await Promise.all(
      superseded.map(promotion => notifier.tellRequester(promotion)),
    );
    return toPromotion(record);
  }

  /** One open promotion for each model and environment: the newest. */
  async #supersede(
    tx: Knex.Transaction,
    next: PromotionRecord,
  ): Promise<PromotionRecord[]> {
    const { store, changes } = this.#options;
    const { environment, requestedBy } = next;
    const superseded: PromotionRecord[] = [];
    for (const promotion of await store.unfinished(next, tx)) {
      if (promotion.state.phase === 'merging') {
        throw new ConflictError(
          `Version ${promotion.version} is being merged into ${environment} right now (promotion ${promotion.id}): ask again when that is done`,
        );
      }
      const reason = `Superseded by version ${next.version} (promotion ${next.id}).`;
      const closed = await store.save(
        tx,
        close(promotion, { closedBy: requestedBy, reason }, next.createdAt),
      );
      await store.enqueue(tx, promotion.id);
      await recordPromotion(changes, tx, {
        promotion: closed,
        action: 'promotion-superseded',
        actor: requestedBy,
        details: { reason },
      });
      superseded.push(closed);
    }
    return superseded;
  }

  async #save(
    record: PromotionRecord,
    event: { action: string; options: CallOptions; details?: object },
  ): Promise<Promotion> {
    const { store, changes, notifier, onWork } = this.#options;
    const saved = await changes.transaction(async tx => {
      const promotion = await store.save(tx, record);
      await store.enqueue(tx, record.id);
      await recordPromotion(changes, tx, {
        promotion,
        action: event.action,
        actor: userRefOf(event.options.credentials),
        details: event.details,
      });
      return promotion;
    });
    onWork();
    await notifier.tellRequester(saved);
    return toPromotion(saved);
  }

  /** Why a version need not be asked for again: Git asks for it, and it serves or is on its way. */
  async #describeWanted(wanted: DesiredDeployment): Promise<string> {
    const { environment, model, version, commit } = wanted;
    const serving = await this.#options
      .serving({ environment, model })
      .catch(() => undefined);
    if (serving?.commit === commit && serving.state === 'serving') {
      return `${environment} runs version ${version} of '${model}' already`;
    }
    const why =
      serving?.commit === commit && serving.reason ? `: ${serving.reason}` : '';
    return `${environment} is meant to run version ${version} of '${model}' already, since commit ${commit.slice(
      0,
      12,
    )}, and is not there yet${why}. It goes on by itself; Inference shows how far it is, and has a button to try at once`;
  }

  /** Entity refs of everybody who wrote a commit of the branch. */
  async #contributorsOf(record: PromotionRecord): Promise<string[]> {
    const { gitHost, people } = this.#options;
    if (!isOpen(record) || !record.changeRequest) return [];
    const branch = await gitHost.getBranch(branchOf(record));
    return Promise.all(
      (branch?.contributors ?? []).map(person => people.actorOf(person)),
    );
  }
}

/** @throws InputError, or ConflictError when gates that could not tell are passed over in silence */
function checkAcceptance(
  record: PromotionRecord,
  { comment, accepts }: Required<NewApproval>,
): void {
  const undecided = record.gates.filter(({ status }) => status === 'undecided');
  const known = new Set(undecided.map(({ id }) => id));
  const other = accepts.find(id => !known.has(id));
  if (other) {
    throw new InputError(
      `accepts: the gate '${other}' is not undecided: leave it out`,
    );
  }
  if (accepts.length > 0 && comment.trim() === '') {
    throw new InputError(
      `comment: say why ${accepts.join(' and ')} may pass without proof`,
    );
  }
  const missing = openQuestions(record).find(({ id }) => !accepts.includes(id));
  if (missing) {
    throw new ConflictError(
      `The gate '${missing.id}' could not tell: ${missing.summary} Let it pass with accepts: ["${missing.id}"] and a comment that says why, or reject the promotion`,
    );
  }
}
