import type { ModelServerRun } from '@greenroom/plugin-ai-inference-common';
import type { DeployedState } from '../../../deployers/Deployer';

/** A model server, and how far the cluster is with it. */
export interface ObservedServer {
  name: string;
  protocol: ModelServerRun['protocol'];
  address: string;
  /** How many of it are wanted while it is. */
  replicas: number;
  state: DeployedState;
}

/**
 * How far an environment is whose data planes have model servers beside them: it has stopped when all have, and
 * otherwise is as its data planes are.
 */
export function combineStates(
  dataPlanes: DeployedState,
  observed: readonly ObservedServer[],
): DeployedState {
  if (observed.length === 0) return dataPlanes;
  const servers = observed.map(toRun);
  if (dataPlanes.state === 'unmanaged') return dataPlanes;
  if (dataPlanes.state !== 'stopped') {
    const drift = [dataPlanes, ...observed.map(({ state }) => state)].flatMap(
      state => ('drift' in state && state.drift) || [],
    );
    const mayDrift =
      dataPlanes.state === 'running' || dataPlanes.state === 'starting';
    return {
      ...dataPlanes,
      ...(mayDrift && drift.length > 0 && { drift }),
      servers,
    };
  }
  const [since] = servers.flatMap(server => server.since ?? []).sort();
  return since === undefined
    ? dataPlanes
    : { state: 'stopping', since, servers };
}

function toRun({
  name,
  protocol,
  address,
  replicas,
  state,
}: ObservedServer): ModelServerRun {
  const told = { name, protocol, address };
  switch (state.state) {
    case 'running':
      return {
        ...told,
        state: 'running',
        since: state.since,
        replicas: state.replicas ?? { wanted: replicas, ready: replicas },
        ...(state.problem !== undefined && { problem: state.problem }),
      };
    case 'starting':
      return {
        ...told,
        state: 'starting',
        since: state.since,
        replicas: { wanted: replicas, ready: 0 },
        ...(state.problem !== undefined && { problem: state.problem }),
      };
    case 'failing':
      return {
        ...told,
        state: 'failing',
        since: state.since,
        replicas: { wanted: replicas, ready: 0 },
        problem: state.reason,
      };
    case 'stopping':
      return {
        ...told,
        state: 'stopping',
        since: state.since,
        replicas: { wanted: 0, ready: 0 },
      };
    default:
      return { ...told, state: 'stopped', replicas: { wanted: 0, ready: 0 } };
  }
}
