import { type Document, visit } from 'yaml';

/** A manifest has about thirty lines; room for comments is generous. */
export const MAX_MANIFEST_BYTES = 64 * 1024;
/** Uses of anchors in one manifest; a few thousand of them can stand for gigabytes. */
const MAX_ALIAS_COUNT = 100;

/** A zero character, or one half of a character, as escapes in quotes make them: no database stores them. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** @throws when it is no YAML, has a text that cannot be stored, or an alias stands for nothing or for far too much */
export function resolveYaml(document: Document.Parsed | Document): unknown {
  const [error] = document.errors;
  if (error) throw error;
  visit(document, {
    Scalar: (_key, { value }) => {
      if (typeof value === 'string' && UNSTORABLE.test(value)) {
        // By characters, so that the end of it is a whole one.
        const shown = [...JSON.stringify(value)].slice(0, 100).join('');
        throw new Error(
          `the text ${shown} has a zero character or one half of a character`,
        );
      }
    },
  });
  return document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
