import { COMMON_UNITS_PER_VARIANT, commonGuardrails } from './commonAnalysis';
import {
  type AnalysisGuardrail,
  type AnalysisMetric,
  type ExperimentPlan,
  type ManifestAnalysis,
  type Measure,
  type PromotionPlan,
  ROLLBACK_ALPHA,
  type RolloutPlan,
  type RolloutPlanStep,
} from './promotion';

/** What a promotion will do, in sentences for people. */
export interface PlanInWords {
  /** What happens to the traffic, in order. */
  traffic: string[];
  /** How versions are compared, and what that decides; empty where nothing is compared. */
  comparison: string[];
  /** What becomes of outcomes that callers report; undefined where none can be. */
  outcomes?: string;
}

/**
 * Says before the start what a plan will do with a version.
 *
 * @param options.fromVersion - undefined for the first version in its environment
 */
export function describePlan(
  plan: PromotionPlan,
  options: { version: number; fromVersion?: number },
): PlanInWords {
  const { version, fromVersion } = options;
  const { outcomes, rollout, analysis } = plan;
  const isFirst = fromVersion === undefined && rollout.strategy !== 'immediate';
  return {
    traffic: isFirst
      ? [describeFirst(version)]
      : describeTraffic(plan, version),
    comparison: isFirst ? [] : describeComparison(rollout.strategy, analysis),
    ...(outcomes && {
      outcomes: `What became of ${outcomes.samplePercent} % of the requests can be reported, for ${outcomes.keepDays} d.`,
    }),
  };
}

function describeFirst(version: number): string {
  return `Version ${version} gets all traffic at once, as soon as it is loaded: the environment serves no version of the model yet that it could be compared with. What the plan says about shares holds for later versions.`;
}

function describeTraffic(
  { rollout, analysis }: PromotionPlan,
  version: number,
): string[] {
  switch (rollout.strategy) {
    case 'experiment':
      return describeExperiment(rollout, version);
    case 'shadow': {
      const { samplePercent, maxCopiesInFlight, forSeconds } = rollout;
      return [
        `Version ${version} answers copies of ${samplePercent} % of the requests for ${duration(
          forSeconds,
        )}, at most ${maxCopiesInFlight} at a time in one data plane. Nobody gets its answers.`,
        analysis
          ? 'At the end it gets all traffic if the comparison has passed; otherwise somebody is asked.'
          : 'At the end somebody is asked whether it gets all traffic.',
      ];
    }
    case 'adaptive': {
      const { floorPercent, metric, updateSeconds, atMostSeconds } = rollout;
      return [
        `Version ${version} and the running one begin with half of the traffic each.`,
        `Every ${duration(
          updateSeconds,
        )} its share becomes its chance to be the better one by ${metric}; neither gets less than ${floorPercent} %.`,
        `With a chance of 95 % it gets all traffic, with one of 5 % it is taken back. Undecided after ${duration(
          atMostSeconds,
        )}, somebody is asked.`,
      ];
    }
    case 'immediate':
      return ['All traffic moves as soon as the version is loaded.'];
    default:
      return [
        ...rollout.steps.filter(step => !isTheEnd(step)).map(describeStep),
        'All of the traffic.',
      ];
  }
}

/** A step with all traffic and no time in which it could be watched. */
function isTheEnd(step: RolloutPlanStep): boolean {
  return (
    'weightPercent' in step &&
    step.weightPercent === 100 &&
    step.holdSeconds === 0
  );
}

function describeStep(step: RolloutPlanStep): string {
  if ('weightPercent' in step) {
    return `${step.weightPercent} % of the traffic for ${duration(
      step.holdSeconds,
    )}.`;
  }
  if ('analysisSeconds' in step) {
    return `The comparison decides, within ${duration(
      step.analysisSeconds,
    )}: it goes on, takes the version back, or asks somebody.`;
  }
  return 'pauseSeconds' in step
    ? `Nothing moves for ${duration(step.pauseSeconds)}.`
    : 'Nothing moves until somebody goes on.';
}

function describeExperiment(plan: ExperimentPlan, version: number): string[] {
  const { control, treatments, namespace, end } = plan;
  const shares = [
    `${control.sharePercent} % for version ${control.version}, the control`,
    ...treatments.map(
      treatment =>
        `${treatment.sharePercent} % for version ${treatment.version}`,
    ),
  ];
  return [
    `Fixed shares: ${shares.join(', ')}.`,
    ...(namespace
      ? [
          `Only callers from ${namespace.fromPercent} % to ${namespace.toPercent} % of the namespace ${namespace.name} take part; the others get the control.`,
        ]
      : []),
    `It ends when it is decided and each version has had ${
      end.minUnitsPerVariant
    } callers, and after ${duration(end.atMostSeconds)} at the latest.`,
    version === control.version
      ? `Then version ${version} has all traffic again, whoever won.`
      : `If version ${version} wins, ${
          end.winner === 'serve'
            ? 'it gets all traffic'
            : 'the shares stay until somebody decides'
        }. If another one does, or nothing is decided, it is taken back.`,
  ];
}

/**
 * How versions are compared, and what that decides; empty where nothing is compared.
 *
 * @param analysis - undefined for the guardrails that all have
 */
export function describeComparison(
  strategy: RolloutPlan['strategy'],
  analysis: ManifestAnalysis | undefined,
): string[] {
  if (strategy === 'immediate') return [];
  const { metrics = [], minUnitsPerVariant = COMMON_UNITS_PER_VARIANT } =
    analysis ?? {};
  const isShadow = strategy === 'shadow';
  const guardrails =
    analysis?.guardrails ?? commonGuardrails({ isExternal: false });
  return [
    ...metrics.map(describeMetric),
    ...(metrics.length > 0
      ? [
          `Nothing is decided by ${
            metrics.length === 1 ? 'that' : 'these'
          } before each version has had ${minUnitsPerVariant} callers.`,
        ]
      : [
          isShadow && !analysis
            ? 'How many of its answers are the same is counted, and decides nothing.'
            : 'No metric decides: only the guardrails are watched.',
        ]),
    ...guardrails.map(describeGuardrail),
    ...describeTakingBack(guardrails, analysis?.guardrails === undefined),
  ];
}

function describeMetric(metric: AnalysisMetric): string {
  const { name, measure, direction, margin, alpha, power } = metric;
  return `Metric ${name}: ${nameOf(measure)}, ${
    direction === 'higher-is-better' ? 'higher' : 'lower'
  } is better. A difference of ${amount(
    measure,
    margin,
  )} matters; one that is none is seen with a chance of at most ${percent(
    alpha,
  )}, one of that size with ${percent(power)}.`;
}

function describeGuardrail(guardrail: AnalysisGuardrail): string {
  const { name, measure, direction, margin, alpha } = guardrail;
  return `Guardrail ${name}: ${nameOf(measure)} may get ${
    direction === 'higher-is-better' ? 'lower' : 'higher'
  } by at most ${amount(measure, margin)}${
    alpha === undefined
      ? ''
      : `, at a chance of ${percent(alpha)} to go back without a cause`
  }.`;
}

function describeTakingBack(
  guardrails: AnalysisGuardrail[],
  areCommon: boolean,
): string[] {
  if (guardrails.length === 0) {
    return [
      'No guardrails: only a data plane takes the version back, when too much of it fails.',
    ];
  }
  const shared = guardrails.some(({ alpha }) => alpha === undefined);
  return [
    `A guardrail that breaks takes the version back at once${
      shared
        ? `; all of them do so without a cause with a chance of at most ${percent(
            ROLLBACK_ALPHA,
          )}`
        : ''
    }.${
      areCommon
        ? ' Latency is not held against a version that a provider runs.'
        : ''
    }`,
  ];
}

function nameOf(measure: Measure): string {
  switch (measure.kind) {
    case 'error-rate':
      return 'the share of requests that fail';
    case 'latency':
      return `the p${measure.quantilePercent} of the latency`;
    case 'outcome':
      return `the mean of the outcome ${measure.outcome}`;
    default:
      return 'the share of answers that are the same';
  }
}

/** A difference with its unit. */
function amount(measure: Measure, value: number): string {
  switch (measure.kind) {
    case 'error-rate':
    case 'agreement':
      return value === 0.01
        ? '1 percentage point'
        : `${show(value * 100)} percentage points`;
    case 'latency':
      return `${show(value)} ms`;
    default:
      return show(value);
  }
}

function percent(share: number): string {
  return `${show(share * 100)} %`;
}

function show(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const UNITS: [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** In the largest unit in which it is a whole number. */
function duration(seconds: number): string {
  const [size, name] = UNITS.find(
    ([unit]) => seconds > 0 && seconds % unit === 0,
  ) ?? [1, 's'];
  return `${seconds / size} ${name}`;
}
