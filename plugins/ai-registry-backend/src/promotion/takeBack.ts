import type { AuthService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import type { PromotionRecord } from './promotion';
import type { PromotionStore } from './PromotionStore';
import type { Rollbacks } from './Rollbacks';

/**
 * Opens the way back of a manifest whose version was judged and taken back, so that Git asks for
 * what serves. Asked again, it opens no second one.
 *
 * @returns a sentence that says how
 */
export type TakeBack = (
  /** Without an id, it was pushed. */
  wanted: Pick<PromotionRecord, 'model' | 'environment' | 'version'> & {
    id?: string;
  },
  reason: string,
) => Promise<string>;

export function createTakeBack(options: {
  auth: Pick<AuthService, 'getOwnServiceCredentials'>;
  store: Pick<PromotionStore, 'unfinished'>;
  rollbacks: Pick<Rollbacks, 'rollBack'>;
}): TakeBack {
  const { auth, store, rollbacks } = options;
  return async ({ id, model, environment, version }, reason) => {
    const [open] = (await store.unfinished({ model, environment })).filter(
      other => other.id !== id,
    );
    if (open) {
      return `Promotion ${open.id} asks for version ${open.version} already.`;
    }
    try {
      const rollback = await rollbacks.rollBack(
        {
          model,
          environment,
          reason: id ? `${reason} (promotion ${id})` : reason,
        },
        { credentials: await auth.getOwnServiceCredentials() },
      );
      return `Git goes back to version ${rollback.version} by promotion ${rollback.id}.`;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return `Git still asks for version ${version}: ${error.message}`;
    }
  };
}
