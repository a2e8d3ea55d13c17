import { artifactDigest } from './artifactDigest';
import { connection } from './connection';
import { cost } from './cost';
import { deprecation } from './deprecation';
import { drift } from './drift';
import { evaluation } from './evaluation';
import { freeze } from './freeze';
import { pathGate } from './path';
import { files } from './files';
import { latency } from './latency';
import { licence } from './licence';
import type { PromotionGate } from './PromotionGate';
import { replay } from './replay';
import { servable } from './servable';
import { signing } from './signing';
import { soak } from './soak';
import { signatureCompatible } from './signatureCompatible';
import { slices } from './slices';

/** Every gate, in the order in which promotions are held against them. */
export const promotionGates: PromotionGate[] = [
  artifactDigest,
  pathGate,
  soak,
  freeze,
  deprecation,
  files,
  signing,
  licence,
  connection,
  servable,
  latency,
  signatureCompatible,
  evaluation,
  slices,
  drift,
  replay,
  cost,
];
