import type {
  Promotion,
  PromotionDetail,
  PromotionQuery,
} from '@greenroom/plugin-ai-registry-common';
import type { GitHost } from '../environments/GitHost';
import type { CallOptions } from '../models/ModelService';
import type { Approvers } from './Approvers';
import type { PromotionStore } from './PromotionStore';
import { describePromotion } from './report';
import { toPromotion } from './toPromotion';

/** What is shown of promotions. */
export class PromotionReader {
  readonly #store: PromotionStore;
  readonly #gitHost: GitHost;
  readonly #approvers: Approvers;

  constructor(options: {
    store: PromotionStore;
    gitHost: GitHost;
    approvers: Approvers;
  }) {
    this.#store = options.store;
    this.#gitHost = options.gitHost;
    this.#approvers = options.approvers;
  }

  async list(query: PromotionQuery): Promise<Promotion[]> {
    const records = await this.#store.list(query);
    return records.map(toPromotion);
  }

  async get(id: string, options: CallOptions): Promise<PromotionDetail> {
    const record = await this.#store.get(id);
    const number = record.changeRequest?.number;
    const [request, diff, decision] = await Promise.all([
      number === undefined ? undefined : this.#gitHost.getChangeRequest(number),
      number === undefined ? '' : this.#gitHost.diffOfChangeRequest(number),
      this.#approvers.decide(record, options),
    ]);
    const approverGroups = this.#approvers.groupsFor(record);
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
}
