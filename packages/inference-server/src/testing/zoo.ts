import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATATYPE_FACTS } from '../domain/datatypes';
import {
  elementCount,
  type Datatype,
  type Signature,
  type Tensor,
} from '../domain/tensor';
import { variantOf } from './fixtures';

const ZOO = join(
  dirname(require.resolve('../../package.json')),
  'fixtures/zoo',
);

/** A tensor as the fixtures hold it: numbers as base64 of their bytes, texts as a list. */
interface StoredTensor {
  name: string;
  datatype: Datatype;
  shape: number[];
  data: string | string[];
}

/** A model, and what Python's onnxruntime answers. */
export interface ZooModel {
  name: string;
  bytes: Buffer;
  signature: Signature;
  inputs: Tensor[];
  outputs: Tensor[];
  /** Whether each row is computed from itself alone, and there are rows. */
  hasRows: boolean;
}

function toTensor({ name, datatype, shape, data }: StoredTensor): Tensor {
  if (Array.isArray(data)) return { name, datatype, shape, data };
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  const { view } = DATATYPE_FACTS[datatype];
  if (!view) throw new Error(`${name} holds texts as bytes`);
  return {
    name,
    datatype,
    shape,
    data: view(bytes.buffer, 0, elementCount(shape)),
  };
}

export function readZoo(folder: string): ZooModel[] {
  const names = readdirSync(join(ZOO, folder)).filter(file =>
    file.endsWith('.json'),
  );
  return names.sort().map(file => {
    const path = join(ZOO, folder, file);
    const stored = JSON.parse(readFileSync(path, 'utf8')) as {
      signature: Signature;
      inputs: StoredTensor[];
      outputs: StoredTensor[];
      hasRows?: boolean;
    };
    return {
      name: file.slice(0, -'.json'.length),
      bytes: readFileSync(path.replace(/json$/, 'onnx')),
      signature: stored.signature,
      inputs: stored.inputs.map(toTensor),
      outputs: stored.outputs.map(toTensor),
      hasRows: stored.hasRows ?? true,
    };
  });
}

export function zooVariant({ bytes, signature }: ZooModel) {
  const hex = createHash('sha256').update(bytes).digest('hex');
  const digest = `sha256:${hex}`;
  return variantOf('simple', {
    digest,
    sizeBytes: bytes.length,
    artifactPath: `/api/ai-registry/artifacts/${encodeURIComponent(digest)}`,
    signature,
  });
}

/** Some row of tensors that all have it, or undefined. */
export function rowOf(
  tensors: readonly Tensor[],
  row: number,
): Tensor[] | undefined {
  const rows = tensors[0]?.shape[0];
  if (tensors.some(({ shape }) => shape.length === 0 || shape[0] !== rows)) {
    return undefined;
  }
  return tensors.map(tensor => {
    const [, ...inner] = tensor.shape;
    const length = elementCount(inner);
    const data = tensor.data.slice(row * length, (row + 1) * length);
    return { ...tensor, shape: [1, ...inner], data };
  });
}
