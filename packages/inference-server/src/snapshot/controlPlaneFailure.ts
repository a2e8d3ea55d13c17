import { errorCode } from '../errors';

/** The control plane answered something else than what was asked for. */
export class ControlPlaneAnswerError extends Error {
  override readonly name = 'ControlPlaneAnswerError';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const AWAY = 'the control plane is away';

/** What a status that is no success says of the control plane, for a log. */
export function describeStatus(statusCode: number): string {
  if (statusCode >= 500 || statusCode === 429) return AWAY;
  return statusCode === 401 || statusCode === 403
    ? 'the control plane refuses the token of this data plane: see GREENROOM_CONTROL_PLANE_TOKEN, or the file that GREENROOM_CONTROL_PLANE_TOKEN_FILE names'
    : 'the control plane gave no usable answer';
}

/** What a failed question says of the control plane, for a log. */
export function describeFailure(error: unknown): string {
  if (error instanceof ControlPlaneAnswerError) {
    return describeStatus(error.statusCode);
  }
  // Sockets and requests fail with a code; an answer that makes no sense has none.
  return errorCode(error) === undefined
    ? 'the control plane gave no usable answer'
    : AWAY;
}
