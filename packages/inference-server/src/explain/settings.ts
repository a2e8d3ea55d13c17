import { z } from 'zod';
import { InferenceError } from '../domain/InferenceError';

/** How an explanation is made. */
const EXPLAIN_METHODS = [
  'auto',
  'exact',
  'permutation',
  'kernel',
  'lime',
  'occlusion',
] as const;
export type ExplainMethod = (typeof EXPLAIN_METHODS)[number];

/** Rows that a model is asked for at most for one explanation. */
export const MOST_EVALUATIONS = 1_000_000;
const MOST_GRID = 64;

const settingsSchema = z.strictObject({
  method: z.enum(EXPLAIN_METHODS).default('auto'),
  class: z.union([z.string(), z.int().min(0)]).optional(),
  seed: z.int().min(0).max(0xffffffff).default(1),
  background_rows: z.int().min(1).max(1_000).default(50),
  max_evaluations: z.int().min(10).max(MOST_EVALUATIONS).optional(),
  grid: z
    .tuple([z.int().min(1).max(MOST_GRID), z.int().min(1).max(MOST_GRID)])
    .optional(),
});

/** What a caller may say of an explanation; as the request has it. */
export type ExplainSettings = z.infer<typeof settingsSchema>;

/**
 * Reads the field `explain` of a request.
 *
 * @throws InferenceError `invalid` that names the setting
 */
export function readExplainSettings(value: unknown = {}): ExplainSettings {
  const read = settingsSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = ['explain', ...issue.path].join('.');
  throw new InferenceError('invalid', `"${field}": ${issue.message}`);
}
