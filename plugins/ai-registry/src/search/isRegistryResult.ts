import { SEARCH_TYPES } from '@greenroom/plugin-ai-registry-common';

const TYPES: readonly string[] = Object.values(SEARCH_TYPES);

/** Whether a result of the portal's search is a model, a version, a promotion or a dataset. */
export function isRegistryResult({ type }: { type: string }): boolean {
  return TYPES.includes(type);
}
