import type {
  NewRolloutPlan,
  RolloutPlan,
  StepsPlan,
} from '@greenroom/plugin-ai-registry-common';
import { PROPOSED_STEPS, rolloutStepErrors } from './rolloutPlan';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
/** Copies on their way at a time in one data plane. */
const COPIES_IN_FLIGHT = 16;

/** What the dialog holds of a rollout; what another strategy had is kept while one is chosen. */
export interface RolloutForm {
  strategy: RolloutPlan['strategy'];
  steps: StepsPlan['steps'];
  shadow: { samplePercent: number; minutes: number };
  experiment: {
    /** Of the new version; the running one has the rest. */
    sharePercent: number;
    hours: number;
    minUnitsPerVariant: number;
    winner: 'serve' | 'ask';
  };
  adaptive: { floorPercent: number; updateMinutes: number; hours: number };
}

/** What is proposed; the person who promotes edits it. */
export const PROPOSED_ROLLOUT: RolloutForm = {
  strategy: 'canary',
  steps: PROPOSED_STEPS,
  shadow: { samplePercent: 10, minutes: 60 },
  experiment: {
    sharePercent: 50,
    hours: 168,
    minUnitsPerVariant: 1_000,
    winner: 'serve',
  },
  adaptive: { floorPercent: 10, updateMinutes: 60, hours: 168 },
};

/** Strategies that compare with what runs; without that there is nothing to find out. */
export function needsRunning(strategy: RolloutForm['strategy']): boolean {
  return ['experiment', 'shadow', 'adaptive'].includes(strategy);
}

/** Strategies in which a metric decides. */
export function needsMetric(strategy: RolloutForm['strategy']): boolean {
  return strategy === 'experiment' || strategy === 'adaptive';
}

/** Whether a step waits for the comparison to decide. */
export function hasAnalysisStep({ strategy, steps }: RolloutForm): boolean {
  return strategy === 'canary' && steps.some(step => 'analysisSeconds' in step);
}

/** Why a rollout cannot be sent, by the field's name in the form; empty when it can. */
export function rolloutErrors(
  form: RolloutForm,
  running: number | undefined,
): Map<string, string> {
  const { strategy, steps, shadow, experiment, adaptive } = form;
  const errors = new Map<string, string>();
  const expect = (field: string, isRight: boolean, message: string) => {
    if (!isRight) errors.set(field, message);
  };
  if (needsRunning(strategy) && running === undefined) {
    errors.set(
      'strategy',
      'Nothing runs there yet that it could be compared with: choose another rollout.',
    );
  }
  switch (strategy) {
    case 'shadow':
      expect(
        'samplePercent',
        shadow.samplePercent > 0 && shadow.samplePercent <= 100,
        'Give a share of more than 0 and at most 100 percent.',
      );
      expect('minutes', isWhole(shadow.minutes, 1, 43_200), minutes(43_200));
      break;
    case 'experiment':
      expect(
        'sharePercent',
        experiment.sharePercent > 0 && experiment.sharePercent < 100,
        'Give a share of more than 0 and less than 100 percent.',
      );
      expect('hours', isWhole(experiment.hours, 1, 4_320), hours(4_320));
      expect(
        'minUnitsPerVariant',
        isWhole(experiment.minUnitsPerVariant, 1, 1e9),
        'Give a whole number of callers, 1 or more.',
      );
      break;
    case 'adaptive':
      expect(
        'floorPercent',
        adaptive.floorPercent > 0 && adaptive.floorPercent <= 50,
        'Give a least share of more than 0 and at most 50 percent.',
      );
      expect(
        'updateMinutes',
        isWhole(adaptive.updateMinutes, 1, 1_440),
        minutes(1_440),
      );
      expect('hours', isWhole(adaptive.hours, 1, 4_320), hours(4_320));
      break;
    case 'canary':
      rolloutStepErrors(steps).forEach((message, index) =>
        errors.set(`steps.${index}`, message),
      );
      break;
    default:
  }
  return errors;
}

/**
 * The plan as it is sent.
 *
 * @param options.metric - name of the metric that decides; undefined where none does
 */
export function planOf(
  form: RolloutForm,
  options: { version: number; running: number | undefined; metric?: string },
): NewRolloutPlan {
  const { strategy, steps, shadow, experiment, adaptive } = form;
  const { version, running = 0, metric = '' } = options;
  switch (strategy) {
    case 'shadow':
      return {
        strategy,
        samplePercent: shadow.samplePercent,
        maxCopiesInFlight: COPIES_IN_FLIGHT,
        forSeconds: shadow.minutes * MINUTE_SECONDS,
      };
    case 'experiment': {
      const { sharePercent, minUnitsPerVariant, winner } = experiment;
      return {
        strategy,
        control: { version: running, sharePercent: 100 - sharePercent },
        treatments: [{ version, sharePercent }],
        end: {
          atMostSeconds: experiment.hours * HOUR_SECONDS,
          minUnitsPerVariant,
          winner,
        },
      };
    }
    case 'adaptive':
      return {
        strategy,
        floorPercent: adaptive.floorPercent,
        metric,
        updateSeconds: adaptive.updateMinutes * MINUTE_SECONDS,
        atMostSeconds: adaptive.hours * HOUR_SECONDS,
      };
    case 'immediate':
      return { strategy, steps: [] };
    default:
      return { strategy, steps };
  }
}

export function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function minutes(most: number): string {
  return `Give whole minutes, 1 to ${most}.`;
}

function hours(most: number): string {
  return `Give whole hours, 1 to ${most}.`;
}
