import { ResponseError } from '@backstage/errors';

/** What somebody else's plugin says, or why it says nothing. */
export type Answer<T> =
  | { state: 'told'; value: T }
  /** It is not installed. */
  | { state: 'absent' }
  /** The viewer may not know. */
  | { state: 'refused' }
  | { state: 'failed'; error: Error };

/** One part that cannot be read does not keep the others from being shown. */
export async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { state: 'told', value: await asked };
  } catch (error) {
    if (error instanceof ResponseError && error.statusCode === 404) {
      return { state: 'absent' };
    }
    if (error instanceof ResponseError && error.statusCode === 403) {
      return { state: 'refused' };
    }
    return {
      state: 'failed',
      error: error instanceof Error ? error : new Error(String(error)),
    };
  }
}
