import { randomUUID } from 'node:crypto';
import type {
  ChatCompletion,
  ChatCompletionChunk,
} from 'openai/resources/chat/completions';
import type { Completion } from 'openai/resources/completions';

const MILLIS_PER_SECOND = 1_000;

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export type FinishReason = 'stop' | 'length';

/** The forms of one answer, as a whole and in parts. */
export interface AnswerForms {
  whole(text: string, finish: FinishReason, usage: Usage): unknown;
  /** What comes before the first text; undefined for nothing. */
  first(): unknown;
  part(text: string): unknown;
  last(finish: FinishReason): unknown;
  usage(usage: Usage): unknown;
}

export function usageOf(input: number, output: number): Usage {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
  };
}

/** As OpenAI's API writes answers of a chat. */
export function chatForms(model: string): AnswerForms {
  const identity = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / MILLIS_PER_SECOND),
    model,
  };
  const chunk = (
    choices: ChatCompletionChunk['choices'],
  ): ChatCompletionChunk => ({
    ...identity,
    object: 'chat.completion.chunk',
    choices,
  });
  const choice = (
    delta: ChatCompletionChunk.Choice.Delta,
    finish: FinishReason | null,
  ) => chunk([{ index: 0, delta, logprobs: null, finish_reason: finish }]);
  return {
    whole: (content, finish, usage): ChatCompletion => ({
      ...identity,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content, refusal: null },
          logprobs: null,
          finish_reason: finish,
        },
      ],
      usage,
    }),
    first: () => choice({ role: 'assistant', content: '' }, null),
    part: content => choice({ content }, null),
    last: finish => choice({}, finish),
    usage: usage => ({ ...chunk([]), usage }),
  };
}

/** As OpenAI's API writes what completes a prompt. */
export function completionForms(model: string): AnswerForms {
  const identity = {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion' as const,
    created: Math.floor(Date.now() / MILLIS_PER_SECOND),
    model,
  };
  // The API's types have no word for a reason that is still to come.
  const choice = (text: string, finish: FinishReason | null) => ({
    ...identity,
    choices: [{ text, index: 0, logprobs: null, finish_reason: finish }],
  });
  return {
    whole: (text, finish, usage): Completion => ({
      ...identity,
      choices: [{ text, index: 0, logprobs: null, finish_reason: finish }],
      usage,
    }),
    first: () => undefined,
    part: text => choice(text, null),
    last: finish => choice('', finish),
    usage: usage => ({ ...identity, choices: [], usage }),
  };
}
