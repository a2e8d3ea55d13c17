import type { TokenCounts } from '../../domain/LanguageModel';

/** As much of OpenAI's usage as is counted; servers like it leave parts out. */
export interface OpenAiUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number } | null;
  completion_tokens_details?: { reasoning_tokens?: number } | null;
}

export function tokensOf(usage: OpenAiUsage | null | undefined): TokenCounts {
  return {
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
    cachedInput: usage?.prompt_tokens_details?.cached_tokens,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens,
  };
}
