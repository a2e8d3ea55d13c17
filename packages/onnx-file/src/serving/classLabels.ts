import { isBytes, isVarint, type ProtobufReader } from '../ProtobufReader';
import type { NodeOutline } from './readOutline';

const MAX_LABELS = 10_000;
const MAX_LABEL_BYTES = 1024;

/** What the classes of a classifier, or of a ZipMap, are called. */
export interface ClassLabels {
  count: number;
  /** Whole numbers as their digits; undefined where there are too many, or too long ones, to tell. */
  labels: string[] | undefined;
}

/** The attributes that name classes: numbers, or texts. */
const NAMES = new Set([
  'classlabels_strings',
  'classlabels_int64s',
  'classlabels_ints',
]);

/** @returns undefined where the node names none. */
export async function readClassLabels(
  reader: ProtobufReader,
  node: NodeOutline,
): Promise<ClassLabels | undefined> {
  for (const { name, content } of node.attributes) {
    if (!NAMES.has(name)) continue;
    const labels: string[] = [];
    let count = 0;
    let complete = true;
    for await (const field of reader.fields(content)) {
      if (isBytes(field, 9)) {
        count += 1;
        const { start, end } = field.span;
        complete &&= count <= MAX_LABELS && end - start <= MAX_LABEL_BYTES;
        if (complete) labels.push(await reader.text(field.span, end - start));
      } else if (isVarint(field, 8)) {
        count += 1;
        complete &&= count <= MAX_LABELS;
        if (complete) labels.push(String(field.wide ?? field.value));
      } else if (isBytes(field, 8)) {
        const integers = await reader.integers(field.span);
        count += integers.length;
        complete &&= count <= MAX_LABELS;
        if (complete) labels.push(...integers.map(String));
      }
    }
    // An exporter may write both, one of them empty.
    if (count > 0) return { count, labels: complete ? labels : undefined };
  }
  return undefined;
}
