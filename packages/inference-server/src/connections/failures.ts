import { ProviderError } from '../providers/ProviderError';
import { SecretError } from '../secrets/Secrets';
import { UpstreamFailure } from '../upstream/UpstreamFailure';

/** Longest time that a call waits to be sent again. */
export const LONGEST_DELAY_MILLIS = 2_000;

/** Statuses of a service that cannot answer right now. */
const PASSING = [408, 409, 429, 500, 502, 503, 504, 529];
/** Statuses that say that the service itself is in trouble, or its account; a limit is none. */
const TROUBLE = [401, 403, 500, 502, 503, 504, 529];
/** Statuses that may come with the time after which calls are taken again. */
const LIMITED = [429, 503, 529];
/** What another account, or another service, may answer all the same. */
const ELSEWHERE = [...PASSING, 401, 403, 404];

/** Why an upstream is not called right now. */
export type Unavailability =
  /** It said that it takes no calls to the model for a time. */
  | { kind: 'limited'; untilMillis: number }
  /** Too many calls failed. */
  | { kind: 'failing'; untilMillis: number; reason: string | undefined };

/** None of a connection's upstreams is called right now. */
export class UnavailableError extends Error {
  readonly kind: Unavailability['kind'];
  readonly retryAfterSeconds: number;

  /** @param first - of the upstream that is called again first */
  constructor(first: Unavailability, nowMillis: number) {
    const seconds = Math.max(
      1,
      Math.ceil((first.untilMillis - nowMillis) / 1_000),
    );
    super(
      first.kind === 'limited'
        ? `the provider's limit is reached: it is tried again in ${seconds} s`
        : `too many of the last calls failed${
            first.reason === undefined ? '' : ` (${first.reason})`
          }: it is tried again in ${seconds} s`,
    );
    this.name = 'UnavailableError';
    this.kind = first.kind;
    this.retryAfterSeconds = seconds;
  }
}

/** Worth another try at the same place: it may pass, and soon. */
export function isPassing(error: unknown): boolean {
  if (error instanceof UpstreamFailure) return error.kind === 'unreachable';
  if (!(error instanceof ProviderError)) return false;
  return (
    PASSING.includes(error.status) &&
    (error.retryAfterSeconds ?? 0) * 1_000 <= LONGEST_DELAY_MILLIS
  );
}

/** Worth a try at another place. Whoever has waited for long is not made to wait again. */
export function mayPassElsewhere(error: unknown): boolean {
  if (error instanceof UpstreamFailure) {
    return error.kind === 'unreachable' || error.kind === 'broken';
  }
  if (error instanceof SecretError) return true;
  return error instanceof ProviderError && ELSEWHERE.includes(error.status);
}

/** Speaks against the service, not against the request. */
export function isTrouble(error: unknown): boolean {
  if (error instanceof UpstreamFailure) return error.kind !== 'cancelled';
  if (error instanceof SecretError) return true;
  return error instanceof ProviderError && TROUBLE.includes(error.status);
}

/** Says nothing about the service: nobody waited for the answer. */
export function isCancelled(error: unknown): boolean {
  return error instanceof UpstreamFailure && error.kind === 'cancelled';
}

/** Seconds for which it takes no more calls, as it says; undefined where it is no limit. */
export function limitSeconds(
  error: unknown,
): { seconds: number | undefined } | undefined {
  if (!(error instanceof ProviderError)) return undefined;
  const { status, retryAfterSeconds: seconds } = error;
  if (status === 429) return { seconds };
  return LIMITED.includes(status) && seconds !== undefined
    ? { seconds }
    : undefined;
}

/** What a call came to, for those who count. */
export type CallOutcome =
  | 'answered'
  | 'limited'
  | 'refused'
  | 'failed'
  | 'cancelled';

export function outcomeOf(error: unknown): CallOutcome {
  if (isCancelled(error)) return 'cancelled';
  if (error instanceof ProviderError && error.status === 429) return 'limited';
  return isTrouble(error) ? 'failed' : 'refused';
}
