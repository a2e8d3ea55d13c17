import { z } from 'zod';
import {
  digestSchema,
  HOUR_SECONDS,
  MONTH_SECONDS,
  nameSchema,
  percentSchema,
  secondsSchema,
  versionSchema,
  WEEK_SECONDS,
} from './bounds';

export const MAX_STEPS = 20;
/** Besides the control. */
const MAX_TREATMENTS = 9;
/** Shares are written as decimals, which do not add up to 100 exactly. */
const SHARE_TOLERANCE_PERCENT = 1e-6;

export const weightStepSchema = z
  .strictObject({
    weightPercent: percentSchema.describe(
      'Share of the traffic for the new version, in percent; it grows from step to step.',
    ),
    holdSeconds: secondsSchema({ min: 0, max: WEEK_SECONDS }).describe(
      'How long the share is held, in seconds.',
    ),
  })
  .describe('Gives the new version a share of the traffic and holds it.');

export const pauseStepSchema = z
  .strictObject({
    pauseSeconds: secondsSchema({ min: 1, max: WEEK_SECONDS }).describe(
      'How long nothing moves, in seconds.',
    ),
  })
  .describe('Waits.');

export const untilStepSchema = z
  .strictObject({
    pauseUntil: z
      .literal('resumed')
      .describe('Nothing moves until somebody goes on.'),
  })
  .describe('Waits until somebody goes on.');

export const analysisStepSchema = z
  .strictObject({
    analysisSeconds: secondsSchema({ min: 10, max: MONTH_SECONDS }).describe(
      'Longest time for the plan under analysis to decide, in seconds; the share stays as it is meanwhile.',
    ),
  })
  .describe(
    'Goes on when the analysis lets it, and goes back when it does not.',
  );

const immediateSchema = z
  .strictObject({
    strategy: z
      .literal('immediate')
      .describe('All traffic moves as soon as the version is loaded.'),
  })
  .describe('All traffic at once.');

const canarySchema = z
  .strictObject({
    strategy: z
      .literal('canary')
      .describe('The new version gets a growing share of the traffic.'),
    steps: z
      .array(
        z.union([
          weightStepSchema,
          pauseStepSchema,
          untilStepSchema,
          analysisStepSchema,
        ]),
      )
      .min(1, 'expected at least one step for a canary')
      .max(MAX_STEPS)
      .describe('In this order; after the last one all traffic moves.')
      .check(({ value, issues }) => {
        if (!growing(weightsOf(value))) {
          issues.push({
            code: 'custom',
            input: value,
            message: 'expected weights that grow from step to step',
          });
        }
      }),
  })
  .describe('A growing share of the traffic, step by step.');

const variantSchema = z
  .strictObject({
    version: versionSchema,
    digest: digestSchema,
    sharePercent: percentSchema.describe(
      'Share of the traffic of the experiment, in percent; all of them are 100 together.',
    ),
  })
  .describe('One version of an experiment, with its fixed share.');

const namespaceSchema = z
  .strictObject({
    name: nameSchema.describe('What experiments share out.'),
    fromPercent: z
      .number()
      .min(0)
      .lt(100)
      .describe('Where the part of this experiment begins, in percent.'),
    toPercent: percentSchema.describe(
      'Where it ends, in percent; the end itself is not part of it.',
    ),
  })
  .check(({ value, issues }) => {
    if (value.toPercent > value.fromPercent) return;
    issues.push({
      code: 'custom',
      input: value,
      path: ['toPercent'],
      message: `expected more than fromPercent (${value.fromPercent}), got ${value.toPercent}`,
    });
  })
  .describe(
    'The part of all callers that takes part; the others get the control, and do not count. Experiments of one namespace may not overlap, and so never share a caller.',
  );

const experimentSchema = z
  .strictObject({
    strategy: z
      .literal('experiment')
      .describe('Versions are compared at fixed shares (A/B/n).'),
    control: variantSchema.describe('What the others are compared with.'),
    treatments: z
      .array(variantSchema)
      .min(1)
      .max(MAX_TREATMENTS)
      .describe('What is compared with the control.'),
    namespace: namespaceSchema.optional(),
    end: z
      .strictObject({
        atMostSeconds: secondsSchema({
          min: 60,
          max: 6 * MONTH_SECONDS,
        }).describe('It ends after so many seconds, decided or not.'),
        minUnitsPerVariant: z
          .int()
          .min(1)
          .max(1_000_000_000)
          .describe('It does not end before each variant has so many callers.'),
        winner: z
          .enum(['serve', 'ask'])
          .describe(
            'serve: a version that wins gets all traffic. ask: the shares stay until somebody decides.',
          ),
      })
      .describe('When it ends, and what happens then.'),
  })
  .check(({ value, issues }) => {
    const variants = [value.control, ...value.treatments];
    const numbers = variants.map(({ version }) => version);
    const twice = numbers.find((one, index) => numbers.indexOf(one) < index);
    if (twice !== undefined) {
      issues.push({
        code: 'custom',
        input: value,
        path: ['treatments'],
        message: `expected versions that differ, got version ${twice} twice`,
      });
    }
    const shares = variants.map(({ sharePercent }) => sharePercent);
    const total = shares.reduce((sum, share) => sum + share, 0);
    if (Math.abs(total - 100) > SHARE_TOLERANCE_PERCENT) {
      issues.push({
        code: 'custom',
        input: value,
        path: ['treatments'],
        message: `expected shares that are 100 percent together with the control's, got ${total}`,
      });
    }
  })
  .describe('Fixed shares for several versions, until one of them is better.');

const shadowSchema = z
  .strictObject({
    strategy: z
      .literal('shadow')
      .describe(
        'The new version answers copies of requests; nobody gets its answers.',
      ),
    samplePercent: percentSchema.describe(
      'Share of the requests that are copied, in percent.',
    ),
    maxCopiesInFlight: z
      .int()
      .min(1)
      .max(1_000)
      .describe(
        'Most copies on their way at a time in one data plane; more are left out, so that no caller waits.',
      ),
    forSeconds: secondsSchema({ min: 10, max: MONTH_SECONDS }).describe(
      'How long requests are copied, in seconds.',
    ),
  })
  .describe('Copies of requests, whose answers are only compared.');

const adaptiveSchema = z
  .strictObject({
    strategy: z
      .literal('adaptive')
      .describe('Shares follow what the versions achieve (Thompson sampling).'),
    floorPercent: z
      .number()
      .gt(0)
      .max(50)
      .describe('Least share of each version, in percent.'),
    metric: nameSchema.describe(
      'Name of the metric under analysis that the shares follow.',
    ),
    updateSeconds: secondsSchema({ min: 10, max: 24 * HOUR_SECONDS }).describe(
      'Time between two changes of the shares, in seconds.',
    ),
    atMostSeconds: secondsSchema({
      min: 60,
      max: 6 * MONTH_SECONDS,
    }).describe('It ends after so many seconds.'),
  })
  .describe('Shares that follow a metric, with a floor.');

const STRATEGIES = [
  immediateSchema,
  canarySchema,
  experimentSchema,
  shadowSchema,
  adaptiveSchema,
] as const;

export const rolloutSchema = z
  .discriminatedUnion('strategy', STRATEGIES, {
    error: `expected a strategy that is one of ${STRATEGIES.map(
      ({ shape }) => shape.strategy.value,
    ).join(', ')}`,
  })
  .describe('How traffic moves to the version.');

export type Rollout = z.infer<typeof rolloutSchema>;

/** The shares among the steps, in their order. */
export function weightsOf(steps: readonly object[]): number[] {
  return steps.flatMap(step =>
    'weightPercent' in step ? [Number(step.weightPercent)] : [],
  );
}

/** Whether each weight is more than the one before it. */
export function growing(weights: number[]): boolean {
  return weights.every(
    (weight, index) => index === 0 || weight > weights[index - 1],
  );
}
