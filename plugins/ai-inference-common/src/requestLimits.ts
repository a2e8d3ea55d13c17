/**
 * How much a key may ask for, whatever the models take; in each environment by itself, divided among
 * its data planes.
 */
export interface RequestLimits {
  /** On average; a batch counts as many requests as it has calls. */
  requestsPerSecond?: number;
  /** Most requests at once after a pause. As many as in a second when left out. */
  burst?: number;
  /** Requests that are being answered at a time. */
  requestsInFlight?: number;
  /** Rows of tensors in any 60 seconds. */
  rowsPerMinute?: number;
  /**
   * What a data plane does while the control plane is away, so that its part is not known or may be
   * old: `hard` keeps to the part that it knows, `soft` takes the whole limit.
   */
  mode: 'hard' | 'soft';
}

/** Names of the numbers in {@link RequestLimits}. */
export const REQUEST_LIMIT_NAMES = [
  'requestsPerSecond',
  'burst',
  'requestsInFlight',
  'rowsPerMinute',
] as const;

/** The most that each limit may name. */
export const MAX_REQUEST_LIMIT = 1_000_000_000;

/** What came of the last 60 seconds under a key with limits of requests, in one process of a data plane or in all of an environment. */
export interface RequestUse {
  requests: number;
  /** Rows of tensors; of keys with a limit of rows. */
  rows: number;
  /** Requests that were refused for one of these limits. */
  refused: number;
  /** Most requests that were being answered at a time; of several processes the sum. */
  mostInFlight: number;
}

/** What one process of a data plane tells of a key. */
export interface ToldRequestUse extends RequestUse {
  keyId: string;
}

/** Keys of which one report may tell their use. */
export const MAX_TOLD_REQUEST_USE = 10_000;
