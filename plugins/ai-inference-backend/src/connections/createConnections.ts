import type { InferenceParts } from '../inferenceParts';
import { ConnectionService } from './ConnectionService';
import { createConnectionRouter } from './createConnectionRouter';

/** The ways to providers that environments configure, and whether they answer. */
export function createConnections(
  parts: InferenceParts & {
    /** Somebody needs the environment's data plane now, if it sleeps. */
    wake(environment: string): Promise<unknown>;
  },
) {
  const connections = new ConnectionService({
    ...parts,
    connections: parts.config.connections,
    store: parts.connectionStore,
  });
  return { router: createConnectionRouter({ ...parts, connections }) };
}
