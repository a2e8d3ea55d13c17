import { InputError } from '@backstage/errors';
import type { VersionStage } from '@greenroom/plugin-ai-registry-common';

/** As clients call it where a version is in none. */
export const NO_STAGE = 'None';

export const STAGES = [NO_STAGE, 'Staging', 'Production', 'Archived'] as const;

export type MlflowStage = (typeof STAGES)[number];

/** @throws InputError in MLflow's words */
export function parseStage(text: string): MlflowStage {
  const stage = STAGES.find(
    known => known.toLowerCase() === text.toLowerCase(),
  );
  if (stage) return stage;
  throw new InputError(
    `Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(
      ', ',
    )}.`,
  );
}

export function toMlflowStage(stage: VersionStage | undefined): MlflowStage {
  return stage ?? NO_STAGE;
}

export function toVersionStage(stage: MlflowStage): VersionStage | null {
  return stage === NO_STAGE ? null : stage;
}

/** @throws InputError in MLflow's words */
export function checkArchiving(stage: MlflowStage): void {
  if (stage === 'Staging' || stage === 'Production') return;
  throw new InputError(
    `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are Staging, Production`,
  );
}
