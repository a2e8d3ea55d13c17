import type {
  DataPlaneRun,
  Deployment,
} from '@greenroom/plugin-ai-inference-common';

/** What is known of a deployment, from each place that says something of it. */
export interface Sides {
  deployment: Deployment;
  /** What the manifest on main asks for; undefined where there is none. */
  manifest?: { version: number; commit: string };
  /** Where the environment's alias points; undefined where it does not. */
  alias?: { version: number };
  /** What runs the data planes; undefined where the control plane does not. */
  run?: DataPlaneRun;
}

export interface Side {
  name: string;
  says: string;
  /** What differs there from the one before, and what ends it; undefined where they agree. */
  differs?: string;
}

/**
 * The places in the order in which a change goes through them. Each is held against the one before, so
 * that the first that differs is where the change is.
 */
export function compareSides(sides: Sides): Side[] {
  return [
    manifestSide(sides),
    aliasSide(sides),
    wantedSide(sides),
    servedSide(sides),
    ...machineSides(sides),
  ];
}

function manifestSide({ manifest }: Sides): Side {
  const name = 'Manifest on main';
  if (manifest) {
    const { version, commit } = manifest;
    return { name, says: `version ${version}, ${commit.slice(0, 7)}` };
  }
  return {
    name,
    says: 'none',
    differs:
      'Git has no manifest of it any more: what serves goes away when that has been read, within a minute.',
  };
}

function aliasSide({ alias, manifest, deployment }: Sides): Side {
  const name = `Alias ${deployment.environment}`;
  const says = alias ? `version ${alias.version}` : 'points nowhere';
  if (alias?.version === manifest?.version) return { name, says };
  return {
    name,
    says,
    differs:
      'The alias follows what is merged: the promotion that was merged last moves it, and its page says what it waits for.',
  };
}

function wantedSide({ deployment, manifest }: Sides): Side {
  const name = 'Rollout';
  const { wanted } = deployment;
  const says = `version ${wanted.version}`;
  if (manifest === undefined || manifest.version === wanted.version) {
    return { name, says };
  }
  return {
    name,
    says,
    differs: 'What is merged has not been taken over yet: that takes seconds.',
  };
}

function servedSide({ deployment }: Sides): Side {
  const name = 'Data planes';
  const { variants, dataPlanes, convergence, wanted } = deployment;
  const answering = variants.filter(({ weightPercent }) => weightPercent > 0);
  const split = answering
    .map(({ version, weightPercent }) =>
      answering.length === 1
        ? `version ${version}`
        : `version ${version} (${weightPercent} %)`,
    )
    .join(', ');
  const says = `${split || 'nothing answers'}, ${dataPlanes.ready} of ${
    dataPlanes.total
  } up to date`;
  const isAsWanted =
    answering.length === 1 && answering[0].version === wanted.version;
  const reason = 'reason' in convergence ? convergence.reason : undefined;
  if (isAsWanted && dataPlanes.degraded.length === 0) return { name, says };
  return {
    name,
    says,
    differs:
      reason ??
      dataPlanes.degraded.at(0)?.reason ??
      'The rollout has not given it all traffic yet.',
  };
}

function machineSides({ run }: Sides): Side[] {
  if (run === undefined || run.state === 'unmanaged') return [];
  const name = 'What runs them';
  const replicas = 'replicas' in run ? run.replicas : undefined;
  const says = replicas
    ? `${run.state}, ${replicas.ready} of ${replicas.wanted} pods ready`
    : run.state;
  const drift = ('drift' in run && run.drift) || [];
  const differs = drift.length > 0 ? drift.join(' ') : problemOf(run);
  return [{ name, says, differs }];
}

function problemOf(run: DataPlaneRun): string | undefined {
  if (run.state === 'failing') return run.reason;
  return 'problem' in run ? run.problem : undefined;
}
