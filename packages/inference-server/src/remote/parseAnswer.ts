import { parseJson } from '../http/openInference/parseJson';
import { ProviderError } from '../providers/ProviderError';

/** @throws ProviderError when it is something else than JSON */
export function parseAnswer(bytes: Buffer): unknown {
  try {
    return parseJson(bytes.toString('utf8'), { longIntegers: true, values: 0 });
  } catch (error) {
    throw new ProviderError('its answer is something else than JSON', {
      status: 502,
      cause: error,
    });
  }
}
