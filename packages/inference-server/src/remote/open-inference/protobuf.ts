import type Long from 'long';
import { elementOfBytes } from '../../domain/bytesElements';
import { InferenceError } from '../../domain/InferenceError';
import type { Tensor, TensorSpec } from '../../domain/tensor';
import { typeOf } from '../../grpc/protocol';
import { toBigInt } from '../../grpc/toBigInt';
import { CONTENTS } from '../../grpc/contents';
import { toBinary } from '../../http/openInference/binaryTensors';
import { splitModelName } from '../../providers/open-inference/modelName';
import { ProviderError } from '../../providers/ProviderError';
import { missing } from '../answers';
import type { EncodedTensors, TensorCall } from '../protocols';
import { checkDatatype, odd, readTensor } from '../values';
import { readRaw } from './readRaw';

const REQUEST = typeOf('ModelInferRequest');
const RESPONSE = typeOf('ModelInferResponse');

interface Output {
  name: string;
  datatype: string;
  shape: Long[];
  contents?: Record<string, unknown[]> | null;
}

interface Answer {
  outputs: Output[];
  raw_output_contents: Uint8Array[];
}

/** The protocol as a message of gRPC, with the values raw: as small as they are in memory. */
export function encodeProtobuf(
  { inputs, outputs, parameters }: TensorCall,
  name: string,
): EncodedTensors {
  const { model, version = '' } = splitModelName(name);
  const message = REQUEST.create({
    model_name: model,
    model_version: version,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [
        key,
        parameterOf(key, value),
      ]),
    ),
    inputs: inputs.map(input => ({
      name: input.name,
      datatype: input.datatype,
      shape: input.shape,
    })),
    outputs: outputs.map(output => ({ name: output.name })),
    raw_input_contents: inputs.map(toBinary),
  });
  return { body: Buffer.from(REQUEST.encode(message).finish()) };
}

/** @throws ProviderError when it is no answer to the call */
export function decodeProtobuf(
  bytes: Buffer,
  { outputs }: TensorCall,
): Tensor[] {
  const { outputs: given, raw_output_contents: raw } = read(bytes);
  const rawOf = assignRaw(given, raw);
  return outputs.map(spec => {
    const found = given.find(({ name }) => name === spec.name);
    if (!found) throw missing(spec);
    checkDatatype(found.datatype, spec);
    const shape = found.shape.map(size => size.toNumber());
    const values = rawOf.get(found) ?? valuesIn(found, spec);
    // Numbers without a finite value have a form here, unlike in JSON.
    return values instanceof Uint8Array
      ? readRaw(values, shape, spec)
      : readTensor({ shape, values }, spec);
  });
}

/** Raw values belong to all outputs; KServe's own server has some beside others that are not raw. */
function assignRaw(
  given: readonly Output[],
  raw: readonly Uint8Array[],
): Map<Output, Uint8Array> {
  if (raw.length === 0) return new Map();
  const without = given.filter(output => !hasContents(output));
  const owners = raw.length === given.length ? given : without;
  if (owners.length !== raw.length) {
    throw new ProviderError(
      `its answer has ${raw.length} raw_output_contents for ${owners.length} outputs`,
      { status: 502 },
    );
  }
  return new Map(owners.map((output, index) => [output, raw[index]]));
}

function hasContents({ contents }: Output): boolean {
  return Object.values(contents ?? {}).some(values => values.length > 0);
}

function read(bytes: Buffer): Answer {
  try {
    return RESPONSE.toObject(RESPONSE.decode(bytes), {
      defaults: true,
      arrays: true,
    }) as Answer;
  } catch (error) {
    throw new ProviderError('its answer is no message of the protocol', {
      status: 502,
      cause: error,
    });
  }
}

/** Values that are not raw, as {@link readTensor} takes them; the bytes of floats, as {@link readRaw} does. */
function valuesIn(
  { contents }: Output,
  spec: TensorSpec,
): unknown[] | Uint8Array {
  const field = CONTENTS[spec.datatype];
  if (field === undefined) {
    throw odd(spec, `has no raw values, and ${spec.datatype} has no others`);
  }
  const values = contents?.[field] ?? [];
  switch (field) {
    case 'int64_contents':
    case 'uint64_contents':
      return values.map(value => toBigInt(value as Long));
    case 'fp32_contents':
      return bytesOf(Float32Array.from(values as number[]));
    case 'fp64_contents':
      return bytesOf(Float64Array.from(values as number[]));
    case 'bytes_contents':
      return values.map(value => elementOfBytes(value as Uint8Array));
    default:
      return values;
  }
}

function bytesOf({ buffer }: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer);
}

/** @throws InferenceError for what the protocol's parameters cannot say */
function parameterOf(name: string, value: unknown): object {
  switch (typeof value) {
    case 'boolean':
      return { bool_param: value };
    case 'string':
      return { string_param: value };
    case 'number':
      return Number.isSafeInteger(value)
        ? { int64_param: value }
        : { double_param: value };
    default:
      throw new InferenceError(
        'bad-gateway',
        `the version's parameter "${name}" is no text, number or boolean, and gRPC has no others`,
      );
  }
}
