import { isError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import {
  DATASET_NAME_PATTERN,
  MAX_EVALUATED_ROWS,
  MAX_SCORERS,
  MAX_SLICE_COLUMNS,
  PRIMARY_METRICS,
} from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';
import { MAX_PATTERN_CHARACTERS } from '../scorers/promptRows';
import { compileScorers } from '../scorers/scorers';
import { digestSchema, nameSchema, versionSchema } from './bounds';

const scorerName = nameSchema
  .optional()
  .describe('What pages call it; made of its kind when it is left out.');

const ignoreCase = z
  .boolean()
  .optional()
  .describe('Whether capital letters count as small ones.');

const scorerSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z
          .literal('exact')
          .describe("The answer is the row's expected one."),
        name: scorerName,
        ignoreCase,
      })
      .describe("The answer is the row's `expected`."),
    z
      .strictObject({
        kind: z
          .literal('regex')
          .describe('The answer matches a regular expression.'),
        name: scorerName,
        pattern: z
          .string()
          .max(MAX_PATTERN_CHARACTERS)
          .optional()
          .describe("Of JavaScript; the row's `pattern` when it is left out."),
        ignoreCase,
      })
      .describe('The answer matches a regular expression.'),
    z
      .strictObject({
        kind: z
          .literal('json-schema')
          .describe('The answer is JSON that a schema accepts.'),
        name: scorerName,
        schema: z
          .record(z.string(), z.unknown())
          .describe(
            'JSON schema, draft 7, without references to other documents.',
          ),
      })
      .describe('The answer is JSON that a schema accepts.'),
  ])
  .describe('How answers are judged.');

/** As readers of the manifest get it: JSON has no other values. */
type Scorers = z.infer<typeof scorerSchema>[];

export const scorersSchema = z
  .array(scorerSchema)
  .min(1)
  .max(MAX_SCORERS)
  .check(({ value, issues }) => {
    try {
      compileScorers(asPromptScorers(value), 'scorers');
    } catch (error) {
      if (!isError(error) || error.name !== 'InputError') throw error;
      const [, index, message] = /^scorers(?:\.(\d+))?[.:]\s*(.*)$/s.exec(
        error.message,
      ) ?? ['', undefined, error.message];
      issues.push({
        code: 'custom',
        input: value,
        path: index === undefined ? [] : [Number(index)],
        message,
      });
    }
  })
  .describe('How answers are judged: each by itself.');

const columnSchema = z.string().min(1).max(200);

/** Fields of prompts, and of what is measured: each section is about one of the two. */
const OF_PROMPTS = ['rows', 'maxCostIncreaseShare'] as const;
const OF_MEASUREMENTS = [
  'features',
  'slices',
  'protected',
  'positive',
  'primary',
] as const;

export const evaluationSchema = z
  .strictObject({
    dataset: z
      .strictObject({
        name: z
          .string()
          .regex(DATASET_NAME_PATTERN, 'expected the name of a dataset')
          .describe('Name of the dataset.'),
        version: versionSchema.describe('Number of its version.'),
        digest: digestSchema.describe('Digest of that version, from its page.'),
      })
      .describe(
        'A version of a dataset: of prompts, whose rows have an input; or of rows with the columns of the features and the truth.',
      ),
    scorers: scorersSchema.optional(),
    rows: z
      .int()
      .min(1)
      .max(MAX_EVALUATED_ROWS)
      .optional()
      .describe(
        `How many rows are asked, from the first on; at most ${MAX_EVALUATED_ROWS} when it is left out.`,
      ),
    maxLossShare: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'What may be lost: of the share of right answers to prompts 0.02 for two percentage points; of what is measured, a share of what the running version has. As the portal is configured when it is left out.',
      ),
    maxCostIncreaseShare: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe(
        'How much more a call may cost: 0.2 for a fifth; whatever it is when it is left out.',
      ),
    target: columnSchema
      .optional()
      .describe(
        'Of a model with a signature: column with the truth, instead of scorers.',
      ),
    features: z
      .record(z.string().min(1).max(200), columnSchema)
      .optional()
      .describe(
        "With a target: columns by the names of the schema's features; those that are left out have the same name.",
      ),
    slices: z
      .array(columnSchema)
      .max(MAX_SLICE_COLUMNS)
      .optional()
      .describe(
        'With a target: columns each of whose values is looked at apart; numbers of more than ten values by quarters.',
      ),
    protected: columnSchema
      .optional()
      .describe(
        'With a target: column of the groups that a classifier must treat alike.',
      ),
    positive: columnSchema
      .optional()
      .describe(
        'With a target: the class that counts as being selected; the second one of two when it is left out.',
      ),
    primary: z
      .enum([...PRIMARY_METRICS.classification, ...PRIMARY_METRICS.regression])
      .optional()
      .describe(
        'With a target: the metric that decides; accuracy, or mean_absolute_error, when it is left out.',
      ),
  })
  .check(({ value, issues }) => {
    const refuse = (field: string, message: string) =>
      issues.push({ code: 'custom', input: value, path: [field], message });
    const isMeasured = value.target !== undefined;
    if (isMeasured === (value.scorers !== undefined)) {
      refuse(
        isMeasured ? 'target' : 'scorers',
        'expected either scorers, for prompts, or target, the column with the truth',
      );
      return;
    }
    const others = isMeasured ? OF_PROMPTS : OF_MEASUREMENTS;
    for (const field of others.filter(name => value[name] !== undefined)) {
      refuse(
        field,
        isMeasured
          ? 'it is of prompts: leave it out beside target'
          : 'it is of what is measured: leave it out beside scorers',
      );
    }
  })
  .describe(
    'What a version must do as well as the running one: prompts that a language model answers, or rows that a model with a signature is measured on.',
  );

/** The schema of a scorer is JSON since the manifest is. */
export function asPromptScorers(scorers: Scorers) {
  return scorers.map(scorer =>
    scorer.kind === 'json-schema'
      ? { ...scorer, schema: scorer.schema as JsonObject }
      : scorer,
  );
}
