import type { TensorSpec } from '../domain/tensor';
import { ProviderError } from '../providers/ProviderError';

/** An answer that is none. */
export function noAnswer(field: string): ProviderError {
  return new ProviderError(`its answer has no ${field}`, { status: 502 });
}

/** An answer that lacks what was asked for. */
export function missing({ name }: TensorSpec): ProviderError {
  return new ProviderError(`its answer has no output "${name}"`, {
    status: 502,
  });
}
