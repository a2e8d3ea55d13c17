import { createContext, Script } from 'node:vm';

/** The work of a check took longer than it may. */
export class TookTooLongError extends Error {
  override readonly name = 'TookTooLongError';
}

const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

const script = new Script('work()');
/** Making one costs a millisecond: it is shared. */
let context: { work?: () => unknown } | undefined;

/**
 * Does work that does not wait for anything, and ends it when it takes too long: a regular
 * expression, or a schema, of somebody else may compute for ever.
 *
 * @throws TookTooLongError
 */
export function withinMillis<T>(millis: number, work: () => T): T {
  context ??= createContext({});
  context.work = work;
  try {
    return script.runInContext(context, { timeout: millis }) as T;
  } catch (error) {
    const code = (error as { code?: unknown } | undefined)?.code;
    throw code === TIMED_OUT
      ? new TookTooLongError(`It took longer than ${millis} ms`)
      : error;
  } finally {
    delete context.work;
  }
}
