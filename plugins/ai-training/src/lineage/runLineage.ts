import type { FlowEdge } from '@greenroom/ai-react';
import type {
  Consumer,
  Deployment,
} from '@greenroom/plugin-ai-inference-common';
import type { FoundVersion } from '@greenroom/plugin-ai-registry-common';
import type {
  LoggedModelSummary,
  RegistryInput,
  Run,
} from '@greenroom/plugin-ai-training-common';
import { sourceOf } from '../run/source';
import type { Answer } from './answer';
import { datasetPlace } from './datasetPlace';

/** Where a node leads. */
export type LineageTarget =
  | { page: 'outside'; url: string }
  | { page: 'dataset'; name: string; version: string }
  | { page: 'version'; model: string; version: number }
  | { page: 'deployment'; environment: string; model: string }
  | { page: 'owner'; entityRef: string };

export type LineageColumn =
  | 'from'
  | 'run'
  | 'logged'
  | 'version'
  | 'deployment'
  | 'consumer';

export interface LineageNode {
  id: string;
  column: LineageColumn;
  title: string;
  detail?: string;
  tone?: 'main' | 'good' | 'missing';
  target?: LineageTarget;
}

export interface RunLineage {
  columns: { id: LineageColumn; title: string }[];
  nodes: LineageNode[];
  edges: FlowEdge[];
  /** What is missing, and what to do about it; a sentence each. */
  hints: string[];
}

export interface RunLineageParts {
  run: Run;
  /** That the run made. */
  models: LoggedModelSummary[];
  /** Datasets of the registry that it read. */
  datasets: Answer<RegistryInput[]>;
  /** Registered from the run. */
  versions: Answer<FoundVersion[]>;
  /** Of the models that these versions belong to. */
  deployments: Answer<Deployment[]>;
  /** Of the models that are deployed, by their names. */
  consumers: Answer<Record<string, Consumer[]>>;
}

const COLUMNS: Record<LineageColumn, string> = {
  from: 'Made from',
  run: 'Run',
  logged: 'Logged model',
  version: 'Version',
  deployment: 'Runs in',
  consumer: 'Called by',
};

/** Of more, the panels and pages behind them have the rest. */
export const MOST_IN_COLUMN = 8;
const SHORT_COMMIT = 10;

/**
 * From the rows and the commit to the run, and on to who calls what came of it. What the viewer may not see is left out;
 * columns of plugins that are not installed are, too.
 */
export function runLineage(parts: RunLineageParts): RunLineage {
  const { run, models, versions, deployments, consumers } = parts;
  const runId = 'run';
  const edges: FlowEdge[] = [];
  const link = (from: string, to: string) => edges.push({ from, to });

  const from = [
    ...datasetNodes(run, toldOf(parts.datasets) ?? []),
    ...commitNodes(run),
  ];
  from.forEach(({ id }) => link(id, runId));

  const logged = models.map((model): LineageNode => {
    link(runId, `logged:${model.id}`);
    return {
      id: `logged:${model.id}`,
      column: 'logged',
      title: model.name,
      detail: model.modelType || model.id,
    };
  });

  const registered = toldOf(versions) ?? [];
  const versionNodes = registered.map((version): LineageNode => {
    const id = versionId(version);
    link(sourceNode(version, models) ?? runId, id);
    return {
      id,
      column: 'version',
      title: `${version.externalName} ${version.version}`,
      detail: version.aliases.join(', ') || undefined,
      target: {
        page: 'version',
        model: version.model,
        version: version.version,
      },
    };
  });

  const deployed = (toldOf(deployments) ?? []).flatMap(deployment =>
    registered
      .filter(version => involves(deployment, version))
      .map(version => ({ deployment, version })),
  );
  const deploymentNodes = deployed.map(({ deployment, version }) => {
    const id = deploymentId(deployment);
    link(versionId(version), id);
    return deploymentNode(
      deployment,
      deployed
        .filter(one => one.deployment === deployment)
        .map(it => it.version),
    );
  });

  const callers = new Map<string, LineageNode>();
  for (const { deployment } of deployed) {
    for (const caller of toldOf(consumers)?.[deployment.model] ?? []) {
      const id = `consumer:${caller.owner}`;
      link(deploymentId(deployment), id);
      callers.set(id, consumerNode(id, caller));
    }
  }

  const missing = (column: LineageColumn, title: string): LineageNode => ({
    id: `missing:${column}`,
    column,
    title,
    tone: 'missing',
  });
  const filled: Record<LineageColumn, LineageNode[]> = {
    from: from.length > 0 ? from : [missing('from', 'Not known')],
    run: [
      {
        id: runId,
        column: 'run',
        title: run.name,
        detail: run.status.toLocaleLowerCase('en'),
        tone: 'main',
      },
    ],
    logged: logged.length > 0 ? logged : [missing('logged', 'None')],
    version:
      versionNodes.length > 0
        ? versionNodes
        : [missing('version', 'Not registered')],
    deployment:
      unique(deploymentNodes).length > 0
        ? unique(deploymentNodes)
        : [missing('deployment', 'Not deployed')],
    consumer:
      callers.size > 0
        ? [...callers.values()]
        : [
            missing(
              'consumer',
              consumers.state === 'refused' ? 'Not told' : 'Nobody yet',
            ),
          ],
  };
  const isShown: Partial<Record<LineageColumn, boolean>> = {
    version: versions.state !== 'absent' && versions.state !== 'refused',
    deployment: versions.state === 'told' && deployments.state === 'told',
    consumer:
      deployed.length > 0 &&
      (consumers.state === 'told' || consumers.state === 'refused'),
  };
  const columns = (Object.keys(COLUMNS) as LineageColumn[]).filter(
    id => isShown[id] ?? true,
  );
  const nodes = columns.flatMap(id => shorten(id, filled[id]));
  const drawn = new Set(nodes.map(({ id }) => id));
  return {
    columns: columns.map(id => ({ id, title: COLUMNS[id] })),
    nodes,
    edges: uniqueEdges(edges).filter(
      edge => drawn.has(edge.from) && drawn.has(edge.to),
    ),
    hints: hintsOf(parts, deployed.length > 0),
  };
}

function toldOf<T>(answer: Answer<T>): T | undefined {
  return answer.state === 'told' ? answer.value : undefined;
}

function datasetNodes(
  { inputs }: Run,
  known: readonly RegistryInput[],
): LineageNode[] {
  const keyOf = (one: { name: string; digest: string }) =>
    `${one.name}\n${one.digest}`;
  const references = new Map(known.map(one => [keyOf(one), one.reference]));
  return inputs.map(({ dataset, tags }) => ({
    id: `dataset:${keyOf(dataset)}`,
    column: 'from',
    title: dataset.name,
    detail: [tags['mlflow.data.context'], dataset.digest]
      .filter(Boolean)
      .join(', '),
    target: datasetPlace(dataset.source, references.get(keyOf(dataset))),
  }));
}

function commitNodes(run: Run): LineageNode[] {
  const { commit, commitPage, name } = sourceOf(run);
  if (!commit) return [];
  return [
    {
      id: 'commit',
      column: 'from',
      title: `Commit ${commit.slice(0, SHORT_COMMIT)}`,
      detail: name,
      target: commitPage ? { page: 'outside', url: commitPage } : undefined,
    },
  ];
}

/** The logged model that a version was made of, by its id or by its folder in the run. */
function sourceNode(
  { source }: FoundVersion,
  models: LoggedModelSummary[],
): string | undefined {
  const [, folder] = /^runs:\/[^/]+\/(.+)$/.exec(source.uri ?? '') ?? [];
  const model = models.find(
    ({ id, name }) =>
      id === source.loggedModel || (!source.loggedModel && name === folder),
  );
  return model && `logged:${model.id}`;
}

function versionId({ model, version }: FoundVersion): string {
  return `version:${model}/${version}`;
}

function deploymentId({ environment, model }: Deployment): string {
  return `deployment:${environment}/${model}`;
}

function weightOf(deployment: Deployment, version: FoundVersion): number {
  return (
    deployment.variants.find(one => one.version === version.version)
      ?.weightPercent ?? 0
  );
}

/** Whether a deployment serves a version, or is to. */
function involves(deployment: Deployment, version: FoundVersion): boolean {
  return (
    deployment.model === version.model &&
    (deployment.wanted.version === version.version ||
      weightOf(deployment, version) > 0)
  );
}

function deploymentNode(
  deployment: Deployment,
  versions: FoundVersion[],
): LineageNode {
  const { environment, model, convergence } = deployment;
  const percent = versions
    .map(version => weightOf(deployment, version))
    .reduce((sum, one) => sum + one, 0);
  const asleep = convergence.state === 'asleep' ? ', asleep' : '';
  return {
    id: deploymentId(deployment),
    column: 'deployment',
    title: environment,
    detail:
      percent > 0
        ? `${percent} % of ${model}${asleep}`
        : `wanted, serves nothing yet${asleep}`,
    tone: percent > 0 ? 'good' : undefined,
    target: { page: 'deployment', environment, model },
  };
}

function consumerNode(id: string, { owner, keys }: Consumer): LineageNode {
  return {
    id,
    column: 'consumer',
    title: owner.slice(owner.lastIndexOf('/') + 1),
    detail: keys.length === 1 ? keys[0] : `${keys.length} keys`,
    target: /^(user|group):[^/]+\/[^/]+$/i.test(owner)
      ? { page: 'owner', entityRef: owner }
      : undefined,
  };
}

function shorten(column: LineageColumn, nodes: LineageNode[]): LineageNode[] {
  if (nodes.length <= MOST_IN_COLUMN) return nodes;
  const shown = nodes.slice(0, MOST_IN_COLUMN - 1);
  return [
    ...shown,
    {
      id: `more:${column}`,
      column,
      title: `${nodes.length - shown.length} more`,
      tone: 'missing',
    },
  ];
}

function unique(nodes: LineageNode[]): LineageNode[] {
  return [...new Map(nodes.map(node => [node.id, node])).values()];
}

function uniqueEdges(edges: FlowEdge[]): FlowEdge[] {
  return [
    ...new Map(edges.map(edge => [`${edge.from}\n${edge.to}`, edge])).values(),
  ];
}

/** What comes before the run is always asked for; of what comes after it, the next step. */
function hintsOf(parts: RunLineageParts, isDeployed: boolean): string[] {
  const { run, models, versions, deployments, consumers } = parts;
  const hints: string[] = [];
  if (run.inputs.length === 0) {
    hints.push(
      'No dataset: log what the run reads, with mlflow.log_input(dataset, context="training").',
    );
  }
  if (!sourceOf(run).commit) {
    hints.push(
      'No commit known: start the script from a Git working copy, with GitPython installed, or set the tag mlflow.source.git.commit.',
    );
  }
  const registered = toldOf(versions) ?? [];
  if (models.length === 0 && registered.length === 0) {
    hints.push(
      'No model: log the trained one, such as with mlflow.sklearn.log_model(model, name="model").',
    );
  } else if (versions.state === 'told' && registered.length === 0) {
    hints.push(
      `Not registered: mlflow.register_model("models:/${models[0].id}", "<name>") makes a version of it, which can be promoted.`,
    );
  } else if (
    versions.state === 'told' &&
    deployments.state === 'told' &&
    !isDeployed
  ) {
    hints.push(
      'Not deployed: open the version and promote it to an environment.',
    );
  } else if (isDeployed && consumers.state === 'refused') {
    hints.push('Who calls it is told to those who may change the model.');
  } else if (
    isDeployed &&
    consumers.state === 'told' &&
    Object.values(consumers.value).every(list => list.length === 0)
  ) {
    hints.push('Nobody calls it: issue a key for a team or a program.');
  }
  return hints;
}
