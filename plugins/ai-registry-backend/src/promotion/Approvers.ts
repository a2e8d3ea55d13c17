import { type OwnershipClaims, userRefOf } from '@greenroom/ai-node';
import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { GitHost } from '../environments/GitHost';
import type { People } from '../environments/people';
import type { CallOptions } from '../models/ModelService';
import {
  branchOf,
  isOpen,
  mayOverride,
  mayReview,
  type PromotionRecord,
  type ReviewDecision,
} from './promotion';

export interface ApproversOptions {
  environments: Environments;
  gitHost: GitHost;
  people: People;
  /** What a caller belongs to, themselves included. */
  claims: Pick<OwnershipClaims, 'of'>;
}

/** Who may approve a promotion. */
export class Approvers {
  readonly #options: ApproversOptions;

  constructor(options: ApproversOptions) {
    this.#options = options;
  }

  /** As the configuration says now, also of a promotion that is older than it. */
  groupsFor({ environment }: PromotionRecord): string[] | undefined {
    return this.#options.environments.find(environment)?.approverGroups;
  }

  /** Whether the caller may, now. */
  async decide(
    record: PromotionRecord,
    { credentials }: CallOptions,
  ): Promise<ReviewDecision> {
    const contributors = await this.#contributorsOf(record);
    const groups = this.groupsFor(record);
    return mayReview(record, {
      reviewer: userRefOf(credentials),
      contributors,
      ...(groups && {
        approvers: {
          groups,
          memberships: await this.#options.claims.of(credentials),
        },
      }),
    });
  }

  /** Whether the caller may override gates, now. */
  async decideOverride(
    record: PromotionRecord,
    { credentials }: CallOptions,
  ): Promise<ReviewDecision> {
    const contributors = await this.#contributorsOf(record);
    return mayOverride(record, { by: userRefOf(credentials), contributors });
  }

  /** Entity refs of everybody who wrote a commit of the branch. */
  async #contributorsOf(record: PromotionRecord): Promise<string[]> {
    const { gitHost, people } = this.#options;
    if (!isOpen(record) || !record.changeRequest) return [];
    const branch = await gitHost.getBranch(branchOf(record), {
      head: record.checkedHead,
    });
    return Promise.all(
      (branch?.contributors ?? []).map(person => people.actorOf(person)),
    );
  }
}
