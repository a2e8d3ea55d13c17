/** How a request failed, as far as that decides what comes next. */
export interface Failure {
  /** Undefined when there was no answer. */
  status: number | undefined;
  /** In GitHub's words. */
  reason: string;
  headers: Record<string, string | number | undefined>;
}

export type RetryDecision =
  | { action: 'retry'; pauseMillis: number }
  /** No request is to be made until then. */
  | { action: 'block'; kind: 'primary' | 'secondary'; until: Date }
  | { action: 'fail' };

const MOST_ATTEMPTS = 4;
const FIRST_PAUSE_MILLIS = 500;
/** A step that waits longer than this is better put off than held up. */
const LONGEST_WAIT_MILLIS = 20_000;
/** GitHub does not always say how long its secondary limit holds, and asks for a minute then. */
const SECONDARY_WAIT_MILLIS = 60_000;
const SECOND_MILLIS = 1_000;

/** Whether a request is sent again, and when. */
export function decideRetry(
  failure: Failure,
  options: {
    /** How often it has been sent. */
    attempt: number;
    method: string;
    /** It may be done twice although it creates something. */
    isRepeatable: boolean;
    nowMillis: number;
  },
): RetryDecision {
  const { attempt, nowMillis } = options;
  const limit = limitOf(failure, nowMillis);
  if (limit) {
    const waitMillis = limit.untilMillis - nowMillis;
    return waitMillis <= LONGEST_WAIT_MILLIS && attempt < MOST_ATTEMPTS
      ? { action: 'retry', pauseMillis: Math.max(waitMillis, 0) }
      : {
          action: 'block',
          kind: limit.kind,
          until: new Date(limit.untilMillis),
        };
  }
  const { status } = failure;
  const mayPass = status === undefined || status >= 500;
  // Nobody knows whether it was done.
  const mayRepeat = options.method !== 'POST' || options.isRepeatable;
  return mayPass && mayRepeat && attempt < MOST_ATTEMPTS
    ? {
        action: 'retry',
        pauseMillis: FIRST_PAUSE_MILLIS * 2 ** (attempt - 1),
      }
    : { action: 'fail' };
}

/** Until when which of GitHub's limits holds. */
function limitOf(
  { status, reason, headers }: Failure,
  nowMillis: number,
): { kind: 'primary' | 'secondary'; untilMillis: number } | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const retryAfterSeconds = numberOf(headers['retry-after']);
  if (retryAfterSeconds !== undefined) {
    return {
      kind: 'secondary',
      untilMillis: nowMillis + retryAfterSeconds * SECOND_MILLIS,
    };
  }
  const resetSeconds = numberOf(headers['x-ratelimit-reset']);
  if (numberOf(headers['x-ratelimit-remaining']) === 0 && resetSeconds) {
    return { kind: 'primary', untilMillis: resetSeconds * SECOND_MILLIS };
  }
  return /secondary rate limit|abuse detection/i.test(reason) || status === 429
    ? { kind: 'secondary', untilMillis: nowMillis + SECONDARY_WAIT_MILLIS }
    : undefined;
}

function numberOf(value: string | number | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

const MOST_REASON_CHARACTERS = 1_000;

/** What is to be known of an error that Octokit has thrown. Of requests, which have tokens, nothing. */
export function explainFailure(error: unknown): Failure {
  const { status, response, message, name } = (error ?? {}) as {
    status?: number;
    message?: string;
    name?: string;
    response?: {
      headers?: Failure['headers'];
      data?: { message?: string; errors?: unknown[] };
    };
  };
  if (response === undefined && status !== 304) {
    // Octokit says 500 where there was no answer.
    const why = message ?? name ?? 'unknown';
    return { status: undefined, reason: cut(why), headers: {} };
  }
  const { headers = {}, data } = response ?? {};
  const details = (data?.errors ?? [])
    .map(detail =>
      typeof detail === 'string'
        ? detail
        : (detail as { message?: string })?.message,
    )
    .filter(Boolean);
  const words = [data?.message?.trim(), ...details].filter(Boolean).join(': ');
  return { status, headers, reason: cut(words || `status ${status}`) };
}

function cut(text: string): string {
  return text.slice(0, MOST_REASON_CHARACTERS);
}
