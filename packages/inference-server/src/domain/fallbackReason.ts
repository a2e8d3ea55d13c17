import type { FallbackReason } from '@greenroom/plugin-ai-inference-common';
import { InferenceError } from './InferenceError';

const REASONS: ReadonlySet<string> = new Set<FallbackReason>([
  'unavailable',
  'rate-limited',
  'timed-out',
  'context-too-long',
]);

export function isFallbackReason(text: string): text is FallbackReason {
  return REASONS.has(text);
}

/** What services say of a prompt that is too long: OpenAI and vLLM, Gemini, llama.cpp, TGI, Ollama. */
const TOO_LONG =
  /context[ _](?:length|window|size)|maximum number of tokens|(?:prompt|input) is too long|(?:prompt|input)\S* (?:has|have) .*tokens|inputs` tokens|too many tokens/i;

/**
 * Why a model's answer cannot be had, in the words of manifests.
 *
 * @returns undefined where another model would do no better: the request is to blame, or its caller
 */
export function fallbackReason(error: unknown): FallbackReason | undefined {
  if (!(error instanceof InferenceError)) return undefined;
  switch (error.kind) {
    case 'not-ready':
    case 'overloaded':
    case 'bad-gateway':
      return 'unavailable';
    case 'rate-limited':
      return 'rate-limited';
    case 'gateway-timeout':
      return 'timed-out';
    case 'invalid':
    case 'too-large':
      return TOO_LONG.test(error.message) ? 'context-too-long' : undefined;
    default:
      return undefined;
  }
}
