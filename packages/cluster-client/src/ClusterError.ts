import { ApiException } from '@kubernetes/client-node';
import { toError } from '@backstage/errors';

const MOST_MESSAGE_CHARACTERS = 500;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
/** As API servers and the client of their APIs say it: what is missing is not the object, but its kind. */
const UNSERVED =
  /404 page not found|could not find the requested resource|Unrecognized API version and kind/i;
const CONFLICT = 409;
/** A library that is given a token it cannot send says which one. */
const CREDENTIAL = /\b(Bearer|Basic)\s+\S+/gi;

/** What the cluster has answered, or that it has not. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  /** Undefined where there was no answer. */
  readonly statusCode: number | undefined;

  constructor(message: string, statusCode?: number) {
    super(message);
    this.statusCode = statusCode;
  }

  /** Somebody else has set a field that was not to be taken from them. */
  get isConflict(): boolean {
    return this.statusCode === CONFLICT;
  }
}

/** Of an error, or of what the API server says that went wrong. */
export function statusCodeOf(error: unknown): number | undefined {
  if (error instanceof ApiException) return error.code;
  const { statusCode, code } = Object(error);
  return [statusCode, code].find(value => typeof value === 'number');
}

/** @param answerMillis - how long an answer was waited for */
export function toClusterError(
  error: unknown,
  answerMillis: number,
): ClusterError {
  if (error instanceof ClusterError) return error;
  if (error instanceof ApiException) {
    const message = messageOf(error.body);
    return new ClusterError(
      error.code === UNAUTHORIZED
        ? `the cluster does not accept the portal's token (${message}): put one that holds into the file that aiInference.kubernetes.tokenFiles names, or into serviceAccountToken of the cluster`
        : message,
      error.code,
    );
  }
  const { name, message } = toError(error);
  return new ClusterError(
    name === 'AbortError' || name === 'TimeoutError'
      ? `the cluster does not answer within ${answerMillis / 1_000} seconds`
      : `the cluster cannot be reached: ${message.replace(
          CREDENTIAL,
          '$1 (not shown)',
        )}`,
  );
}

/** Says which API a cluster does not serve, such as that of another release; undefined for every other error. */
export function unservedError(
  error: unknown,
  { apiVersion, kind }: { apiVersion?: string; kind?: string },
): ClusterError | undefined {
  const text =
    error instanceof ApiException ? messageOf(error.body) : String(error);
  return UNSERVED.test(text)
    ? new ClusterError(
        `the cluster does not serve ${kind} of ${apiVersion}`,
        NOT_FOUND,
      )
    : undefined;
}

/**
 * Says besides which versions of the group the cluster serves.
 *
 * @param versions - undefined where it did not say
 */
export function withServed(
  error: ClusterError,
  group: string,
  versions: readonly string[] | undefined,
): ClusterError {
  if (versions === undefined) return error;
  const served =
    versions.length === 0
      ? `nothing of ${group} is installed there`
      : `of ${group} it serves ${versions.join(', ')}`;
  return new ClusterError(`${error.message}: ${served}`, error.statusCode);
}

/** What the API server says in words: its answers are objects of kind Status. */
function messageOf(body: unknown): string {
  const parsed: unknown = typeof body === 'string' ? parse(body) : body;
  const { message } = Object(parsed);
  const text = typeof message === 'string' ? message : String(body);
  return text.slice(0, MOST_MESSAGE_CHARACTERS);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
