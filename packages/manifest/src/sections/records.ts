import { z } from 'zod';
import { percentSchema } from './bounds';

export const outcomesSchema = z
  .strictObject({
    samplePercent: percentSchema.describe(
      'Share of the requests that can be given an outcome later, in percent.',
    ),
    keepDays: z
      .int()
      .min(1)
      .max(365)
      .describe('How long their predictions are kept, in days.'),
  })
  .describe('What happened after a request; callers report it.');

export const recentRowsSchema = z
  .strictObject({
    mode: z
      .enum(['on', 'off'])
      .describe(
        'on: some of the last rows are kept, at most 2,000 and for 24 hours.',
      ),
  })
  .describe('Rows of recent requests, for explanations and replays.');
