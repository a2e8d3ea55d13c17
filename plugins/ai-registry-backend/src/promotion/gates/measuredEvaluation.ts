import type {
  MeasurementQuestion,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import type { GateMeasurement } from '../../measurements/GateMeasurements';
import type { StepContext } from '../steps/PromotionStep';
import { readSection } from './promptEvaluation';

/** The rows that a promotion's manifest has versions measured on, and which versions. */
export interface MeasurementPlan {
  question: MeasurementQuestion & { dataset: { digest?: string } };
  maxLossShare: number | undefined;
  candidate: ModelVersionDetail;
  /** Version that runs; undefined where there is none. */
  running: number | undefined;
}

/** Undefined where the manifest names no rows, or the version runs at a provider. */
export async function findMeasurementPlan(
  context: StepContext,
): Promise<MeasurementPlan | undefined> {
  const candidate = await context.candidate();
  if (candidate.external) return undefined;
  const section = await readSection(context);
  if (section?.target === undefined) return undefined;
  const {
    maxLossShare,
    scorers: _scorers,
    rows: _rows,
    maxCostIncreaseShare: _cost,
    target,
    ...question
  } = section;
  const running = await context.running();
  return {
    question: { ...question, target },
    maxLossShare,
    candidate,
    running: running?.version,
  };
}

/** How far each version of a plan is. */
export async function findPlannedMeasurements(
  context: StepContext,
  { question, candidate, running }: MeasurementPlan,
  options: { start: boolean },
): Promise<{
  candidate: GateMeasurement;
  running: GateMeasurement | undefined;
}> {
  const look = (version: number) =>
    context.measurement(version, question, options);
  return {
    candidate: await look(candidate.version),
    running: running === undefined ? undefined : await look(running),
  };
}
