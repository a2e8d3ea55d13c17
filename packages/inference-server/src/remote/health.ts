import type { Readiness } from '../providers/Provider';

/** A server is thought gone when it could not be asked so often in a row. */
const FAILURES_OF_THE_GONE = 2;

/** What is known of a model at one upstream. */
export interface Health {
  /** Why it cannot answer; undefined where it can, as far as anybody knows. */
  trouble: string | undefined;
  /** How often in a row its server could not be asked. */
  failures: number;
}

export const NOT_ASKED_YET: Health = {
  trouble: 'its server was not asked yet whether it is ready',
  failures: 0,
};

/** What became of a question for a model: an answer, or none. */
export type Asked = Readiness | { state: 'unreachable'; reason: string };

/** One answer that is missing says nothing of a model that answered before: the next one decides. */
export function healthAfter(before: Health, asked: Asked): Health {
  switch (asked.state) {
    case 'not-ready':
      return { trouble: `it is not ready there: ${asked.reason}`, failures: 0 };
    case 'unreachable': {
      const failures = before.failures + 1;
      const isGone =
        before.trouble !== undefined || failures >= FAILURES_OF_THE_GONE;
      const trouble = isGone
        ? `its server cannot be asked: ${asked.reason}`
        : undefined;
      return { trouble, failures };
    }
    default:
      return { trouble: undefined, failures: 0 };
  }
}

/** A model answers as long as one of its upstreams does. */
export function troubleOf(
  upstreams: readonly { name: string; health: Health }[],
): string | undefined {
  const answering = upstreams.some(({ health }) => !health.trouble);
  if (answering || upstreams.length === 0) return undefined;
  return upstreams
    .map(({ name, health }) => `the connection "${name}": ${health.trouble}`)
    .join('; ');
}
