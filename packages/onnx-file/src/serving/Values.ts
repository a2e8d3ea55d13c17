import type { ProtobufReader } from '../ProtobufReader';
import { readClassLabels, type ClassLabels } from './classLabels';
import type { ModelOutline, NodeOutline } from './readOutline';
import type { ValueType } from './types';

const ML = 'ai.onnx.ml';
/** Give their first input's shape on. */
const SAME_SHAPE = new Set([
  'Identity',
  'Cast',
  'Softmax',
  'Sigmoid',
  `${ML}.Normalizer`,
]);
/** Give a score of each class, in the order of their labels. */
const SCORING = new Set([
  `${ML}.LinearClassifier`,
  `${ML}.TreeEnsembleClassifier`,
]);
/** One that has no probabilities gives scores of pairs of classes. */
const CLASSIFIERS = new Set([...SCORING, `${ML}.SVMClassifier`]);
/** Longer chains of operators that only give shapes on are no work of an exporter. */
const MAX_STEPS = 64;

/** The values of a graph: what makes them, who takes them, and of what shape they are. */
export class Values {
  readonly #reader: ProtobufReader;
  readonly #producers = new Map<string, NodeOutline>();
  readonly #consumers = new Map<string, NodeOutline[]>();
  readonly #types = new Map<string, ValueType>();
  readonly #names = new Set<string>();

  constructor(outline: ModelOutline, reader: ProtobufReader) {
    this.#reader = reader;
    for (const node of outline.nodes) {
      for (const name of node.outputs) this.#producers.set(name, node);
      for (const name of node.inputs) {
        const consumers = this.#consumers.get(name);
        if (consumers) consumers.push(node);
        else this.#consumers.set(name, [node]);
      }
    }
    const { values, inputs, outputs, constants } = outline;
    for (const { name, type } of [...values, ...inputs, ...outputs]) {
      if (type) this.#types.set(name, type);
    }
    for (const names of [
      this.#producers.keys(),
      this.#types.keys(),
      constants,
    ]) {
      for (const name of names) this.#names.add(name);
    }
  }

  producerOf(name: string): NodeOutline | undefined {
    return this.#producers.get(name);
  }

  consumersOf(name: string): readonly NodeOutline[] {
    return this.#consumers.get(name) ?? [];
  }

  /** A name like the one given that no value has; it has one from now on. */
  newName(like: string): string {
    let name = like;
    while (this.#names.has(name)) name += '_';
    this.#names.add(name);
    return name;
  }

  /** The shape of a tensor, as far as the graph says it; -1: a free dimension. */
  async shapeOf(name: string, steps = 0): Promise<number[] | undefined> {
    const type = this.#types.get(name);
    if (type?.kind === 'tensor' && type.shape) return type.shape;
    const node = this.producerOf(name);
    if (!node || steps > MAX_STEPS) return undefined;
    const operator = qualified(node);
    if (SAME_SHAPE.has(operator)) {
      return this.shapeOf(node.inputs[0], steps + 1);
    }
    if (CLASSIFIERS.has(operator) && node.outputs[0] === name) return [-1];
    const classes = await this.classesOf(name);
    return classes && [-1, classes.count];
  }

  /** The classes that a table of scores has its columns for, where a classifier makes it. */
  async classesOf(name: string): Promise<ClassLabels | undefined> {
    let at = name;
    for (let step = 0; step <= MAX_STEPS; step += 1) {
      const node = this.producerOf(at);
      if (!node) return undefined;
      const operator = qualified(node);
      if (SCORING.has(operator)) {
        return node.outputs[1] === at
          ? readClassLabels(this.#reader, node)
          : undefined;
      }
      if (!SAME_SHAPE.has(operator)) return undefined;
      at = node.inputs[0];
    }
    return undefined;
  }

  /** Whether a value is what a classifier says of each row: one label. */
  isLabel(name: string): boolean {
    let at = name;
    for (let step = 0; step <= MAX_STEPS; step += 1) {
      const node = this.producerOf(at);
      if (!node) return false;
      if (CLASSIFIERS.has(qualified(node))) return node.outputs[0] === at;
      if (node.domain !== '' || !/^(?:Identity|Cast)$/.test(node.operator)) {
        return false;
      }
      at = node.inputs[0];
    }
    return false;
  }
}

/** An operator's name, with its domain where it is not a standard one. */
export function qualified({ domain, operator }: NodeOutline): string {
  return domain === '' ? operator : `${domain}.${operator}`;
}
