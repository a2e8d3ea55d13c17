import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const FREED_EACH_BYTES = 16 * 1024 * 1024;

type CollectGarbage = (options: { type: 'minor' }) => void;

let passedBytes = 0;
let collectGarbage: CollectGarbage | undefined;

/**
 * Has the buffers of a large transfer freed while they are young.
 *
 * V8 does not count what a buffer holds as young memory, and looks through the whole heap once 64 MiB of it have come
 * together: a file of 2 GiB has it done thirty times, each for 200 ms of a control plane, in which all other callers
 * wait. Looking through what is new takes one.
 *
 * @param bytes - of the buffer that has just been made
 */
export function freeBuffers(bytes: number): void {
  passedBytes += bytes;
  if (passedBytes < FREED_EACH_BYTES) return;
  passedBytes = 0;
  collectGarbage ??= exposeGarbageCollector();
  collectGarbage({ type: 'minor' });
}

function exposeGarbageCollector(): CollectGarbage {
  setFlagsFromString('--expose-gc');
  const exposed: CollectGarbage = runInNewContext('gc');
  // Nobody else is to have it.
  setFlagsFromString('--no-expose-gc');
  return exposed;
}
