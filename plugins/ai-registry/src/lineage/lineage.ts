import type {
  Environments,
  ModelVersion,
} from '@greenroom/plugin-ai-registry-common';

export interface LineageNode {
  id: string;
  column: 'dataset' | 'source' | 'version' | 'environment';
  title: string;
  detail?: string;
  /** Address of the thing, where it has one. */
  url?: string;
  /** Set on versions, and on what was made of one. */
  version?: number;
}

export interface Lineage {
  nodes: LineageNode[];
  /** Node ids, from left to right. */
  edges: { from: string; to: string }[];
}

export const LINEAGE_COLUMNS = [
  { id: 'dataset', title: 'Evaluated on' },
  { id: 'source', title: 'Trained by' },
  { id: 'version', title: 'Version' },
  { id: 'environment', title: 'Runs in' },
] as const;

/** Where versions come from and where they run, as a graph in four columns. */
export function lineage(
  versions: ModelVersion[],
  environments: Environments,
): Lineage {
  const nodes = new Map<string, LineageNode>();
  const edges: Lineage['edges'] = [];
  const newestFirst = [...versions].sort(
    (left, right) => right.version - left.version,
  );

  for (const version of newestFirst) {
    const versionId = `version:${version.version}`;
    nodes.set(versionId, {
      id: versionId,
      column: 'version',
      title: `Version ${version.version}`,
      detail: shortDigest(version.digest),
      version: version.version,
    });
    const source = sourceNode(version);
    if (source) {
      nodes.set(source.id, source);
      edges.push({ from: source.id, to: versionId });
    }
    const dataset = version.evaluation?.dataset;
    if (dataset) {
      const id = `dataset:${dataset.digest}`;
      nodes.set(id, {
        id,
        column: 'dataset',
        title: dataset.name,
        detail: `${dataset.rows} rows, ${shortDigest(dataset.digest)}`,
      });
      edges.push({ from: id, to: source?.id ?? versionId });
    }
    for (const alias of version.aliases.filter(name =>
      environments.has(name),
    )) {
      const id = `environment:${alias}`;
      nodes.set(id, { id, column: 'environment', title: alias });
      edges.push({ from: versionId, to: id });
    }
  }
  return { nodes: [...nodes.values()], edges: unique(edges) };
}

/** The first twelve digits of a digest: enough to tell two apart by eye. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** Address of a commit on the Git hosts that share GitHub's paths. */
export function commitUrl(
  repository: string | undefined,
  commit: string | undefined,
): string | undefined {
  if (!repository || !commit || !/^https?:\/\//.test(repository)) {
    return undefined;
  }
  return `${repository
    .replace(/\.git$/, '')
    .replace(/\/$/, '')}/commit/${commit}`;
}

function sourceNode(version: ModelVersion): LineageNode | undefined {
  if (version.convertedFrom !== undefined) {
    return {
      id: `conversion:${version.convertedFrom}`,
      column: 'source',
      title: 'Conversion',
      detail: `of version ${version.convertedFrom}`,
      version: version.convertedFrom,
    };
  }
  const { commit, path, repository, run } = version.source;
  if (!commit && !run && !path) return undefined;
  return {
    id: `source:${repository ?? ''}:${commit ?? ''}:${path ?? ''}:${run ?? ''}`,
    column: 'source',
    title: commit ? `Commit ${commit.slice(0, 7)}` : run ?? path ?? '',
    detail: path ?? (commit ? run : undefined),
    url: commitUrl(repository, commit),
  };
}

function unique(edges: Lineage['edges']): Lineage['edges'] {
  return [
    ...new Map(edges.map(edge => [`${edge.from} ${edge.to}`, edge])).values(),
  ];
}
