import type { JsonObject } from '@backstage/types';
import type {
  NewEvaluationRun,
  PromptScorer,
} from '@greenroom/plugin-ai-registry-common';

/** What the dialog holds while it is filled in. */
export interface EvaluateForm {
  environment: string;
  /** Name of the dataset; empty for none yet. */
  dataset: string;
  /** Number of its version; empty for none yet. */
  version: string;
  kinds: PromptScorer['kind'][];
  ignoreCase: boolean;
  /** Regular expression; empty for the rows' own. */
  pattern: string;
  /** JSON. */
  schema: string;
  /** Empty for all. */
  rows: string;
}

export type EvaluateErrors = Partial<Record<keyof EvaluateForm, string>>;

const MAX_ROWS = 1_000;

/** The run to ask for, or what to correct, by field. */
export function readEvaluateForm(
  form: EvaluateForm,
):
  | { run: NewEvaluationRun; errors?: undefined }
  | { run?: undefined; errors: EvaluateErrors } {
  const errors: EvaluateErrors = {};
  if (form.dataset === '') errors.dataset = 'Choose the prompts.';
  else if (form.version === '') errors.version = 'Choose one of its versions.';
  if (form.kinds.length === 0) {
    errors.kinds = 'Choose at least one way to judge answers.';
  }
  if (!isPattern(form)) {
    errors.pattern = 'Write a regular expression of JavaScript.';
  }
  const schema = readSchema(form);
  if (form.kinds.includes('json-schema') && !schema) {
    errors.schema = 'Write a JSON schema such as {"type": "object"}.';
  }
  const rows = form.rows.trim() === '' ? undefined : Number(form.rows);
  if (
    rows !== undefined &&
    !(Number.isInteger(rows) && rows >= 1 && rows <= MAX_ROWS)
  ) {
    errors.rows = `Write a whole number from 1 to ${MAX_ROWS}, or leave it empty.`;
  }
  if (Object.keys(errors).length > 0) return { errors };
  return {
    run: {
      environment: form.environment,
      dataset: { name: form.dataset, version: Number(form.version) },
      scorers: form.kinds.map(kind => toScorer(kind, form, schema ?? {})),
      ...(rows !== undefined && { rows }),
    },
  };
}

function toScorer(
  kind: PromptScorer['kind'],
  { ignoreCase, pattern }: EvaluateForm,
  schema: JsonObject,
): PromptScorer {
  const caseless = ignoreCase ? { ignoreCase } : {};
  switch (kind) {
    case 'exact':
      return { kind, ...caseless };
    case 'regex':
      return { kind, ...(pattern !== '' && { pattern }), ...caseless };
    default:
      return { kind, schema };
  }
}

function isPattern({ kinds, pattern }: EvaluateForm): boolean {
  if (!kinds.includes('regex')) return true;
  try {
    return new RegExp(pattern, 'u').source !== '';
  } catch {
    return false;
  }
}

function readSchema({ kinds, schema }: EvaluateForm): JsonObject | undefined {
  if (!kinds.includes('json-schema')) return undefined;
  try {
    const value = JSON.parse(schema);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}
