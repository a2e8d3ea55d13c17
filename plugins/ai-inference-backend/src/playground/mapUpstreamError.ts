import {
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { PayloadTooLargeError } from '@greenroom/ai-node';

/**
 * Turns a data plane's refusal into the control plane's error of the same meaning, with the
 * data plane's own sentence, which names the tensor and what was expected.
 */
export function mapUpstreamError(status: number, body: string): Error {
  const sentence = readSentence(body) ?? `it answered with status ${status}`;
  switch (status) {
    case 400:
    case 415:
    case 422:
      return new InputError(sentence);
    case 404:
      return new NotFoundError(sentence);
    case 413:
      return new PayloadTooLargeError(sentence);
    case 401:
    case 403:
      return new ServiceUnavailableError(
        'The data plane does not know the portal yet: try again in a few seconds',
      );
    default:
      return new ServiceUnavailableError(
        `The data plane could not answer: ${sentence}`,
      );
  }
}

function readSentence(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body);
    // The Open Inference Protocol has a sentence there, OpenAI's API an object with one.
    const sentence = error?.message ?? error;
    return typeof sentence === 'string' ? sentence : undefined;
  } catch {
    return undefined;
  }
}
