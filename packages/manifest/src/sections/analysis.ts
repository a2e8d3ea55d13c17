import { z } from 'zod';
import { nameSchema } from './bounds';

const measureSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('error-rate').describe('Share of requests that fail.'),
      })
      .describe('Share of requests that fail, 0 to 1.'),
    z
      .strictObject({
        kind: z.literal('latency').describe('A quantile of the latency.'),
        quantilePercent: z
          .number()
          .gt(0)
          .lt(100)
          .describe('Which quantile, in percent: 95 for the p95.'),
      })
      .describe('A quantile of the latency, in milliseconds.'),
    z
      .strictObject({
        kind: z.literal('outcome').describe('An outcome that callers report.'),
        outcome: nameSchema.describe('Name of the outcome.'),
      })
      .describe('The mean of an outcome that callers report, in its unit.'),
    z
      .strictObject({
        kind: z
          .literal('agreement')
          .describe('Share of answers that are the same.'),
      })
      .describe(
        'Share of answers that are like those of the other version, 0 to 1.',
      ),
  ])
  .describe('What is measured.');

const directionSchema = z
  .enum(['higher-is-better', 'lower-is-better'])
  .describe('Which way is better.');

const marginSchema = z.number().min(0).max(1e12);

const metricSchema = z
  .strictObject({
    name: nameSchema.describe('What pages call it.'),
    measure: measureSchema,
    direction: directionSchema,
    margin: marginSchema.describe(
      'Smallest difference that matters, in the unit of the measure.',
    ),
    alpha: z
      .number()
      .gt(0)
      .max(0.5)
      .describe(
        'Highest chance of seeing a difference that is none, 0 to 0.5.',
      ),
    power: z
      .number()
      .min(0.5)
      .lt(1)
      .describe(
        'Chance of seeing a difference as large as the margin, 0.5 to 1.',
      ),
  })
  .describe('A metric that decides.');

const guardrailSchema = z
  .strictObject({
    name: nameSchema.describe('What pages call it.'),
    measure: measureSchema,
    direction: directionSchema,
    margin: marginSchema.describe(
      'Largest loss that is let pass, in the unit of the measure.',
    ),
    alpha: z
      .number()
      .gt(0)
      .max(0.5)
      .optional()
      .describe(
        'Highest chance of going back without a cause, 0 to 0.5; its part of 0.0002 for all guardrails together when left out.',
      ),
  })
  .describe('A metric that must not get worse.');

export const analysisSchema = z
  .strictObject({
    metrics: z
      .array(metricSchema)
      .max(10)
      .describe(
        'What decides, the most important first; may be empty, where only the guardrails are watched.',
      ),
    guardrails: z
      .array(guardrailSchema)
      .max(10)
      .optional()
      .describe(
        'What must not get worse; errors and latency when left out, nothing when empty.',
      ),
    minUnitsPerVariant: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .describe('Nothing is decided before each version has so many callers.'),
  })
  .check(({ value, issues }) => {
    const names = [...value.metrics, ...(value.guardrails ?? [])].map(
      ({ name }) => name,
    );
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      issues.push({
        code: 'custom',
        input: value,
        path: ['metrics'],
        message: `expected names that differ, got '${twice}' twice`,
      });
    }
  })
  .describe(
    'The plan by which versions are compared, written down before the start.',
  );
