import type { IncomingHttpHeaders } from 'node:http';
import type {
  HEADER_ASSIGNMENT_ID,
  HEADER_MODEL_VERSION,
  HEADER_REQUEST_ID,
  HEADER_REQUEST_TIMEOUT,
  HEADER_UNCOUNTED,
} from '@greenroom/plugin-ai-inference-common';
import { credentialOf } from './credentialOf';

// The types pin the texts to the contract without loading that package's client code.
const ASSIGNMENT_ID: typeof HEADER_ASSIGNMENT_ID = 'x-assignment-id';
const MODEL_VERSION: typeof HEADER_MODEL_VERSION = 'x-model-version';
const REQUEST_ID: typeof HEADER_REQUEST_ID = 'x-request-id';
const REQUEST_TIMEOUT: typeof HEADER_REQUEST_TIMEOUT = 'x-request-timeout-ms';
const UNCOUNTED: typeof HEADER_UNCOUNTED = 'x-greenroom-uncounted';

/** What a caller says beside the request itself, the same in every protocol. */
export interface CallHeaders {
  credential: string | undefined;
  /** What keeps the caller on one variant. */
  assignmentId: string | undefined;
  /** The version that is to answer, where the request names none itself. */
  version: string | undefined;
  /** What the caller calls the request. */
  requestId: string | undefined;
  /** For how many milliseconds the caller waits. */
  timeout: string | undefined;
  /** Whether the request takes no part in a comparison. */
  isUncounted: boolean;
}

export function readCallHeaders(headers: IncomingHttpHeaders): CallHeaders {
  return {
    credential: credentialOf(headers),
    assignmentId: textOf(headers[ASSIGNMENT_ID]),
    version: textOf(headers[MODEL_VERSION]),
    requestId: textOf(headers[REQUEST_ID]),
    timeout: textOf(headers[REQUEST_TIMEOUT]),
    isUncounted: headers[UNCOUNTED] === '1',
  };
}

function textOf(header: string | string[] | undefined): string | undefined {
  return header ? String(header) : undefined;
}
