import { applyEnvironment } from './applyEnvironment';
import { awaitReview } from './awaitReview';
import { awaitRollout } from './awaitRollout';
import { createBranch } from './createBranch';
import { mergeChangeRequest } from './mergeChangeRequest';
import { openChangeRequest } from './openChangeRequest';
import type { PromotionStep } from './PromotionStep';
import { publishReport } from './publishReport';
import { verify } from './verify';

/** Every step besides those that ask gates, in order. */
export const promotionSteps: PromotionStep[] = [
  createBranch,
  openChangeRequest,
  publishReport,
  awaitReview,
  mergeChangeRequest,
  applyEnvironment,
  awaitRollout,
  verify,
];
