import type Long from 'long';
import {
  checkInputHeader,
  checkOutputName,
  findInput,
  missingInput,
} from '../domain/checkRequest';
import { elementOfBytes } from '../domain/bytesElements';
import { DATATYPE_FACTS } from '../domain/datatypes';
import { InferenceError } from '../domain/InferenceError';
import {
  elementCount,
  type Datatype,
  type Signature,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../domain/tensor';
import { readBinaryTensor } from '../http/openInference/binaryTensors';
import { readParameters } from '../http/openInference/readParameters';
import { CONTENTS } from './contents';
import { toBigInt } from './toBigInt';

/** A request as protobuf has it. */
export interface ModelInferRequest {
  model_name: string;
  model_version: string;
  id: string;
  parameters: Record<string, InferParameter>;
  inputs: {
    name: string;
    datatype: string;
    shape: Long[];
    parameters: Record<string, InferParameter>;
    contents?: Contents | null;
  }[];
  outputs: { name: string; parameters: Record<string, InferParameter> }[];
  raw_input_contents: Uint8Array[];
}

export interface InferParameter {
  parameter_choice?: string;
  [choice: string]: unknown;
}

type Contents = Partial<Record<ContentsField, unknown[]>>;
type ContentsField = (typeof CONTENTS)[Datatype] & string;

export interface ReadInferRequest {
  id: string | undefined;
  /** In the order of the signature. */
  inputs: Tensor[];
  /** Names of the outputs wanted; undefined for all. */
  outputs: string[] | undefined;
  /** Of which outputs only so many of the highest values are wanted. */
  classified: Map<string, number> | undefined;
  /** How long the caller waits from its request on. */
  timeoutMillis?: number;
}

/**
 * Holds a request against a model's signature.
 *
 * @throws InferenceError `invalid`, naming what is wrong and what was expected.
 */
export function readInferRequest(
  message: ModelInferRequest,
  signature: Signature,
): ReadInferRequest {
  const { timeout } = readParameters(plain(message.parameters), 'request', '');
  return {
    ...(timeout !== undefined && { timeoutMillis: timeout / 1_000 }),
    id: message.id === '' ? undefined : message.id,
    inputs: readInputs(message, signature),
    ...readOutputs(message, signature),
  };
}

function readInputs(
  { inputs, raw_input_contents: raw }: ModelInferRequest,
  signature: Signature,
): Tensor[] {
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw invalid(
      `there are ${raw.length} raw_input_contents for ${inputs.length} inputs: expected one for each, or none`,
    );
  }
  const tensors = new Array<Tensor>(signature.inputs.length);
  inputs.forEach((input, i) => {
    const { name, datatype } = input;
    const index = findInput(signature, name);
    const spec = signature.inputs[index];
    if (tensors[index] !== undefined) {
      throw invalid(`input "${name}" is given twice`);
    }
    const shape = input.shape.map(size => toSize(size, name));
    checkInputHeader(spec, datatype, shape);
    readParameters(plain(input.parameters), 'input', `input "${name}": `);
    const data =
      raw.length > 0
        ? readBinaryTensor(asBuffer(raw[i]), shape, spec)
        : readContents(input.contents ?? {}, shape, spec);
    tensors[index] = { name, datatype: spec.datatype, shape, data };
  });
  for (let i = 0; i < tensors.length; i++) {
    if (tensors[i] === undefined) throw missingInput(signature.inputs[i]);
  }
  return tensors;
}

function readOutputs(
  { outputs: wanted }: ModelInferRequest,
  signature: Signature,
): Pick<ReadInferRequest, 'outputs' | 'classified'> {
  const outputs: string[] = [];
  const classified = new Map<string, number>();
  for (const { name, parameters } of wanted) {
    checkOutputName(signature, name);
    if (outputs.includes(name)) {
      throw invalid(`output "${name}" is asked for twice`);
    }
    outputs.push(name);
    const { classification } = readParameters(
      plain(parameters),
      'output',
      `output "${name}": `,
    );
    if (classification !== undefined) classified.set(name, classification);
  }
  return {
    outputs: outputs.length > 0 ? outputs : undefined,
    classified: classified.size > 0 ? classified : undefined,
  };
}

/** Values that are not raw. */
function readContents(
  contents: Contents,
  shape: readonly number[],
  spec: TensorSpec,
): TensorData {
  const { name, datatype } = spec;
  const field = CONTENTS[datatype];
  if (field === undefined) {
    throw invalid(
      `input "${name}": ${datatype} has no place in "contents", send it in raw_input_contents`,
    );
  }
  const values = contents[field] ?? [];
  const count = elementCount(shape);
  if (values.length !== count) {
    throw invalid(
      `input "${name}": ${values.length} elements in "${field}", expected ${count}`,
    );
  }
  const { kind, range, create } = DATATYPE_FACTS[datatype];
  const data = create(count);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (kind === 'string') {
      data[i] = elementOfBytes(value as Uint8Array);
    } else if (kind === 'bigint') {
      data[i] = toBigInt(value as Long);
    } else if (kind === 'integer' && range && isOutside(value, range)) {
      throw invalid(
        `input "${name}": element ${i} is ${value}, expected a number from ${range[0]} to ${range[1]} (${datatype})`,
      );
    } else {
      data[i] = Number(value);
    }
  }
  return data;
}

function isOutside(value: unknown, [lowest, highest]: [number, number]) {
  return Number(value) < lowest || Number(value) > highest;
}

function toSize(size: Long, name: string): number {
  const number = size.toNumber();
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw invalid(
    `input "${name}": "shape" has the size ${size}, expected one from 0`,
  );
}

const NONE: Record<string, unknown> = {};

/** Parameters as JSON has them, whose reader says what is known. */
function plain(
  parameters: Record<string, InferParameter>,
): Record<string, unknown> {
  if (Object.keys(parameters).length === 0) return NONE;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { parameter_choice, ...value }]) => {
      const chosen = parameter_choice && value[parameter_choice];
      return [name, isLong(chosen) ? chosen.toNumber() : chosen];
    }),
  );
}

function isLong(value: unknown): value is Long {
  return typeof value === 'object' && value !== null && 'toNumber' in value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function invalid(message: string): InferenceError {
  return new InferenceError('invalid', message);
}
