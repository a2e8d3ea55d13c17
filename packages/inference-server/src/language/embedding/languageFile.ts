import { z } from 'zod';

/** Name of the file beside a model that says what it does with texts. */
export const LANGUAGE_FILE = 'language.json';
/** Name of the file beside a model that says how its texts become tokens. */
export const TOKENIZER_FILE = 'tokenizer.json';

const languageSchema = z.strictObject({
  formatVersion: z.literal(1),
  task: z.literal(
    'embeddings',
    'expected embeddings: that is what models here do with texts',
  ),
  /** Name of the output with the vectors; not needed where there is only one. */
  output: z.string().min(1).optional(),
  /**
   * What makes one vector of those of all tokens: their mean, the first one's, or nothing,
   * where the output is one vector for each text already.
   */
  pooling: z.enum(['mean', 'first', 'none'], 'expected mean, first or none'),
  /** Whether vectors are made to have the length 1. */
  normalize: z.boolean('expected true or false'),
  /** Most tokens of one text, those that the tokenizer adds included. */
  maxTokens: z.int().min(1).max(131_072),
});

export type LanguageDescription = z.infer<typeof languageSchema>;

/** @throws Error that names the field and what was expected there */
export function parseLanguageFile(text: string): LanguageDescription {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${LANGUAGE_FILE}: expected JSON`);
  }
  const result = languageSchema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new Error(
    `${[LANGUAGE_FILE, path.join('.')].filter(Boolean).join(': ')}: ${message}`,
  );
}
