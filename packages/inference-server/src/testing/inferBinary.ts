import { DATATYPE_FACTS } from '../domain/datatypes';
import type { Tensor } from '../domain/tensor';
import { toBinary } from '../http/openInference/binaryTensors';
import type { TestServer } from './startTestServer';

/** Asks in the binary form of tensors, and reads the answer, which comes in it too. */
export async function inferBinary(
  server: TestServer,
  model: string,
  inputs: readonly Tensor[],
): Promise<Tensor[]> {
  const blobs = inputs.map(toBinary);
  const json = JSON.stringify({
    inputs: inputs.map(({ name, datatype, shape }, i) => ({
      name,
      datatype,
      shape,
      parameters: { binary_data_size: blobs[i].length },
    })),
    parameters: { binary_data_output: true },
  });
  const answer = await server.infer(
    model,
    Buffer.concat([Buffer.from(json), ...blobs]),
    {
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(Buffer.byteLength(json)),
      },
    },
  );
  if (answer.status !== 200) throw new Error(String(answer.body));
  const length = Number(answer.headers['inference-header-content-length']);
  const { outputs } = JSON.parse(String(answer.body.subarray(0, length)));
  let at = length;
  return (
    outputs as (Tensor & { parameters: { binary_data_size: number } })[]
  ).map(({ name, datatype, shape, parameters: { binary_data_size } }) => {
    const bytes = answer.body.subarray(at, at + binary_data_size);
    at += binary_data_size;
    return { name, datatype, shape, data: fromBytes(datatype, bytes) };
  });
}

/** Reads the values of a tensor in its binary form. */
export function fromBytes(
  datatype: Tensor['datatype'],
  bytes: Buffer,
): Tensor['data'] {
  const { view, bytes: width = 1 } = DATATYPE_FACTS[datatype];
  if (view) {
    const copy = Uint8Array.from(bytes);
    return view(copy.buffer, 0, copy.length / width);
  }
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    texts.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return texts;
}
