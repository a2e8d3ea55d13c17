import type { PromotionPlan } from '@greenroom/plugin-ai-registry-common';
import { checkAgainst } from './checkAgainst';
import { specSchema } from './manifestV2';
import { rolloutOf } from './rolloutPlan';

/**
 * Holds the parts of a promotion's plan against the manifest's schema, each by itself and together,
 * as they will stand in the manifest.
 *
 * @throws InputError that names the field
 */
export function checkPlan(
  { rollout, ...sections }: PromotionPlan,
  { version, digest }: { version: number; digest: string },
): void {
  checkAgainst(
    specSchema,
    { version, digest, rollout: rolloutOf(rollout), ...sections },
    'the promotion',
  );
}
