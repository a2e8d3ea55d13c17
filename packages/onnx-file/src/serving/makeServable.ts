import { OnnxFileError } from '../OnnxFileError';
import { ProtobufReader, type RandomAccessBytes } from '../ProtobufReader';
import { editBytes, type Edit } from './editBytes';
import {
  readOutline,
  type ModelOutline,
  type NodeOutline,
  type ValueOutline,
} from './readOutline';
import { refuseValue } from './refuseValue';
import { toTensors, type Replacement } from './toTensors';
import { Values } from './Values';
import {
  encodeExternalData,
  encodeOpset,
  encodeOutput,
  encodeTensorType,
  encodeTextAttribute,
  replace,
  within,
} from './write';

/** What is served of an ONNX file. */
export interface ServableModel {
  /** The file itself, or as it is with its outputs made tensors. */
  source: RandomAccessBytes;
  /** Whether it is not the file itself. */
  isRewritten: boolean;
  /** What the places of the last dimension are called, by output, where the file says so. */
  labels: Map<string, string[]>;
  /** Names of the outputs that were made. */
  made: Set<string>;
}

export interface ServingOptions {
  /**
   * Name of the file itself: its large weights are then taken from there, where the rewritten
   * bytes are read into memory, instead of being among them.
   */
  weightsFrom?: string;
  /** Locale for texts whose operators ask for the American one, or for none: see {@link AMERICAN}. */
  locale?: string;
}

/** Where no version of the standard operators is asked for; any runtime has it. */
const STANDARD_OPSET = 13;
/**
 * What runtimes take where none is named. It may not be installed; letters become large and small
 * there as in all locales of UTF-8 but a few.
 */
const AMERICAN = new Set(['en_US', 'en_US.UTF-8', 'en-US']);

/**
 * Makes of a model one whose outputs are tensors: a ZipMap, which many exporters of classifiers
 * add, becomes the table that it was made of, and a sequence so many outputs. All that is not
 * about them stays as it is, byte for byte.
 *
 * @throws OnnxFileError that says what to do about an input or output that is no tensor; about
 *   bytes that are no ONNX file
 */
export async function makeServable(
  source: RandomAccessBytes,
  options: ServingOptions = {},
): Promise<ServableModel> {
  const labels = new Map<string, string[]>();
  const made = new Set<string>();
  const asItIs = { source, isRewritten: false, labels, made };
  const outline = await readOutline(source);
  if (!outline) return asItIs;
  const { inputs, constants } = outline;
  for (const input of inputs) {
    if (constants.has(input.name)) continue;
    if (input.type && input.type.kind !== 'tensor') {
      throw refuseValue('input', input);
    }
  }
  const reader = new ProtobufReader(source);
  const values = new Values(outline, reader);
  const opset = outline.opset ?? STANDARD_OPSET;
  const edits: Edit[] = [];
  const replacements: Replacement[] = [];
  for (const output of outline.outputs) {
    if (!output.type) continue;
    if (output.type.kind === 'tensor') {
      const known = await labelsOf(output, values);
      if (known) labels.set(output.name, known);
      const corrected = correctLabel(output, values);
      if (corrected) edits.push(corrected);
      continue;
    }
    const replacement = await toTensors(output, { values, reader, opset });
    replacements.push(replacement);
    edits.push(replace(output, ...replacement.outputs));
    replacement.labels.forEach((names, name) => labels.set(name, names));
    replacement.names.forEach(name => made.add(name));
  }
  edits.push(...editNodes(replacements, values));
  if (options.locale !== undefined) {
    edits.push(...(await editLocales(outline, reader, options.locale)));
  }
  if (edits.length === 0) return asItIs;
  if (options.weightsFrom !== undefined) {
    edits.push(...moveWeights(outline, options.weightsFrom));
  }
  const whole = within(7, outline.graph, edits);
  if (outline.opset === undefined && replacements.length > 0) {
    const end = source.sizeBytes;
    whole.push({ start: end, end, bytes: encodeOpset(STANDARD_OPSET) });
  }
  return { ...asItIs, source: editBytes(source, whole), isRewritten: true };
}

/** What the columns of a table are called, where a classifier makes it. */
async function labelsOf(
  { name, type }: ValueOutline,
  values: Values,
): Promise<string[] | undefined> {
  if (type?.kind !== 'tensor' || type.shape?.length !== 2) return undefined;
  const classes = await values.classesOf(name);
  return classes?.count === type.shape[1] ? classes.labels : undefined;
}

/**
 * The labels of a classifier are one a row, whatever an exporter says: that of LightGBM declares
 * a single one.
 */
function correctLabel(output: ValueOutline, values: Values): Edit | undefined {
  const { name, type } = output;
  if (type?.kind !== 'tensor' || type.shape?.length !== 1) return undefined;
  if (type.shape[0] !== 1 || !values.isLabel(name)) return undefined;
  const free = encodeTensorType(type.elementType, [-1]);
  return replace(output, encodeOutput(name, free));
}

/** Takes nodes out and puts others in their place. */
function editNodes(
  replacements: readonly Replacement[],
  values: Values,
): Edit[] {
  const removed = new Set(replacements.flatMap(each => each.removed));
  const bytes = new Map<NodeOutline, Uint8Array[]>();
  for (const node of removed) {
    for (const name of node.outputs) {
      const other = values.consumersOf(name).find(taker => !removed.has(taker));
      if (!other) continue;
      throw new OnnxFileError(
        `The ONNX file cannot be served: what ${node.operator} makes is an output, and is taken by ${other.operator} too: export the model with tensors as outputs`,
      );
    }
  }
  for (const { removed: nodes, nodes: added } of replacements) {
    const last = nodes[nodes.length - 1];
    bytes.set(last, [...(bytes.get(last) ?? []), ...added]);
  }
  return Array.from(removed, node => replace(node, ...(bytes.get(node) ?? [])));
}

async function editLocales(
  { nodes }: ModelOutline,
  reader: ProtobufReader,
  locale: string,
): Promise<Edit[]> {
  const edits: Edit[] = [];
  for (const node of nodes) {
    if (node.domain !== '' || node.operator !== 'StringNormalizer') continue;
    const said = node.attributes.find(({ name }) => name === 'locale');
    const attribute = encodeTextAttribute('locale', locale);
    if (!said) {
      const { end } = node.content;
      edits.push(...within(1, node, [{ start: end, end, bytes: attribute }]));
    } else if (AMERICAN.has(await readText(reader, said.content))) {
      edits.push(...within(1, node, [replace(said, attribute)]));
    }
  }
  return edits;
}

async function readText(
  reader: ProtobufReader,
  span: { start: number; end: number },
): Promise<string> {
  for await (const field of reader.fields(span)) {
    if (field.kind === 'bytes' && field.number === 4) {
      return reader.text(field.span, 4096);
    }
  }
  return '';
}

function moveWeights({ large }: ModelOutline, location: string): Edit[] {
  return large.flatMap(tensor => {
    const { start, end } = tensor.raw.content;
    const place = { location, offset: start, length: end - start };
    return within(5, tensor, [replace(tensor.raw, encodeExternalData(place))]);
  });
}
