import { z } from 'zod';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import { parseObject } from '../openai/requests';

/** Calls of one batch. */
const MAX_CALLS = 64;

const batch = z.strictObject({
  calls: z
    .array(
      z.strictObject({
        /** Comes back with the result; the position where it is left out. */
        id: z.string().min(1).max(200).optional(),
        path: z.string().startsWith('/', 'expected a path such as /ai/chat'),
        body: z.looseObject({}),
      }),
      'expected a list of calls',
    )
    .min(1, 'expected at least one call')
    .max(MAX_CALLS, `expected at most ${MAX_CALLS} calls`),
});

export interface BatchCall {
  id: string;
  path: string;
  body: object;
}

/** @throws InvalidFieldError, or InferenceError `invalid` or `too-large` */
export function parseBatch(body: Buffer, maxValues: number): BatchCall[] {
  const result = batch.safeParse(parseObject(body, maxValues));
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new InvalidFieldError(path.map(String).join('.') || 'calls', message);
  }
  return result.data.calls.map(({ id, ...call }, index) => ({
    id: id ?? String(index),
    ...call,
  }));
}
