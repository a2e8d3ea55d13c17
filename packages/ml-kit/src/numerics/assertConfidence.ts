import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError unless the confidence of an interval is a share between 0 and 1. */
export function assertConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new InvalidArgumentError(
      `confidence must lie between 0 and 1 (0.95 is 95 %), got ${confidence}`,
    );
  }
}
