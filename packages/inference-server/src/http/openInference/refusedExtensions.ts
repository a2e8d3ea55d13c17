export const SHARED_MEMORY =
  'shared memory is not supported, since callers do not share the machine with this server: send tensors in binary';
export const TRACE_SETTINGS =
  'trace settings are not supported: what is recorded is set in the deployment manifest';
export const LOG_SETTINGS =
  'log settings are not supported: the server takes its log level from GREENROOM_LOG_LEVEL';

/** Extensions of Triton's that are not here, by the beginning of their paths, and what to do instead. */
const REFUSED: [RegExp, string][] = [
  [/^\/v2\/(system|cuda|tpu|xla)?sharedmemory(\/|$)/, SHARED_MEMORY],
  [/^\/v2\/(models\/[^/]+\/)?trace\/setting$/, TRACE_SETTINGS],
  [/^\/v2\/logging$/, LOG_SETTINGS],
];

/** Why there is nothing at a path that clients of other servers know; undefined where none does. */
export function refusedExtension(path: string): string | undefined {
  return REFUSED.find(([pattern]) => pattern.test(path))?.[1];
}
