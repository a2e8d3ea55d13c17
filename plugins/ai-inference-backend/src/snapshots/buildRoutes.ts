import type {
  BatchingOptions,
  ModelRoute,
  RoutesDocument,
  Variant,
} from '@greenroom/plugin-ai-inference-common';
import { createHash } from 'node:crypto';
import type { DeploymentRecord } from '../deployments/deployment';
import type { SplitVariant } from '../deployments/trafficSplit';
import type { VersionCopy } from './VersionCopyStore';

export interface RoutesParts {
  environment: string;
  deployments: DeploymentRecord[];
  versions: VersionCopy[];
  batching: BatchingOptions;
  recordedRowsPerSecond: number;
  now: Date;
}

/**
 * Puts together what a data plane of the environment should serve.
 *
 * The id is a hash of everything but `createdAt`: the same parts make the same id, on any
 * control plane process and in any order.
 */
export function buildRoutes(parts: RoutesParts): RoutesDocument {
  const { environment, deployments, versions, now } = parts;
  const known = new Map(
    versions.map(version => [`${version.model}/${version.version}`, version]),
  );
  const models = deployments
    .map((deployment): ModelRoute => {
      const { model, salt, split, version: wanted, loadAttempt } = deployment;
      const { batchingMode: mode } = deployment;
      const variants = split.flatMap(
        variant =>
          toVariant(variant, known.get(`${model}/${variant.version}`), {
            loadAttempt: variant.version === wanted ? loadAttempt : 0,
          }) ?? [],
      );
      const { recordedRowsPerSecond } = parts;
      const batching = { ...parts.batching, ...(mode && { mode }) };
      return { model, salt, variants, batching, recordedRowsPerSecond };
    })
    .filter(({ variants }) => variants.length > 0)
    .sort((a, b) => compare(a.model, b.model));
  const content = {
    formatVersion: 2 as const,
    environment,
    models,
  };
  const id = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return { ...content, id, createdAt: now.toISOString() };
}

function toVariant(
  { version, weightPercent }: SplitVariant,
  served: VersionCopy | undefined,
  { loadAttempt }: { loadAttempt: number },
): Variant | undefined {
  return (
    served && {
      kind: 'onnx',
      version,
      weightPercent,
      digest: served.digest,
      ...(loadAttempt > 0 && { loadAttempt }),
      sizeBytes: served.sizeBytes,
      ...(served.files !== undefined && { files: served.files }),
      artifactPath: `/api/ai-registry/artifacts/${served.digest}`,
      signature: served.signature,
      schema: served.schema,
    }
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
