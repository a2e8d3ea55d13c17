import { encodeBundle } from '@greenroom/bundle-file';
import type { OnnxVariant } from '@greenroom/plugin-ai-inference-common';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Signature } from '../domain/tensor';
import type { FakeControlPlane } from './FakeControlPlane';

/** Folder of the small model that embeds texts. */
export const EMBEDDER = join(
  dirname(require.resolve('../../package.json')),
  'fixtures/embedder',
);

/** A text and its vector, as Python computes it alone. */
export interface KnownVector {
  text: string;
  tokens: number;
  vector: number[];
}

export function readVectors(name: string): KnownVector[] {
  return JSON.parse(readFileSync(join(EMBEDDER, name), 'utf8'));
}

/** @param size - of the vectors */
export function embedderSignature(size: number): Signature {
  return {
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map(name => ({
      name,
      datatype: 'INT64',
      shape: [-1, -1],
    })),
    outputs: [
      { name: 'last_hidden_state', datatype: 'FP32', shape: [-1, -1, size] },
    ],
  };
}

/** Puts a version of a bundle with a model of texts into the control plane, as version 1 with all traffic. */
export function addEmbedder(
  controlPlane: FakeControlPlane,
  options: { files: Record<string, Buffer | string>; signature: Signature },
): OnnxVariant {
  const files = Object.entries(options.files).map(([path, content]) => {
    const bytes = Buffer.from(content);
    const digest = controlPlane.addArtifact(bytes) as `sha256:${string}`;
    return { path, digest, sizeBytes: bytes.length };
  });
  const list = Buffer.from(encodeBundle({ format: 'onnx', files }));
  const digest = controlPlane.addArtifact(list);
  return {
    kind: 'onnx',
    version: 1,
    weightPercent: 100,
    digest,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    files: files.length,
    artifactPath: `/api/ai-registry/artifacts/${encodeURIComponent(digest)}`,
    signature: options.signature,
  };
}
