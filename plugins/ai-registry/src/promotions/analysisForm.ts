import {
  type AnalysisGuardrail,
  type AnalysisMetric,
  COMMON_UNITS_PER_VARIANT,
  commonGuardrails,
  type ManifestAnalysis,
  type ManifestOutcomes,
  type Measure,
  type RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { isWhole } from './rolloutForm';

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** What the dialog holds of how versions are compared. */
export interface AnalysisForm {
  /** `kept`: as the manifest says. `own`: otherwise, from this promotion on. Undefined: whichever there can be. */
  source?: 'kept' | 'own';
  /** Of the metric that decides; `none` where only the guardrails are watched. */
  measure: Measure['kind'] | 'none';
  outcome: string;
  /** Of an outcome; the others have theirs. */
  direction: AnalysisMetric['direction'];
  quantilePercent: number;
  /** Difference that matters, as it is shown: percentage points of shares, milliseconds, or the unit of the outcome. */
  margins: Record<Measure['kind'], number>;
  alphaPercent: number;
  powerPercent: number;
  minUnitsPerVariant: number;
  guardrails: 'common' | 'own' | 'none';
  /** Largest losses of own guardrails, as they are shown; NaN for none. */
  own: { errorPoints: number; latencyMillis: number };
  outcomes: ManifestOutcomes;
}

export const PROPOSED_ANALYSIS: AnalysisForm = {
  measure: 'none',
  outcome: '',
  direction: 'higher-is-better',
  quantilePercent: 95,
  margins: { outcome: 0.01, 'error-rate': 1, latency: 50, agreement: 5 },
  alphaPercent: 5,
  powerPercent: 80,
  minUnitsPerVariant: COMMON_UNITS_PER_VARIANT,
  guardrails: 'common',
  own: { errorPoints: 1, latencyMillis: 50 },
  outcomes: { samplePercent: 100, keepDays: 30 },
};

/** What the metric that decides may be: only a shadow's answers are held against others, and nobody acts on them. */
export function measuresFor(
  strategy: RolloutPlan['strategy'],
): Measure['kind'][] {
  return strategy === 'shadow'
    ? ['agreement', 'error-rate', 'latency']
    : ['outcome', 'error-rate', 'latency'];
}

/** Why it cannot be sent, by the field's name in the form; empty when it can. */
export function analysisErrors(
  form: AnalysisForm,
  options: { needsMetric: boolean },
): Map<string, string> {
  const errors = new Map<string, string>();
  const expect = (field: string, isRight: boolean, message: string) => {
    if (!isRight) errors.set(field, message);
  };
  const { measure, margins, own } = form;
  expect(
    'measure',
    measure !== 'none' || !options.needsMetric,
    'Choose a metric: this rollout follows what it says.',
  );
  if (measure !== 'none') {
    expect(
      'margin',
      margins[measure] >= 0,
      'Give the difference that matters, 0 or more.',
    );
    expect(
      'alphaPercent',
      form.alphaPercent > 0 && form.alphaPercent <= 50,
      'Give a chance of more than 0 and at most 50 percent.',
    );
    expect(
      'powerPercent',
      form.powerPercent >= 50 && form.powerPercent < 100,
      'Give a chance of at least 50 and less than 100 percent.',
    );
  }
  if (measure === 'outcome') {
    expect(
      'outcome',
      NAME.test(form.outcome),
      'Give the name under which callers report it: lower-case letters, digits and dashes, a letter first.',
    );
    expect(
      'samplePercent',
      form.outcomes.samplePercent > 0 && form.outcomes.samplePercent <= 100,
      'Give a share of more than 0 and at most 100 percent.',
    );
    expect(
      'keepDays',
      isWhole(form.outcomes.keepDays, 1, 365),
      'Give whole days, 1 to 365.',
    );
  }
  if (measure === 'latency') {
    expect(
      'quantilePercent',
      form.quantilePercent > 0 && form.quantilePercent < 100,
      'Give a quantile between 0 and 100 percent.',
    );
  }
  expect(
    'minUnitsPerVariant',
    isWhole(form.minUnitsPerVariant, 1, 1e9),
    'Give a whole number of callers, 1 or more.',
  );
  if (form.guardrails === 'own') {
    expect(
      'errorPoints',
      Number.isNaN(own.errorPoints) || own.errorPoints >= 0,
      'Give 0 or more, or leave it empty.',
    );
    expect(
      'latencyMillis',
      Number.isNaN(own.latencyMillis) || own.latencyMillis >= 0,
      'Give 0 or more, or leave it empty.',
    );
  }
  return errors;
}

/** How versions are compared, as it is sent. */
export function analysisOf(form: AnalysisForm): ManifestAnalysis {
  const metric = metricOf(form);
  const guardrails = guardrailsOf(form);
  return {
    metrics: metric ? [metric] : [],
    ...(guardrails && { guardrails }),
    minUnitsPerVariant: form.minUnitsPerVariant,
  };
}

function metricOf(form: AnalysisForm): AnalysisMetric | undefined {
  const { measure: kind, margins, alphaPercent, powerPercent } = form;
  if (kind === 'none') return undefined;
  return {
    ...describedAs(form, kind),
    margin: isShare(kind) ? margins[kind] / 100 : margins[kind],
    alpha: alphaPercent / 100,
    power: powerPercent / 100,
  };
}

function describedAs(
  form: AnalysisForm,
  kind: Measure['kind'],
): Pick<AnalysisMetric, 'name' | 'measure' | 'direction'> {
  switch (kind) {
    case 'outcome': {
      const { outcome, direction } = form;
      const isTaken = commonGuardrails({ isExternal: false }).some(
        ({ name }) => name === outcome,
      );
      return {
        name: isTaken ? `${outcome}-outcome` : outcome,
        measure: { kind, outcome },
        direction,
      };
    }
    case 'latency':
      return {
        name: 'latency-metric',
        measure: { kind, quantilePercent: form.quantilePercent },
        direction: 'lower-is-better',
      };
    case 'agreement':
      return {
        name: kind,
        measure: { kind },
        direction: 'higher-is-better',
      };
    default:
      return {
        name: kind,
        measure: { kind },
        direction: 'lower-is-better',
      };
  }
}

function guardrailsOf({
  guardrails,
  own,
}: AnalysisForm): AnalysisGuardrail[] | undefined {
  if (guardrails === 'common') return undefined;
  if (guardrails === 'none') return [];
  return commonGuardrails({ isExternal: false })
    .map(guardrail => ({
      ...guardrail,
      margin:
        guardrail.measure.kind === 'latency'
          ? own.latencyMillis
          : own.errorPoints / 100,
    }))
    .filter(({ margin }) => !Number.isNaN(margin));
}

/** Whether its numbers are shown as percentages. */
function isShare(kind: Measure['kind']): boolean {
  return kind === 'error-rate' || kind === 'agreement';
}
