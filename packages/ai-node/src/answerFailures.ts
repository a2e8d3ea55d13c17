import { isError, ServiceUnavailableError } from '@backstage/errors';
import type express from 'express';

const RETRY_AFTER_SECONDS = 2;

/** What connections end or are refused with while the database is away, by PostgreSQL and by the system. */
const DATABASE_AWAY = [
  // connection_exception, and all of its kind
  /^08/,
  // too_many_connections
  /^53300$/,
  // admin_shutdown, crash_shutdown, cannot_connect_now
  /^57P0[123]$/,
  /^E(?:CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|TIMEDOUT|AI_AGAIN)$/,
];

/** What `pg` and Knex say without a code. */
const CONNECTION_LOST =
  /^(?:Connection terminated|timeout expired|Client has encountered a connection error|Knex: Timeout acquiring a connection)/;

/**
 * Answers 503 with `Retry-After` where a request failed because something that it needs is away:
 * the database, or another plugin. To be mounted after all handlers.
 *
 * @remarks
 *
 * Without it, a database that is away is an internal error, and what another plugin answered to
 * this one is passed on as the answer to the caller. While the database is away that may be 401,
 * since plugins check each other's tokens by keys that are in the database: the caller would
 * think that its own token is refused.
 */
export const answerFailures: express.ErrorRequestHandler = (
  error,
  _req,
  res,
  next,
) => {
  const explained = explainFailure(error);
  const isAway =
    isError(explained) && explained.name === 'ServiceUnavailableError';
  if (isAway && !res.headersSent) {
    res.set('Retry-After', String(RETRY_AFTER_SECONDS));
  }
  next(explained);
};

function explainFailure(error: unknown): unknown {
  if (isFromOtherPlugin(error)) {
    return unavailable(
      'Another part of the control plane cannot answer at the moment: try again in some seconds',
      error,
    );
  }
  if (isDatabaseAway(error)) {
    return unavailable(
      'The database does not answer: try again in some seconds',
      error,
    );
  }
  return error;
}

/** With the cause in the log alone: it may name hosts, and hold a query with what was asked for. */
function unavailable(message: string, cause: unknown): Error {
  const error = new ServiceUnavailableError(message);
  error.stack = `${error.stack}\nCaused by: ${
    isError(cause) ? cause.stack : cause
  }`;
  return error;
}

/** The caller's own token was accepted before: what another plugin refused is that of this one. */
function isFromOtherPlugin(error: unknown): boolean {
  if (!isError(error) || error.name !== 'ResponseError') return false;
  const { statusCode } = error as { statusCode?: unknown };
  return (
    typeof statusCode === 'number' && (statusCode === 401 || statusCode >= 500)
  );
}

function isDatabaseAway(error: unknown): boolean {
  if (!isError(error)) return false;
  // One error for each address of a host that has several.
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const { code, message } = error as { code?: unknown; message: string };
  if (typeof code !== 'string') return CONNECTION_LOST.test(message);
  return !isOfHttp(error) && DATABASE_AWAY.some(pattern => pattern.test(code));
}

/** Clients of HTTP have errors of their own with the codes of the network; the driver passes on the system's. */
function isOfHttp({ name }: Error): boolean {
  return name !== 'Error' && name !== 'error';
}
