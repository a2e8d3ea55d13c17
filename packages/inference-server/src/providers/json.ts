import { ProviderError } from './ProviderError';

/** What a refusal says: its JSON, or else its text. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * One event of a streamed answer.
 *
 * @throws ProviderError when it is not JSON
 */
export function eventJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new ProviderError('a part of its answer is not JSON', {
      status: 502,
      cause: error,
    });
  }
}
