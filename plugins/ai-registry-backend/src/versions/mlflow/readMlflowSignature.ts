import type {
  Datatype,
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';

const MAX_TENSORS = 10_000;
const MAX_NAME_CHARACTERS = 1_024;

/** By what NumPy calls them. */
const DATATYPE_OF_TENSOR: Record<string, Datatype> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  str: 'BYTES',
  bytes: 'BYTES',
  object: 'BYTES',
};

/** By what MLflow calls the type of a column. */
const DATATYPE_OF_COLUMN: Record<string, Datatype> = {
  boolean: 'BOOL',
  integer: 'INT32',
  long: 'INT64',
  float: 'FP32',
  double: 'FP64',
  string: 'BYTES',
  binary: 'BYTES',
};

const entry = z.object({
  name: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().min(1).max(MAX_NAME_CHARACTERS))
    .optional(),
  type: z.string(),
  'tensor-spec': z
    .object({
      dtype: z.string(),
      shape: z.array(z.number().int().min(-1)).max(32),
    })
    .optional(),
});

const entries = z.array(entry).max(MAX_TENSORS);

/**
 * The signature of MLmodel as tensors: each column is one of a value for each row. Both sides are needed.
 *
 * @returns neither where MLmodel has none; a problem, in a sentence, where tensors cannot say it
 */
export function readMlflowSignature(said: unknown): {
  signature?: Signature;
  problem?: string;
} {
  if (typeof said !== 'object' || said === null) return {};
  const { inputs, outputs } = said as { inputs?: unknown; outputs?: unknown };
  if (!inputs || !outputs) return {};
  try {
    return {
      signature: {
        inputs: readSide('input', inputs),
        outputs: readSide('output', outputs),
      },
    };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function readSide(side: 'input' | 'output', json: unknown): TensorSpec[] {
  const read = entries.safeParse(parse(json));
  if (!read.success) {
    throw new Error(
      `The ${side}s of the signature in MLmodel are not written as MLflow does.`,
    );
  }
  const names = new Set<string>();
  return read.data.map((one, index) => {
    const name = one.name ?? `${side}-${index}`;
    if (names.has(name)) {
      throw new Error(
        `The signature in MLmodel names the ${side} '${name}' twice.`,
      );
    }
    names.add(name);
    const tensor = one['tensor-spec'];
    const datatype = tensor
      ? DATATYPE_OF_TENSOR[tensor.dtype.replace(/^<?[US]\d*$/, 'str')]
      : DATATYPE_OF_COLUMN[one.type];
    if (!datatype) {
      throw new Error(
        `The ${side} '${name}' in MLmodel is of the type ${
          tensor?.dtype ?? one.type
        }, which is no tensor's.`,
      );
    }
    return { name, datatype, shape: tensor?.shape ?? [-1] };
  });
}

/** MLflow writes each side as JSON within the YAML. */
function parse(json: unknown): unknown {
  if (typeof json !== 'string') return json;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
