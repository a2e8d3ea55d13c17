import type { IncomingHttpHeaders } from 'node:http';
import type { HEADER_ASSIGNMENT_ID } from '@greenroom/plugin-ai-inference-common';

// The type pins the text to the contract without loading that package's client code.
const ASSIGNMENT_HEADER: typeof HEADER_ASSIGNMENT_ID = 'x-assignment-id';

/** What keeps the caller on one variant; undefined where the request does not say. */
export function assignmentIdOf(
  headers: IncomingHttpHeaders,
): string | undefined {
  const id = headers[ASSIGNMENT_HEADER];
  return id ? String(id) : undefined;
}
