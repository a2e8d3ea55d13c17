import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { isPermitted, requirePermission, userRefOf } from '@greenroom/ai-node';
import {
  AuthorizeResult,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  aiModelPromotePermission,
  aiModelReadPermission,
  aiModelReviewPermission,
  aiPromotionOverridePermission,
  type NewApproval,
  type NewGateOverride,
  type NewPromotion,
  placeRef,
  type Promotion,
  type PromotionDetail,
  type PromotionQuery,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { NewRollback, PromotionService } from './PromotionService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedPromotionService implements PromotionService {
  readonly #promotions: PromotionService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    promotions: PromotionService;
    permissions: PermissionsService;
  }) {
    this.#promotions = options.promotions;
    this.#permissions = options.permissions;
  }

  /** Leaves out the promotions of models that the caller may not read. */
  async list(
    query: PromotionQuery,
    options: CallOptions,
  ): Promise<Promotion[]> {
    const items = await this.#promotions.list(query, options);
    if (items.length === 0) return items;
    const models = [...new Set(items.map(item => item.model))];
    const decisions = await this.#permissions.authorize(
      models.map(resourceRef => ({
        permission: aiModelReadPermission,
        resourceRef,
      })),
      options,
    );
    const visible = new Set(
      models.filter((_, i) => decisions[i].result === AuthorizeResult.ALLOW),
    );
    return items.filter(item => visible.has(item.model));
  }

  async get(id: string, options: CallOptions): Promise<PromotionDetail> {
    const detail = await this.#promotions.get(id, options);
    await this.#require(aiModelReadPermission, detail.model, options);
    const place = placeRef(detail);
    const lacks = async (permission: ResourcePermission, to: string) =>
      (await this.#has(permission, place, options))
        ? undefined
        : ({
            allowed: false,
            reason: `You need the permission '${permission.name}' on '${place}' to ${to}.`,
          } as const);
    const { review, override } = detail;
    return {
      ...detail,
      review:
        (review.allowed &&
          (await lacks(aiModelReviewPermission, 'approve it'))) ||
        review,
      override:
        (override.allowed &&
          (await lacks(aiPromotionOverridePermission, 'override its gates'))) ||
        override,
    };
  }

  async promote(
    request: NewPromotion,
    options: CallOptions,
  ): Promise<Promotion> {
    await this.#require(aiModelPromotePermission, placeRef(request), options);
    return this.#promotions.promote(request, options);
  }

  async rollBack(
    request: NewRollback,
    options: CallOptions,
  ): Promise<Promotion> {
    await this.#require(aiModelPromotePermission, placeRef(request), options);
    return this.#promotions.rollBack(request, options);
  }

  async approve(
    id: string,
    approval: NewApproval,
    options: CallOptions,
  ): Promise<Promotion> {
    const promotion = await this.#promotions.get(id, options);
    // The author learns that a second person is needed, not that a permission is.
    if (promotion.requestedBy !== userRefOf(options.credentials)) {
      const place = placeRef(promotion);
      await this.#require(aiModelReviewPermission, place, options);
    }
    return this.#promotions.approve(id, approval, options);
  }

  async override(
    id: string,
    override: NewGateOverride,
    options: CallOptions,
  ): Promise<Promotion> {
    const promotion = await this.#promotions.get(id, options);
    // The author learns that a second person is needed, not that a permission is.
    if (promotion.requestedBy !== userRefOf(options.credentials)) {
      const place = placeRef(promotion);
      await this.#require(aiPromotionOverridePermission, place, options);
    }
    return this.#promotions.override(id, override, options);
  }

  async close(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion> {
    await this.#requirePromoteOrReview(id, options);
    return this.#promotions.close(id, closing, options);
  }

  async retry(id: string, options: CallOptions): Promise<Promotion> {
    await this.#requirePromoteOrReview(id, options);
    return this.#promotions.retry(id, options);
  }

  async #requirePromoteOrReview(
    id: string,
    options: CallOptions,
  ): Promise<void> {
    const place = placeRef(await this.#promotions.get(id, options));
    const mayPromote = this.#has(aiModelPromotePermission, place, options);
    const mayReview = this.#has(aiModelReviewPermission, place, options);
    if (!(await mayPromote) && !(await mayReview)) {
      throw new NotAllowedError(
        `You need the permission '${aiModelPromotePermission.name}' or '${aiModelReviewPermission.name}' on '${place}': ask its owner or a platform administrator`,
      );
    }
  }

  #has(
    permission: ResourcePermission,
    resourceRef: string,
    { credentials }: CallOptions,
  ): Promise<boolean> {
    return isPermitted(this.#permissions, {
      permission,
      resourceRef,
      credentials,
    });
  }

  #require(
    permission: ResourcePermission,
    resourceRef: string,
    { credentials }: CallOptions,
  ): Promise<void> {
    return requirePermission(this.#permissions, {
      permission,
      resourceRef,
      credentials,
    });
  }
}
