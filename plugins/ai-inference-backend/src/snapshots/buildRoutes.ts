import type {
  BatchingOptions,
  Connection,
  ModelRoute,
  RoutesDocument,
  RouteDeprecation,
  Variant,
} from '@greenroom/plugin-ai-inference-common';
import { createHash } from 'node:crypto';
import type { DeploymentRecord } from '../deployments/deployment';
import type { SplitVariant } from '../deployments/trafficSplit';
import type { VersionCopy } from './VersionCopyStore';

const MEBIBYTE = 1024 * 1024;

export interface RoutesParts {
  environment: string;
  deployments: DeploymentRecord[];
  versions: VersionCopy[];
  /** What logical connections are in the environment. */
  connections: readonly Connection[];
  /** The services that they call, each with how often a check was asked for. */
  upstreams: readonly (Connection & { checkAttempt: number })[];
  /** By model. */
  deprecations: ReadonlyMap<string, RouteDeprecation[]>;
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
      const { batchingMode: mode, placementMode, languageModel } = deployment;
      const { outcomes, compared, responseCacheMiB, loadingMode } = deployment;
      const variants = split.flatMap(
        variant =>
          toVariant(variant, known.get(`${model}/${variant.version}`), {
            loadAttempt: variant.version === wanted ? loadAttempt : 0,
            connections: parts.connections,
          }) ?? [],
      );
      const { recordedRowsPerSecond } = parts;
      const deprecations = parts.deprecations.get(model);
      const batching = { ...parts.batching, ...(mode && { mode }) };
      return {
        model,
        salt,
        variants,
        batching,
        ...(placementMode && { placement: placementMode }),
        ...(responseCacheMiB && {
          responseCacheBytes: responseCacheMiB * MEBIBYTE,
        }),
        ...(loadingMode && { loading: loadingMode }),
        recordedRowsPerSecond,
        ...(languageModel && { languageModel }),
        ...compared,
        ...(outcomes && {
          outcomes: { samplePercent: outcomes.samplePercent },
        }),
        ...(deprecations && { deprecations }),
      };
    })
    .filter(({ variants }) => variants.length > 0)
    .sort((a, b) => compare(a.model, b.model));
  const content = {
    formatVersion: 2 as const,
    environment,
    models,
    connections: parts.upstreams.map(({ checkAttempt, ...connection }) => ({
      ...connection,
      ...(checkAttempt > 0 && { checkAttempt }),
    })),
  };
  const id = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return { ...content, id, createdAt: now.toISOString() };
}

function toVariant(
  { version, weightPercent }: SplitVariant,
  served: VersionCopy | undefined,
  options: { loadAttempt: number; connections: readonly Connection[] },
): Variant | undefined {
  if (!served) return undefined;
  const { loadAttempt, connections } = options;
  const { digest, sizeBytes, files, signature, schema, external } = served;
  const reference = served.reference && {
    ...served.reference,
    artifactPath: artifactPathOf(served.reference.digest),
  };
  const base = {
    version,
    weightPercent,
    digest,
    ...(loadAttempt > 0 && { loadAttempt }),
    sizeBytes,
    artifactPath: artifactPathOf(digest),
  };
  if (external) {
    const connection = connections.find(
      ({ name }) => name === external.connection,
    );
    return {
      kind: 'external',
      ...base,
      files: files ?? 1,
      ...(schema && { schema }),
      ...(reference && { reference }),
      ...(connection && { connection }),
    };
  }
  // The table has a signature for each version that is not external.
  if (!signature) return undefined;
  return {
    kind: 'onnx',
    ...base,
    ...(files !== undefined && { files }),
    signature,
    schema,
    ...(reference && { reference }),
  };
}

function artifactPathOf(digest: string): string {
  return `/api/ai-registry/artifacts/${digest}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
