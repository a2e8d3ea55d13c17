import type { Document } from 'yaml';

/** A manifest has about thirty lines; room for comments is generous. */
export const MAX_MANIFEST_BYTES = 64 * 1024;
/** Uses of anchors in one manifest; a few thousand of them can stand for gigabytes. */
const MAX_ALIAS_COUNT = 100;

/** @throws when it is no YAML, or an alias stands for nothing or for far too much */
export function resolveYaml(document: Document.Parsed | Document): unknown {
  const [error] = document.errors;
  if (error) throw error;
  return document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
