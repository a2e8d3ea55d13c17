import { applyEnvironment } from './applyEnvironment';
import { awaitReview } from './awaitReview';
import { awaitRollout } from './awaitRollout';
import { checkConnection } from './checkConnection';
import { checkSignature } from './checkSignature';
import { compareCost } from './compareCost';
import { compareEvaluation } from './compareEvaluation';
import { createBranch } from './createBranch';
import { evaluatePrompts } from './evaluatePrompts';
import { mergeChangeRequest } from './mergeChangeRequest';
import { openChangeRequest } from './openChangeRequest';
import type { PromotionStep } from './PromotionStep';
import { publishReport } from './publishReport';
import { tryToLoad } from './tryToLoad';
import { verifyArtifactDigest } from './verifyArtifactDigest';

/** Every step of a promotion, in order. */
export const promotionSteps: PromotionStep[] = [
  createBranch,
  openChangeRequest,
  verifyArtifactDigest,
  checkConnection,
  tryToLoad,
  checkSignature,
  evaluatePrompts,
  compareEvaluation,
  compareCost,
  publishReport,
  awaitReview,
  mergeChangeRequest,
  applyEnvironment,
  awaitRollout,
];
