import type { TagChanges } from '@greenroom/plugin-ai-registry-common';
import { usageError } from './CommandError';

/** Reads KEY=VALUE words. @throws CommandError that names the one that is none */
export function readTags(called: string, texts: string[]): TagChanges {
  const changes = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) {
      throw usageError(`${called}: the tag is '${text}': expected KEY=VALUE`);
    }
    const key = text.slice(0, at);
    if (changes.has(key)) {
      throw usageError(`${called}: the tag '${key}' is named twice`);
    }
    changes.set(key, text.slice(at + 1));
  }
  return Object.fromEntries(changes);
}

/** Tags to take away. */
export function withoutTags(keys: string[]): TagChanges {
  return Object.fromEntries(keys.map(key => [key, null]));
}
