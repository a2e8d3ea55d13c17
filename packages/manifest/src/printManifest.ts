import { isDeepStrictEqual } from 'node:util';
import { Document, parseDocument, visit } from 'yaml';
import type { Manifest } from './manifestV2';
import { isRecord, MAX_MANIFEST_BYTES, resolveYaml } from './yamlText';

/** What editors look for at the top of a file. */
const SCHEMA_COMMENT = /^#\s*yaml-language-server:/m;

/**
 * Prints a manifest: a new file, or the earlier text with only what differs
 * changed, so that people's comments and order stay.
 *
 * @param options.schemaUrl - where editors get the JSON schema from; a new file, or one that is of
 * this version for the first time, names it at its top
 */
export function printManifest(
  manifest: Manifest,
  options: { earlierText?: string; schemaUrl?: string } = {},
): string {
  const { schemaUrl } = options;
  const earlier = readEarlier(options.earlierText);
  const isFirst = earlier?.get('apiVersion') !== manifest.apiVersion;
  const document = earlier ?? new Document({});
  edit(document, [], manifest);
  const text = document.toString({ lineWidth: 0 });
  return schemaUrl === undefined || !isFirst || SCHEMA_COMMENT.test(text)
    ? text
    : `# yaml-language-server: $schema=${schemaUrl}\n${text}`;
}

/** The earlier file, when there is one that can be edited. */
function readEarlier(text: string | undefined): Document | undefined {
  if (text === undefined || Buffer.byteLength(text) > MAX_MANIFEST_BYTES) {
    return undefined;
  }
  try {
    const document = parseDocument(text);
    const isPlain = isRecord(resolveYaml(document)) && !hasAliases(document);
    return isPlain ? document : undefined;
  } catch {
    // It was refused by whoever read it; what replaces it is written anew.
    return undefined;
  }
}

function hasAliases(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function edit(document: Document, path: string[], wanted: object): void {
  const current: unknown =
    path.length === 0 ? resolveYaml(document) : toPlain(document.getIn(path));
  const before = isRecord(current) ? current : {};
  for (const key of Object.keys(before)) {
    if (!(key in wanted)) document.deleteIn([...path, key]);
  }
  for (const [key, value] of Object.entries(wanted)) {
    const at = [...path, key];
    if (value === undefined) {
      document.deleteIn(at);
    } else if (isRecord(value) && isRecord(before[key])) {
      edit(document, at, value);
    } else if (!isDeepStrictEqual(before[key], value)) {
      document.setIn(
        at,
        isRecord(value) || Array.isArray(value)
          ? document.createNode(value)
          : value,
      );
    }
  }
}

function toPlain(node: unknown): unknown {
  return isRecord(node) && typeof node.toJSON === 'function'
    ? node.toJSON()
    : node;
}
