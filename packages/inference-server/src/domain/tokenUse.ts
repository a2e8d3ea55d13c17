import type { TokenCounts } from './LanguageModel';

/** What a request may come to, before it is answered, in tokens. */
export interface TokenEstimate {
  input: number;
  /** The most that it asks for, or else what is usual. */
  output: number;
}

/** Characters that one token stands for, about. */
const CHARACTERS_PER_TOKEN = 4;
/** Statuses of a request whose prompt may have been read although nobody got an answer. */
const MAYBE_READ = [499, 504];

export function tokensOfCharacters(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/**
 * What a request has used, once it is over: as whoever ran the model counted, or else as far as it
 * can be seen here.
 */
export function usedTokens(options: {
  estimate: TokenEstimate;
  /** HTTP status. */
  status: number;
  tokens: TokenCounts;
  /** Characters of the answer that came; undefined where none has begun. */
  answeredCharacters: number | undefined;
}): number {
  const { estimate, status, tokens, answeredCharacters } = options;
  const { input, output } = tokens;
  if (answeredCharacters === undefined && input === undefined) {
    return MAYBE_READ.includes(status) ? estimate.input : 0;
  }
  return (
    (input ?? estimate.input) +
    (output ?? tokensOfCharacters(answeredCharacters ?? 0))
  );
}
