import { DESCRIPTOR_FILE, encodeBundle } from '@greenroom/bundle-file';
import type {
  Connection,
  ExternalVariant,
} from '@greenroom/plugin-ai-inference-common';
import type { FakeControlPlane } from './FakeControlPlane';

/** Puts a version of an external model into the control plane, and names it as version 1 with all traffic. */
export function addExternalModel(
  controlPlane: FakeControlPlane,
  options: {
    descriptor?: Record<string, unknown>;
    /** What the descriptor's connection is in the environment. */
    connection?: Connection;
    variant?: Partial<ExternalVariant>;
  },
): ExternalVariant {
  const bytes = Buffer.from(
    JSON.stringify({
      formatVersion: 1,
      connection: 'llm',
      model: 'small',
      tasks: ['chat', 'completions', 'embeddings'],
      ...options.descriptor,
    }),
  );
  const digest = controlPlane.addArtifact(bytes) as `sha256:${string}`;
  const files = [{ path: DESCRIPTOR_FILE, digest, sizeBytes: bytes.length }];
  const list = Buffer.from(encodeBundle({ format: 'external', files }));
  const bundleDigest = controlPlane.addArtifact(list);
  return {
    kind: 'external',
    version: 1,
    weightPercent: 100,
    digest: bundleDigest,
    sizeBytes: bytes.length,
    files: 1,
    artifactPath: `/api/ai-registry/artifacts/${bundleDigest}`,
    connection: options.connection,
    ...options.variant,
  };
}
