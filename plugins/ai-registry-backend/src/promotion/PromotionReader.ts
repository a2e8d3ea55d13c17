import { toError } from '@backstage/errors';
import type {
  ChangeRequestComment,
  Promotion,
  PromotionDetail,
  PromotionQuery,
} from '@greenroom/plugin-ai-registry-common';
import type { ChangeRequest, GitHost } from '../environments/GitHost';
import type { CallOptions } from '../models/ModelService';
import type { Approvers } from './Approvers';
import type { Gates } from './gates/Gates';
import {
  overridableGates,
  planOfPromotion,
  type PromotionRecord,
  type ReviewDecision,
} from './promotion';
import type { PromotionStore } from './PromotionStore';
import { describePromotion } from './report';
import { toPromotion } from './toPromotion';

/** Comments that a promotion's page shows, and the most that it shows of one. */
const MOST_COMMENTS = 100;
const MOST_COMMENT_CHARACTERS = 10_000;
/** Nobody waits longer for what only the Git host knows. */
const HOST_MILLIS = 5_000;

/** What only the Git host can tell of a promotion. */
interface Sight {
  request?: ChangeRequest;
  diff: string;
  /** Whether the caller may approve. */
  reviewing: ReviewDecision;
  overriding: ReviewDecision;
  /** Why it cannot be told now. */
  trouble?: string;
}

/** What is shown of promotions. */
export class PromotionReader {
  readonly #store: PromotionStore;
  readonly #gitHost: GitHost;
  readonly #approvers: Approvers;
  readonly #gates: Pick<Gates, 'absolute'>;

  constructor(options: {
    store: PromotionStore;
    gitHost: GitHost;
    approvers: Approvers;
    gates: Pick<Gates, 'absolute'>;
  }) {
    this.#store = options.store;
    this.#gitHost = options.gitHost;
    this.#approvers = options.approvers;
    this.#gates = options.gates;
  }

  async list(query: PromotionQuery): Promise<Promotion[]> {
    const records = await this.#store.list(query);
    return records.map(toPromotion);
  }

  async get(id: string, options: CallOptions): Promise<PromotionDetail> {
    const record = await this.#store.get(id);
    const { request, diff, reviewing, overriding, trouble } = await this.#see(
      record,
      options,
    );
    const approverGroups = this.#approvers.groupsFor(record);
    return {
      ...toPromotion(record),
      ...(approverGroups && { approverGroups }),
      ...(trouble !== undefined && { hostTrouble: trouble }),
      body: request?.body ?? describePromotion(record),
      comments: request ? request.comments.slice(-MOST_COMMENTS).map(said) : [],
      deployments: request?.deployments ?? [],
      diff,
      plan: planOfPromotion(record),
      review: reviewing.allowed
        ? { allowed: true }
        : { allowed: false, reason: reviewing.reason },
      override: overriding.allowed
        ? {
            allowed: true,
            gates: overridableGates(record)
              .map(({ id: gate }) => gate)
              .filter(gate => !this.#gates.absolute.includes(gate)),
          }
        : { allowed: false, reason: overriding.reason },
    };
  }

  /** While the Git host is away, the promotion itself can still be told, and why it does not go on. */
  async #see(record: PromotionRecord, options: CallOptions): Promise<Sight> {
    try {
      return await inTime(this.#askHost(record, options));
    } catch (error) {
      const trouble = toError(error).message;
      const refused: ReviewDecision = {
        allowed: false,
        because: 'not-now',
        reason: `Who changed its branch cannot be told now: ${trouble}`,
      };
      return { diff: '', reviewing: refused, overriding: refused, trouble };
    }
  }

  async #askHost(
    record: PromotionRecord,
    options: CallOptions,
  ): Promise<Sight> {
    const number = record.changeRequest?.number;
    const [request, diff, reviewing, overriding] = await Promise.all([
      number === undefined ? undefined : this.#gitHost.getChangeRequest(number),
      number === undefined ? '' : this.#gitHost.diffOfChangeRequest(number),
      this.#approvers.decide(record, options),
      this.#approvers.decideOverride(record, options),
    ]);
    return { request, diff, reviewing, overriding };
  }
}

async function inTime<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Error(
            `the Git host has not answered within ${
              HOST_MILLIS / 1_000
            } s: see whether it is up`,
          ),
        ),
      HOST_MILLIS,
    );
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

function said({
  author,
  text,
  at,
}: ChangeRequest['comments'][number]): ChangeRequestComment {
  const isLong = text.length > MOST_COMMENT_CHARACTERS;
  return {
    author: author.name,
    text: isLong ? `${text.slice(0, MOST_COMMENT_CHARACTERS)}…` : text,
    at,
  };
}
