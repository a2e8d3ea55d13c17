import type { DatasetReference } from '@greenroom/plugin-ai-training-common';
import type { LineageTarget } from './runLineage';

/**
 * Where a dataset is described, as its source says: a version of the registry, or a page that a browser opens. Sources of
 * MLflow's client are JSON, such as `{"url": "https://…"}`, or a bare address.
 *
 * @param reference - what the portal takes it for: another portal's dataset of the same name is another one
 */
export function datasetPlace(
  source: string,
  reference?: DatasetReference,
): LineageTarget | undefined {
  if (reference?.by === 'source') {
    const { dataset: name, version } = reference;
    return { page: 'dataset', name, version: String(version) };
  }
  const address = addressOf(source);
  return address?.protocol === 'https:'
    ? { page: 'outside', url: address.href }
    : undefined;
}

/** Nothing that lets in whoever has it is made a link of. */
function addressOf(source: string): URL | undefined {
  let text: unknown = source;
  try {
    const read = JSON.parse(source);
    text = read?.url ?? read?.uri ?? read?.path;
  } catch {
    // A bare address.
  }
  if (typeof text !== 'string' || !/^https?:\/\//.test(text)) return undefined;
  try {
    const address = new URL(text);
    return address.username || address.password || address.search
      ? undefined
      : address;
  } catch {
    return undefined;
  }
}
