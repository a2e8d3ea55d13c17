import { wilsonInterval } from '@greenroom/ml-kit';
import type {
  EvaluationResult,
  EvaluationScore,
  PromptAnswer,
} from '@greenroom/plugin-ai-registry-common';
import type { PromptSetRow } from '@greenroom/manifest';
import type { CompiledScorer } from '@greenroom/manifest';

/** Thousands of small checks take a while: others get their turn in between. */
const ROWS_PER_TURN = 20;

/** What became of each row of a run, a column each; null where nothing is known. */
export interface RowResults {
  /** 1 for a right answer, 0 for a wrong one, by scorer; null for a row without an answer. */
  scores: Record<string, (number | null)[]>;
  inputTokens: (number | null)[];
  outputTokens: (number | null)[];
  /** Of the input. */
  cachedInputTokens: (number | null)[];
  latencyMillis: (number | null)[];
}

/**
 * Judges the answers of a run.
 *
 * @param answers - one for each row, in the same order
 * @throws TookTooLongError when a scorer computes too long on an answer
 */
export async function judgeAnswers(options: {
  rows: readonly PromptSetRow[];
  answers: readonly PromptAnswer[];
  scorers: readonly CompiledScorer[];
}): Promise<RowResults> {
  const { rows, answers, scorers } = options;
  const scores: RowResults['scores'] = Object.fromEntries(
    scorers.map(({ name }): [string, (number | null)[]] => [name, []]),
  );
  for (const [index, { answer }] of answers.entries()) {
    if (index % ROWS_PER_TURN === 0) await nextTurn();
    for (const { name, score } of scorers) {
      scores[name].push(
        answer === undefined ? null : score(answer, rows[index]),
      );
    }
  }
  const column = (of: (answer: PromptAnswer) => number | undefined) =>
    answers.map(answer => of(answer) ?? null);
  return {
    scores,
    inputTokens: column(({ inputTokens }) => inputTokens),
    outputTokens: column(({ outputTokens }) => outputTokens),
    cachedInputTokens: column(({ cachedInputTokens }) => cachedInputTokens),
    latencyMillis: column(({ latencyMillis }) => latencyMillis),
  };
}

export function summariseRows(results: RowResults): EvaluationResult {
  const scores = Object.entries(results.scores).map(([scorer, values]) =>
    toScore(scorer, values),
  );
  const rows = results.latencyMillis.length;
  const latencies = known(results.latencyMillis).sort((a, b) => a - b);
  return {
    rows,
    unanswered: rows - (scores[0]?.rows ?? rows),
    scores,
    tokens: {
      ...sumOf('input', results.inputTokens),
      ...sumOf('output', results.outputTokens),
      ...sumOf('cachedInput', results.cachedInputTokens),
    },
    ...(latencies.length > 0 && {
      latencyMillis: {
        median: quantile(latencies, 0.5),
        p95: quantile(latencies, 0.95),
      },
    }),
  };
}

function toScore(
  scorer: string,
  values: readonly (number | null)[],
): EvaluationScore {
  const answered = known(values);
  const right = answered.reduce((sum, value) => sum + value, 0);
  return {
    scorer,
    right,
    rows: answered.length,
    share: answered.length === 0 ? 0 : right / answered.length,
    interval: wilsonInterval(right, answered.length),
  };
}

function sumOf(
  name: string,
  values: readonly (number | null)[],
): Record<string, number> {
  const told = known(values);
  return told.length === 0
    ? {}
    : { [name]: told.reduce((sum, value) => sum + value, 0) };
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter(value => value !== null);
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}
