import {
  makeServable,
  OnnxFileError,
  readOnnxGraph,
  type OnnxConstant,
  type OnnxGraph,
  type OnnxNode,
} from '@greenroom/onnx-file';
import type { Signature } from '../../domain/tensor';
import { withFile } from '../withFile';
import { ELEMENTWISE, RULES } from './operators';
import { computeFixed } from './sizes';
import {
  FIXED,
  isConstant,
  Operator,
  RowDoubt,
  rowsAt,
  type Fixed,
  type Value,
} from './values';

/** Operators whose result is another one each time. */
const RANDOM = /^(?:Random|Bernoulli$|Multinomial$)/;
/** Make rows out of the number of rows. */
const MAKE_ROWS = new Set(['Expand', 'Tile', 'ConstantOfShape']);

/**
 * Looks in a model's graph for what could let one row change what is computed for another.
 *
 * It follows the rows from the inputs through each operator to the outputs. Operators that
 * are not known, such as loops and those of other makers, may do anything.
 *
 * @returns a reason for doubt; undefined when each row is computed from itself alone.
 */
export function findRowDependence(
  graph: OnnxGraph,
  signature: Signature,
): string | undefined {
  if (graph.hasFunctions) return 'its graph has functions of its own';
  const values = new Map<string, Value>();
  for (const [name, constant] of graph.constants) {
    values.set(name, toFixed(constant));
  }
  for (const { name, shape } of signature.inputs) {
    values.set(name, rowsAt(0, shape.length));
  }
  try {
    for (const node of graph.nodes) {
      const outputs = computeNode(node, values, graph.opset);
      node.outputs.forEach((name, i) => {
        values.set(name, outputs[i] ?? outputs[0]);
      });
    }
  } catch (error) {
    if (error instanceof RowDoubt) return error.message;
    throw error;
  }
  for (const { name } of signature.outputs) {
    const value = values.get(name);
    if (value?.kind !== 'rows' || value.axis !== 0) {
      return `its output "${name}" does not come row by row`;
    }
  }
  return undefined;
}

function computeNode(
  node: OnnxNode,
  values: ReadonlyMap<string, Value>,
  opset: number,
): Value[] {
  const inputs = node.inputs.map(name =>
    name === '' ? undefined : values.get(name),
  );
  const operator = new Operator({ node, inputs, opset });
  if (node.domain === '' && node.operator === 'Constant') {
    return [constantOf(operator)];
  }
  const hasGraph = [...node.attributes.values()].some(a => a.hasGraph);
  const isStandard = node.domain === '' || node.domain === 'ai.onnx.ml';
  if (hasGraph || !isStandard || RANDOM.test(node.operator)) {
    throw operator.doubt();
  }
  const makesRows = MAKE_ROWS.has(node.operator);
  const present = operator.inputs;
  const fixed = present.every(value =>
    makesRows ? isConstant(value) : value.kind === 'fixed',
  );
  if (fixed) {
    const elementwise = node.domain === '' && ELEMENTWISE.has(node.operator);
    return [computeFixed(operator, elementwise)];
  }
  const rule = RULES.get(
    node.domain === '' ? node.operator : `${node.domain}.${node.operator}`,
  );
  if (!rule) throw operator.doubt();
  return rule(operator);
}

function constantOf(operator: Operator): Fixed {
  const int = operator.int('value_int');
  if (int !== undefined) return toFixed({ shape: [], integers: [int] });
  const ints = operator.numbers('value_ints');
  if (ints) return toFixed({ shape: [ints.length], integers: ints });
  const tensor = operator.tensor('value');
  if (tensor) return toFixed(tensor);
  const single = operator.has('value_float') || operator.has('value_string');
  return single ? { kind: 'fixed', shape: [] } : FIXED;
}

function toFixed({ shape, integers }: OnnxConstant): Fixed {
  return shape.length < 2 && integers
    ? { kind: 'fixed', shape, elements: integers }
    : { kind: 'fixed', shape };
}

/** The same for a file. One that cannot be read leaves a doubt, too. */
export async function findRowDependenceInFile(
  file: string,
  signature: Signature,
): Promise<string | undefined> {
  try {
    const graph = await withFile(file, async whole => {
      const { source } = await makeServable(whole);
      return readOnnxGraph(source);
    });
    return findRowDependence(graph, signature);
  } catch (error) {
    if (error instanceof OnnxFileError) {
      return `its graph cannot be read: ${error.message}`;
    }
    throw error;
  }
}
