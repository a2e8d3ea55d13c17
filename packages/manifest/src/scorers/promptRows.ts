import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { DatasetRow } from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';

/** Longest prompt: all that an `input` is, as JSON. */
const MAX_INPUT_CHARACTERS = 262_144;
const MAX_EXPECTED_CHARACTERS = 32_768;
export const MAX_PATTERN_CHARACTERS = 2_000;
const MAX_MESSAGES = 200;

/** A row of a prompt set, with its number from 0. */
export interface PromptSetRow {
  row: number;
  input: string | JsonObject[];
  expected?: string;
  pattern?: string;
}

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(z.looseObject({}))]).nullish(),
});
const messages = z.array(message).min(1).max(MAX_MESSAGES);

/**
 * Reads rows of a dataset as prompts.
 *
 * @throws InputError that names the row, counted from 1, the field, and what was expected there
 */
export function toPromptRows(
  rows: readonly DatasetRow[],
  dataset: string,
): PromptSetRow[] {
  return rows.map((fields, row) => {
    const where = `Row ${row + 1} of ${dataset}`;
    const expected = textOf(fields.expected, `${where}: expected`);
    if (expected !== undefined && expected.length > MAX_EXPECTED_CHARACTERS) {
      throw new InputError(
        `${where}: expected has ${expected.length} characters, at most ${MAX_EXPECTED_CHARACTERS} are compared`,
      );
    }
    const pattern = textOf(fields.pattern, `${where}: pattern`);
    if (pattern !== undefined) toPattern(pattern, false, `${where}: pattern`);
    return {
      row,
      input: inputOf(fields.input, where),
      ...(expected !== undefined && { expected }),
      ...(pattern !== undefined && { pattern }),
    };
  });
}

/** What is sent for a row: a text is the only message of the user. */
export function messagesOf({ input }: PromptSetRow): JsonObject[] {
  return typeof input === 'string' ? [{ role: 'user', content: input }] : input;
}

/** @throws InputError where it is no regular expression */
export function toPattern(
  pattern: string,
  ignoreCase: boolean,
  where: string,
): RegExp {
  if (pattern.length > MAX_PATTERN_CHARACTERS) {
    throw new InputError(
      `${where} has ${pattern.length} characters: expected at most ${MAX_PATTERN_CHARACTERS}`,
    );
  }
  try {
    return new RegExp(pattern, ignoreCase ? 'iu' : 'u');
  } catch (error) {
    throw new InputError(
      `${where}: expected a regular expression of JavaScript: ${
        (error as Error).message
      }`,
    );
  }
}

function inputOf(value: unknown, where: string): string | JsonObject[] {
  const expectation =
    'expected a text, or messages of the form [{"role": "user", "content": "..."}]';
  if (value === undefined || value === null || value === '') {
    throw new InputError(`${where} has no input: ${expectation}`);
  }
  const { length } = JSON.stringify(value);
  if (length > MAX_INPUT_CHARACTERS) {
    throw new InputError(
      `${where}: input has ${length} characters as JSON, at most ${MAX_INPUT_CHARACTERS} are asked`,
    );
  }
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (!messages.safeParse(value).success) {
    throw new InputError(`${where}: input: ${expectation}`);
  }
  return value as JsonObject[];
}

/** What CSV reads as a number or a truth value is a text here. */
function textOf(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw new InputError(`${where}: expected a text`);
}
