import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import type express from 'express';

/** HTTP status of each code, as MLflow's server has them. */
const STATUS_OF = {
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  BAD_REQUEST: 400,
  CANCELLED: 499,
  CUSTOMER_UNAUTHORIZED: 401,
  DATA_LOSS: 500,
  DEADLINE_EXCEEDED: 504,
  ENDPOINT_NOT_FOUND: 404,
  INTERNAL_ERROR: 500,
  INVALID_PARAMETER_VALUE: 400,
  INVALID_STATE: 500,
  NOT_FOUND: 404,
  NOT_IMPLEMENTED: 501,
  PERMISSION_DENIED: 403,
  REQUEST_LIMIT_EXCEEDED: 429,
  RESOURCE_ALREADY_EXISTS: 400,
  RESOURCE_CONFLICT: 409,
  RESOURCE_DOES_NOT_EXIST: 404,
  RESOURCE_EXHAUSTED: 429,
  TEMPORARILY_UNAVAILABLE: 503,
  UNAUTHENTICATED: 401,
} as const;

export type MlflowErrorCode = keyof typeof STATUS_OF;

/** An answer that MLflow's client raises as an exception with this code. */
export class MlflowError extends Error {
  readonly errorCode: MlflowErrorCode;

  constructor(errorCode: MlflowErrorCode, message: string) {
    super(message);
    this.name = 'MlflowError';
    this.errorCode = errorCode;
  }

  get status(): number {
    return STATUS_OF[this.errorCode];
  }
}

/** What the domain's errors are called at this edge. */
const CODE_OF: Record<string, MlflowErrorCode> = {
  AuthenticationError: 'UNAUTHENTICATED',
  ConflictError: 'RESOURCE_ALREADY_EXISTS',
  InputError: 'INVALID_PARAMETER_VALUE',
  NotAllowedError: 'PERMISSION_DENIED',
  NotFoundError: 'RESOURCE_DOES_NOT_EXIST',
  NotImplementedError: 'NOT_IMPLEMENTED',
  PayloadTooLargeError: 'INVALID_PARAMETER_VALUE',
  ServiceUnavailableError: 'TEMPORARILY_UNAVAILABLE',
  // A path that is not valid UTF-8 when it is decoded.
  URIError: 'INVALID_PARAMETER_VALUE',
};

/** What body parsers call what is wrong with a body. */
const BODY_PROBLEMS: Record<string, (error: BodyError) => string> = {
  'entity.too.large': ({ limit }) =>
    `The body may have at most ${limit} bytes: send less at a time`,
  'entity.parse.failed': ({ message }) =>
    `The body is not valid JSON: ${message}`,
  'entity.verify.failed': ({ message }) => message,
  'encoding.unsupported': ({ message }) => message,
  'charset.unsupported': ({ message }) => message,
  'request.size.invalid': ({ message }) => message,
  'request.aborted': ({ message }) => message,
};

interface BodyError extends Error {
  type?: string;
  limit?: number;
}

/**
 * Answers in MLflow's shape what a handler threw. What nobody expected is logged, and answered
 * without its text, which may tell of the inside.
 */
export function answerMlflowFailures(options: {
  logger: LoggerService;
}): express.ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const known = toMlflowError(error);
    if (!known) {
      options.logger.error(
        `${req.method} ${req.path} failed`,
        isError(error) ? error : undefined,
      );
    }
    const { status, errorCode, message } =
      known ??
      new MlflowError(
        'INTERNAL_ERROR',
        'Something went wrong here; the log of the control plane says what',
      );
    res.status(status).json({ error_code: errorCode, message });
  };
}

/** Undefined for what nobody expected. */
export function toMlflowError(error: unknown): MlflowError | undefined {
  if (error instanceof MlflowError) return error;
  if (!isError(error)) return undefined;
  const bodyError = error as BodyError;
  const explain = bodyError.type && BODY_PROBLEMS[bodyError.type];
  if (explain) {
    return new MlflowError('INVALID_PARAMETER_VALUE', explain(bodyError));
  }
  const code = CODE_OF[error.name];
  return code && new MlflowError(code, error.message);
}
