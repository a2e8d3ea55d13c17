import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';

/**
 * The line, from 1, that a field of a YAML text stands on; that of the innermost field around it that is
 * there, where it is missing.
 */
export function lineOfField(
  text: string,
  field: readonly PropertyKey[],
): number {
  const lines = new LineCounter();
  let node: unknown = parseDocument(text, { lineCounter: lines }).contents;
  let offset = 0;
  for (const part of field) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(part));
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else {
      break;
    }
  }
  return Math.max(1, lines.linePos(offset).line);
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | undefined)
    ?.range?.[0];
}
