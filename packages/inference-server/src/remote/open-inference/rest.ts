import { z } from 'zod';
import { DATATYPE_FACTS } from '../../domain/datatypes';
import type { Tensor, TensorSpec } from '../../domain/tensor';
import { toBinary } from '../../http/openInference/binaryTensors';
import { ProviderError } from '../../providers/ProviderError';
import { missing, noAnswer } from '../answers';
import { parseAnswer } from '../parseAnswer';
import type { EncodedTensors, ReceivedAnswer, TensorCall } from '../protocols';
import {
  checkDatatype,
  noHalf,
  readTensor,
  tensorOf,
  valuesOf,
} from '../values';
import { readRaw } from './readRaw';

/** How many bytes of JSON stand in front of the values. */
const JSON_LENGTH = 'inference-header-content-length';

const restAnswer = z.looseObject({
  outputs: z.array(
    z.looseObject({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.int().min(0)),
      data: z.array(z.unknown()).optional(),
      parameters: z
        .looseObject({ binary_data_size: z.int().min(0).optional() })
        .nullish(),
    }),
  ),
});

type Output = z.infer<typeof restAnswer>['outputs'][number];

/** The protocol as JSON alone. */
export function encodeJson(call: TensorCall): EncodedTensors {
  const { inputs, outputs, parameters } = call;
  for (const { name, datatype } of outputs) {
    if (DATATYPE_FACTS[datatype].bits) {
      throw noHalf(`output "${name}"`, datatype);
    }
  }
  const body = {
    ...(Object.keys(parameters).length > 0 && { parameters }),
    inputs: inputs.map(input => ({
      ...headOf(input),
      data: valuesOf(input),
    })),
    outputs: outputs.map(({ name }) => ({ name })),
  };
  return { body };
}

/** The extension of binary tensors: JSON, and the values behind it. */
export function encodeBinary(call: TensorCall): EncodedTensors {
  const { inputs, outputs, parameters } = call;
  const blobs = inputs.map(toBinary);
  const head = Buffer.from(
    JSON.stringify({
      ...(Object.keys(parameters).length > 0 && { parameters }),
      inputs: inputs.map((input, index) => ({
        ...headOf(input),
        parameters: { binary_data_size: blobs[index].length },
      })),
      outputs: outputs.map(({ name }) => ({
        name,
        parameters: { binary_data: true },
      })),
    }),
  );
  return {
    body: Buffer.concat([head, ...blobs]),
    headers: {
      'content-type': 'application/octet-stream',
      [JSON_LENGTH]: String(head.length),
    },
  };
}

/** An answer of either form, as its headers say. */
export function decodeJson(
  { bytes, headers }: ReceivedAnswer,
  { outputs }: TensorCall,
): Tensor[] {
  const length = lengthOfJson(headers[JSON_LENGTH], bytes.length);
  const parsed = restAnswer.safeParse(parseAnswer(bytes.subarray(0, length)));
  if (!parsed.success) throw noAnswer('outputs');
  const given = parsed.data.outputs;
  const blobs = cutBlobs(given, bytes.subarray(length));
  return outputs.map(spec => {
    const found = given.find(({ name }) => name === spec.name);
    if (!found) throw missing(spec);
    checkDatatype(found.datatype, spec);
    const blob = blobs.get(found);
    return blob === undefined
      ? readValues(found, spec)
      : readRaw(blob, found.shape, spec);
  });
}

function headOf({ name, datatype, shape }: Tensor) {
  return { name, datatype, shape };
}

function readValues({ shape, data }: Output, spec: TensorSpec): Tensor {
  if (data === undefined) throw missing(spec);
  // Nested data are of older servers.
  return data.some(Array.isArray)
    ? tensorOf(data, spec)
    : readTensor({ shape, values: data }, spec);
}

function lengthOfJson(
  said: string | string[] | undefined,
  bytes: number,
): number {
  if (said === undefined) return bytes;
  const length = Number(said);
  if (Number.isSafeInteger(length) && length >= 0 && length <= bytes) {
    return length;
  }
  throw new ProviderError(
    `its answer has ${bytes} bytes, and ${JSON_LENGTH} is no number up to that`,
    { status: 502 },
  );
}

/** The values behind the JSON, in the order in which its outputs announce them. */
function cutBlobs(
  outputs: readonly Output[],
  rest: Buffer,
): Map<Output, Buffer> {
  const blobs = new Map<Output, Buffer>();
  let offset = 0;
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size;
    if (size === undefined) continue;
    blobs.set(output, rest.subarray(offset, offset + size));
    offset += size;
  }
  if (offset !== rest.length) {
    throw new ProviderError(
      `its answer has ${rest.length} bytes behind the JSON, which announces ${offset}`,
      { status: 502 },
    );
  }
  return blobs;
}
