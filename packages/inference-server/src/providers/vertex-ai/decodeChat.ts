import type {
  ChatCompletion,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions';
import type { TokenCounts } from '../../domain/LanguageModel';
import { ProviderError } from '../ProviderError';
import {
  generateContentResponse,
  googleError,
  type Candidate,
  type GenerateContentResponse,
} from './wire';

type FinishReason = ChatCompletion['choices'][number]['finish_reason'];

/** Why the service stops that is not by the model's own will. */
const REASONS: Record<string, FinishReason> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
};
const MILLIS_PER_SECOND = 1_000;

/** What a candidate says, taken apart. */
export interface Said {
  text: string;
  thought: string;
  calls: ChatCompletionMessageToolCall[];
}

/** @throws ProviderError when it is none, tells of a failure, or the prompt was blocked */
export function parseAnswer(value: unknown): GenerateContentResponse {
  const failed = googleError.safeParse(value);
  if (failed.success) {
    const { code = 502, message } = failed.data.error;
    throw new ProviderError(message, { status: code });
  }
  const parsed = generateContentResponse.safeParse(value);
  if (!parsed.success) {
    throw new ProviderError('its answer has no candidates', { status: 502 });
  }
  const { promptFeedback: feedback } = parsed.data;
  if (feedback?.blockReason !== undefined) {
    throw new ProviderError(
      `the prompt was blocked (${feedback.blockReason})${
        feedback.blockReasonMessage ? `: ${feedback.blockReasonMessage}` : ''
      }`,
      { status: 400 },
    );
  }
  return parsed.data;
}

/** @throws ProviderError when it is no answer */
export function decodeChat(
  value: unknown,
  model: string,
): { body: ChatCompletion; tokens: TokenCounts } {
  const answer = parseAnswer(value);
  if (!answer.candidates || answer.candidates.length === 0) {
    throw new ProviderError('its answer has no candidates', { status: 502 });
  }
  const tokens = tokensOf(answer);
  return {
    tokens,
    body: {
      ...identityOf(answer, model),
      object: 'chat.completion',
      choices: answer.candidates.map((candidate, index) => {
        const { text, thought, calls } = saidBy(candidate, 0);
        return {
          index: candidate.index ?? index,
          finish_reason: finishOf(candidate, calls.length > 0) ?? 'stop',
          logprobs: null,
          message: {
            role: 'assistant' as const,
            content: text === '' && calls.length > 0 ? null : text,
            refusal: null,
            ...(thought !== '' && { reasoning_content: thought }),
            ...(calls.length > 0 && { tool_calls: calls }),
          },
        };
      }),
      usage: usageOf(tokens),
    },
  };
}

export function identityOf(
  { responseId, modelVersion }: GenerateContentResponse,
  model: string,
) {
  return {
    id: `chatcmpl-${responseId ?? 'unknown'}`,
    created: Math.floor(Date.now() / MILLIS_PER_SECOND),
    model: modelVersion ?? model,
  };
}

/** @param callsBefore - calls that the same candidate made in earlier parts of a stream */
export function saidBy({ content }: Candidate, callsBefore: number): Said {
  const said: Said = { text: '', thought: '', calls: [] };
  for (const part of content?.parts ?? []) {
    if (part.text !== undefined) {
      if (part.thought) said.thought += part.text;
      else said.text += part.text;
    }
    if (part.functionCall === undefined) continue;
    const { name, args = {} } = part.functionCall;
    const { thoughtSignature: signature } = part;
    said.calls.push({
      id: `call_${callsBefore + said.calls.length}_${name}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
      ...(signature !== undefined && {
        extra_content: { google: { thought_signature: signature } },
      }),
    });
  }
  return said;
}

/** Undefined while it goes on. The service says `STOP` after calls of tools, too. */
export function finishOf(
  { finishReason }: Candidate,
  hasCalls: boolean,
): FinishReason | undefined {
  if (finishReason === undefined) return undefined;
  const reason = REASONS[finishReason];
  if (reason === undefined) {
    throw new ProviderError(`it stopped with the reason ${finishReason}`, {
      status: 502,
    });
  }
  return reason === 'stop' && hasCalls ? 'tool_calls' : reason;
}

/** OpenAI counts what a model thinks among what it says; Google beside it. */
export function tokensOf({
  usageMetadata: usage,
}: GenerateContentResponse): TokenCounts {
  const { candidatesTokenCount: said, thoughtsTokenCount: thought } =
    usage ?? {};
  return {
    input: usage?.promptTokenCount,
    output:
      said === undefined && thought === undefined
        ? undefined
        : (said ?? 0) + (thought ?? 0),
    cachedInput: usage?.cachedContentTokenCount,
    reasoning: thought,
  };
}

/** Undefined where the service did not count. */
export function usageOf(tokens: TokenCounts): ChatCompletion['usage'] {
  const { input, output, cachedInput, reasoning } = tokens;
  if (input === undefined && output === undefined) return undefined;
  return {
    prompt_tokens: input ?? 0,
    completion_tokens: output ?? 0,
    total_tokens: (input ?? 0) + (output ?? 0),
    ...(cachedInput !== undefined && {
      prompt_tokens_details: { cached_tokens: cachedInput },
    }),
    ...(reasoning !== undefined && {
      completion_tokens_details: { reasoning_tokens: reasoning },
    }),
  };
}
