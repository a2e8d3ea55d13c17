import { isError } from '@backstage/errors';
import type {
  ModelVersionDetail,
  PromptEvaluation,
} from '@greenroom/plugin-ai-registry-common';
import { answersChats } from '../../evaluationRuns/evaluationRun';
import type { GateRun } from '../../evaluationRuns/GateRuns';
import {
  asPromptScorers,
  manifestPath,
  parseManifest,
} from '@greenroom/manifest';
import type { StepContext } from '../steps/PromotionStep';

/** The prompts that a promotion's manifest asks of language models, and of which versions. */
export interface PromptPlan {
  evaluation: PromptEvaluation;
  maxLossShare: number | undefined;
  maxCostIncreaseShare: number | undefined;
  candidate: ModelVersionDetail;
  /** What runs and can be asked; undefined where there is none. */
  running: ModelVersionDetail | undefined;
}

/** Undefined where no prompts are asked, with a sentence that says why. */
export async function findPromptPlan(
  context: StepContext,
): Promise<PromptPlan | { none: string }> {
  const candidate = await context.candidate();
  if (!answersChats(candidate.external)) {
    return { none: 'Not asked: the version answers no chat.' };
  }
  const section = await readSection(context);
  if (!section) {
    return { none: 'Not asked: the manifest names no prompts (evaluation).' };
  }
  const { dataset, scorers, rows, maxLossShare, maxCostIncreaseShare } =
    section;
  if (!scorers) {
    return { none: 'Not asked: the manifest names rows, and no prompts.' };
  }
  const running = await context.running();
  const before = running && (await context.version(running.version));
  return {
    evaluation: {
      // The schema of the manifest has checked the form of the digest.
      dataset: dataset as PromptEvaluation['dataset'],
      scorers: asPromptScorers(scorers),
      ...(rows !== undefined && { rows }),
    },
    maxLossShare,
    maxCostIncreaseShare,
    candidate,
    running: answersChats(before?.external) ? before : undefined,
  };
}

/** How far each version of a plan is; asks nobody anything. */
export async function findPlannedRuns(
  context: StepContext,
  plan: PromptPlan,
): Promise<{ candidate: GateRun; running: GateRun | undefined }> {
  const { evaluation, candidate, running } = plan;
  const look = ({ version }: ModelVersionDetail) =>
    context.promptRun(version, evaluation, { start: false });
  return {
    candidate: await look(candidate),
    running: running && (await look(running)),
  };
}

/** What the branch says. A manifest that is wrong was found by an earlier gate. */
export async function readSection({ promotion, gitHost }: StepContext) {
  if (promotion.checkedHead === undefined) return undefined;
  const text = await gitHost.readFile({
    path: manifestPath(promotion),
    revision: promotion.checkedHead,
  });
  try {
    return parseManifest(text ?? '', promotion).spec.evaluation;
  } catch (error) {
    if (!isError(error) || error.name !== 'InputError') throw error;
    return undefined;
  }
}
