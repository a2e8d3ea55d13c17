import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import {
  type PromptScorer,
  scorerName,
} from '@greenroom/plugin-ai-registry-common';
import Ajv, { type ValidateFunction } from 'ajv';
import { type PromptSetRow, toPattern } from './promptRows';
import { TookTooLongError, withinMillis } from './withinMillis';

/** Largest JSON schema of a scorer, as JSON. */
export const MAX_SCHEMA_CHARACTERS = 32_768;

/** Longest that judging one answer may take: what honest scorers do takes a thousandth of it. */
const ROW_MILLIS = 50;
/** A machine that was busy elsewhere meanwhile does it in time when it is asked again. */
const MAX_TRIES = 5;
/** All answers of a run together. */
const MAX_FAILED_TRIES = 20;
/** Longest that making a scorer of what somebody wrote may take. */
const COMPILE_MILLIS = 2_000;

/** A scorer that is ready to judge. */
export interface CompiledScorer {
  name: string;
  /**
   * @returns 1 for a right answer, 0 for a wrong one
   * @throws TookTooLongError
   */
  score(answer: string, row: PromptSetRow): number;
}

/**
 * Makes scorers ready.
 *
 * @param where - what they stand under, in messages
 * @throws InputError that names the scorer's field and what was expected there
 */
export function compileScorers(
  scorers: readonly PromptScorer[],
  where: string,
): CompiledScorer[] {
  const names = scorers.map(scorerName);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new InputError(
      `${where}: two scorers are called '${twice}': give one of them another name`,
    );
  }
  const patience = { failedTries: 0 };
  return scorers.map((scorer, index) => ({
    name: names[index],
    score: compile(scorer, `${where}.${index}`, patience),
  }));
}

/**
 * Whether the rows have what a scorer needs.
 *
 * @throws InputError that names the field that no row has, or the first row that lacks it
 */
export function checkRowsFit(
  scorers: readonly PromptScorer[],
  rows: readonly PromptSetRow[],
  dataset: string,
): void {
  for (const scorer of scorers) {
    const field = fieldOf(scorer);
    if (field === undefined) continue;
    const without = rows.find(row => row[field] === undefined);
    if (!without) continue;
    const which = rows.some(row => row[field] !== undefined)
      ? `row ${without.row + 1} of ${dataset} has none`
      : `no row of ${dataset} has one`;
    throw new InputError(
      `The scorer '${scorerName(
        scorer,
      )}' needs the field '${field}' of each row, and ${which}: add it, or choose another scorer`,
    );
  }
}

function fieldOf(scorer: PromptScorer): 'expected' | 'pattern' | undefined {
  if (scorer.kind === 'exact') return 'expected';
  return scorer.kind === 'regex' && scorer.pattern === undefined
    ? 'pattern'
    : undefined;
}

function compile(
  scorer: PromptScorer,
  where: string,
  patience: Patience,
): CompiledScorer['score'] {
  switch (scorer.kind) {
    case 'exact': {
      const plain = (text: string) =>
        scorer.ignoreCase ? text.trim().toLowerCase() : text.trim();
      return (answer, { expected = '' }) =>
        Number(plain(answer) === plain(expected));
    }
    case 'regex': {
      const { pattern, ignoreCase = false } = scorer;
      const shared =
        pattern === undefined
          ? undefined
          : toPattern(pattern, ignoreCase, `${where}.pattern`);
      return (answer, row) => {
        const regex =
          shared ?? toPattern(row.pattern ?? '', ignoreCase, 'pattern');
        return judge(patience, () => Number(regex.test(answer.trim())));
      };
    }
    default: {
      const validate = compileSchema(scorer.schema, `${where}.schema`);
      return answer =>
        judge(patience, () => {
          try {
            return Number(validate(JSON.parse(answer)));
          } catch {
            // No JSON, or nested deeper than there is room for.
            return 0;
          }
        });
    }
  }
}

/** How often it took too long to judge answers of a run. */
interface Patience {
  failedTries: number;
}

/** @throws TookTooLongError */
function judge(patience: Patience, work: () => number): number {
  for (let tries = 1; ; tries++) {
    try {
      return withinMillis(ROW_MILLIS, work);
    } catch (error) {
      if (!(error instanceof TookTooLongError)) throw error;
      patience.failedTries += 1;
      if (tries >= MAX_TRIES || patience.failedTries >= MAX_FAILED_TRIES) {
        throw error;
      }
    }
  }
}

function compileSchema(schema: JsonObject, where: string): ValidateFunction {
  const { length } = JSON.stringify(schema);
  if (length > MAX_SCHEMA_CHARACTERS) {
    throw new InputError(
      `${where} has ${length} characters as JSON: expected at most ${MAX_SCHEMA_CHARACTERS}`,
    );
  }
  try {
    return withinMillis(COMPILE_MILLIS, () =>
      new Ajv({
        // What it does not know is a mistake, not a wish.
        strictSchema: true,
        strictTypes: false,
        strictTuples: false,
        validateFormats: false,
      }).compile(schema),
    );
  } catch (error) {
    const reason =
      error instanceof TookTooLongError
        ? 'it takes too long to read'
        : (error as Error).message;
    throw new InputError(
      `${where}: expected a JSON schema (draft 7) without references to other documents: ${reason}`,
    );
  }
}
