/** How many tokens of language models a key may use; in each environment by itself. */
export interface TokenLimits {
  /** In any 60 seconds. */
  perMinute?: number;
  /** From midnight to midnight, UTC. */
  perDay?: number;
  /**
   * What a data plane does whose part of the day is used up while the control plane is away:
   * `hard` refuses, `soft` goes on and counts.
   */
  mode: 'hard' | 'soft';
}

/** Most tokens that a limit may name. */
export const MAX_TOKEN_LIMIT = 1_000_000_000_000;

/** What one process of a data plane has used under a key, and holds of the key's day. */
export interface TokenUse {
  keyId: string;
  /** Of UTC, such as 2026-11-26. */
  day: string;
  /** Since the process started, on that day: it only grows, so that it may be told again. */
  used: number;
  /** Tokens of the day that the process may use, those that it has used among them. */
  held: number;
}

/** What one process of a data plane may use of a key's day. */
export interface TokenLease {
  keyId: string;
  day: string;
  /** Those that it has used are among them. */
  tokens: number;
  /** What all processes of the environment have used, as far as they have told. */
  usedByAll: number;
}

/** Keys of which one report may tell their use. */
export const MAX_TOLD_TOKEN_USE = 10_000;
