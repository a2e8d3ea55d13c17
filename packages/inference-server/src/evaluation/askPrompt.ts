import type {
  EvaluationWork,
  PromptAnswer,
  PromptRow,
} from '@greenroom/plugin-ai-inference-common';
import { setTimeout as sleep } from 'node:timers/promises';
import { InferenceError } from '../domain/InferenceError';
import type { LanguageModel, LanguageTasks } from '../domain/LanguageModel';
import { errorMessage } from '../errors';

/** What passes by itself is waited for: nobody stands in a line behind a prompt. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MILLIS = 1_000;
const LONGEST_PAUSE_MILLIS = 20_000;
const PASSING = ['rate-limited', 'overloaded', 'not-ready'];

/**
 * Asks one prompt, as the version's descriptor says.
 *
 * @param signal - aborted when nobody wants the answer any more
 * @returns undefined then; otherwise the answer, or why there is none
 */
export async function askPrompt(
  prompt: PromptRow,
  options: {
    language: Pick<LanguageModel, 'answer'>;
    work: Pick<EvaluationWork, 'rowTimeoutMillis' | 'maxAnswerCharacters'>;
    signal: AbortSignal;
  },
): Promise<PromptAnswer | undefined> {
  const { work, signal } = options;
  const timeout = AbortSignal.timeout(work.rowTimeoutMillis);
  const until = AbortSignal.any([signal, timeout]);
  for (let attempt = 1; ; attempt++) {
    const startedMillis = performance.now();
    try {
      const told = await ask(prompt, { ...options, signal: until });
      const latencyMillis = performance.now() - startedMillis;
      return { row: prompt.row, ...told, latencyMillis };
    } catch (error) {
      if (signal.aborted) return undefined;
      const pauseMillis = pauseAfter(error, attempt);
      if (!timeout.aborted && pauseMillis !== undefined) {
        await sleep(pauseMillis, undefined, { signal: until }).catch(() => {});
        if (signal.aborted) return undefined;
        if (!timeout.aborted) continue;
      }
      return {
        row: prompt.row,
        error: timeout.aborted
          ? `there was no answer within ${work.rowTimeoutMillis / 1_000} s`
          : errorMessage(error),
      };
    }
  }
}

/** @returns undefined where trying again is of no use */
function pauseAfter(error: unknown, attempt: number): number | undefined {
  const mayPass =
    error instanceof InferenceError && PASSING.includes(error.kind);
  if (!mayPass || attempt >= MAX_ATTEMPTS) return undefined;
  const { retryAfterSeconds } = error;
  const pauseMillis =
    retryAfterSeconds === undefined
      ? FIRST_PAUSE_MILLIS * 2 ** (attempt - 1)
      : retryAfterSeconds * 1_000;
  return Math.min(pauseMillis, LONGEST_PAUSE_MILLIS);
}

async function ask(
  { messages }: PromptRow,
  options: {
    language: Pick<LanguageModel, 'answer'>;
    work: Pick<EvaluationWork, 'maxAnswerCharacters'>;
    signal: AbortSignal;
  },
): Promise<Omit<PromptAnswer, 'row'>> {
  const request = {
    // The descriptor names the provider's own.
    model: '',
    messages: messages as unknown,
  } as LanguageTasks['chat']['request'];
  const answer = await options.language.answer('chat', request, {
    signal: options.signal,
  });
  if (answer.kind !== 'whole') throw new Error('the answer came in pieces');
  const { body, tokens } = answer;
  const said = body.choices[0]?.message;
  const text = said?.content ?? said?.refusal ?? '';
  const most = options.work.maxAnswerCharacters;
  return {
    answer: textOf(text.slice(0, most)),
    ...(text.length > most && { cut: true }),
    ...(tokens.input !== undefined && { inputTokens: tokens.input }),
    ...(tokens.output !== undefined && { outputTokens: tokens.output }),
    ...(tokens.cachedInput !== undefined && {
      cachedInputTokens: tokens.cachedInput,
    }),
  };
}

/** What a database takes: no zero characters, and no halves of others. */
function textOf(text: string): string {
  return Buffer.from(text.replaceAll('\0', '\ufffd'), 'utf8').toString('utf8');
}
