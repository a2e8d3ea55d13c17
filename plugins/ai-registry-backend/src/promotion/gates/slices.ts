import { chooseEvaluations } from '../chooseEvaluations';
import { compareSlices, LEAST_SLICE_ROWS } from '../evidence/compareSlices';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

const MOST_NAMED = 5;

/** A version that is as good on the whole may be worse for some. */
export const slices: PromotionGate = {
  id: 'slices',
  title: 'Not worse for some',
  step: { name: 'check-slices', title: 'Compare slices' },
  when: 'once',
  defaultMode: 'required',
  ofRollback: 'off',
  isOnDemand: true,
  configure: () => ({ check }),
};

async function check(context: StepContext): Promise<GateFinding> {
  const { environment, version } = context.promotion;
  const running = await context.running();
  if (!running) {
    return {
      status: 'not-asked',
      because: `Not asked: nothing runs in ${environment} yet.`,
    };
  }
  const chosen = chooseEvaluations(
    await context.evaluations(running.version),
    await context.evaluations(version),
    context.measuredMode(),
  );
  if (!chosen.candidate?.slices?.length) {
    return {
      status: 'not-asked',
      because: "Not asked: the version's evaluation has no slices.",
    };
  }
  const found = compareSlices(chosen.base, chosen.candidate);
  if (!found) {
    return {
      status: 'skipped',
      summary: `Not compared: versions ${version} and ${running.version} were not evaluated on the same rows by the same metric.`,
    };
  }
  const metric = chosen.candidate.primary.name;
  const worse = found.filter(({ outcome }) => outcome === 'worse');
  const few = found.filter(({ outcome }) => outcome === 'few');
  const evidence = { kind: 'slices', metric, slices: found } as const;
  if (worse.length > 0) {
    const names = worse.slice(0, MOST_NAMED).map(({ name }) => name);
    const more = worse.length - names.length;
    return {
      status: 'failed',
      summary: `It is worse than version ${running.version} for ${names.join(
        ', ',
      )}${more > 0 ? ` and ${more} more` : ''}, by its ${metric}.`,
      evidence,
    };
  }
  return {
    status: 'passed',
    summary: `By its ${metric} it is worse in none of ${
      found.length
    } slices than version ${running.version}${
      few.length > 0
        ? `; ${few.length} of them have fewer than ${LEAST_SLICE_ROWS} rows, which tell nothing`
        : ''
    }.`,
    evidence,
  };
}
