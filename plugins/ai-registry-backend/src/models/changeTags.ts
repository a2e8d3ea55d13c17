import { InputError } from '@backstage/errors';
import type { TagChanges } from '@greenroom/plugin-ai-registry-common';

/** Most tags that a model or a version has. */
export const MAX_TAGS = 100;

/** @throws InputError when there would be too many */
export function changeTags(
  tags: Record<string, string>,
  changes: TagChanges,
): Record<string, string> {
  const changed = new Map(Object.entries(tags));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) changed.delete(key);
    else changed.set(key, value);
  }
  if (changed.size > MAX_TAGS) {
    throw new InputError(
      `tagChanges: there would be ${changed.size} tags, and ${MAX_TAGS} are the most: take some away`,
    );
  }
  return Object.fromEntries(changed);
}
