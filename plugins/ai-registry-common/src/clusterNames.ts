import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { EnvironmentDefinition } from './environment';
import type { ModelServerSettings } from './modelServerSettings';

/** Names of Services are part of addresses, and no longer. */
const MOST_NAME_CHARACTERS = 63;

/** What an environment's data planes are called in a cluster, with all that belongs to them. */
export function dataPlaneObjectName(environment: string): string {
  return `greenroom-${environment}`;
}

/** What a model server is called in a cluster, with all that belongs to it. */
export function modelServerObjectName(
  environment: string,
  server: string,
): string {
  return `${dataPlaneObjectName(environment)}-${server}`;
}

/** Where data planes reach a model server within the cluster, such as greenroom-live-triton.models.svc. */
export function modelServerHost(
  environment: string,
  server: string,
  namespace: string,
): string {
  return `${modelServerObjectName(environment, server)}.${namespace}.svc`;
}

/**
 * Finds what would be called the same in one namespace, or has too long a name.
 *
 * @throws InputError that names the setting
 */
export function checkObjectNames(all: readonly EnvironmentDefinition[]): void {
  const taken = new Map<string, string>();
  const take = (
    place: { cluster?: string; namespace: string },
    name: string,
    key: string,
  ) => {
    if (name.length > MOST_NAME_CHARACTERS) {
      throw new InputError(
        `${key} makes the name ${name} in its cluster, of ${name.length} characters: expected at most ${MOST_NAME_CHARACTERS}, choose a shorter one`,
      );
    }
    const id = JSON.stringify([place.cluster, place.namespace, name]);
    const other = taken.get(id);
    if (other !== undefined) {
      throw new InputError(
        `${key} makes the name ${name} in its namespace, as ${other} does: choose another name or another namespace`,
      );
    }
    taken.set(id, key);
  };
  all.forEach(({ name, deployer }, index) => {
    if (deployer.kind !== 'kubernetes') return;
    const where = `greenroom.environments[${index}]`;
    take(deployer, dataPlaneObjectName(name), `${where}.name`);
    (deployer.modelServers ?? []).forEach((server, position) =>
      take(
        deployer,
        modelServerObjectName(name, server.name),
        `${where}.deployer.modelServers[${position}].name`,
      ),
    );
  });
}

/** Kinds of connections whose address may be that of a model server, with what such a server speaks. */
const SPOKEN: Record<string, ModelServerSettings['protocol']> = {
  'open-inference': 'open-inference',
  'openai-compatible': 'openai',
};

/**
 * The settings of a connection with the address of the model server that it names by `server`; as they are where it
 * names none.
 *
 * @param where - path of the connection, for messages
 * @throws InputError where the environment has no such server, or it does not speak that
 */
export function withServerAddress(
  { kind, settings }: { kind: string; settings: JsonObject },
  environment: EnvironmentDefinition,
  where: string,
): JsonObject {
  const { server: name, ...rest } = settings;
  if (name === undefined || !Object.hasOwn(SPOKEN, kind)) return settings;
  const { deployer } = environment;
  const servers =
    deployer.kind === 'kubernetes' ? deployer.modelServers ?? [] : [];
  const server = servers.find(one => one.name === name);
  if (deployer.kind !== 'kubernetes' || !server) {
    const names = servers.map(one => one.name).join(', ');
    throw new InputError(
      `${where}.server is ${JSON.stringify(
        name,
      )}: expected one of deployer.modelServers of ${environment.name}, ${
        names === '' ? 'which has none' : `which are ${names}`
      }`,
    );
  }
  if (rest.baseUrl !== undefined) {
    throw new InputError(
      `${where} has server and baseUrl: expected one of them`,
    );
  }
  if (server.protocol !== SPOKEN[kind]) {
    throw new InputError(
      `${where}.server is '${server.name}', which speaks ${server.protocol}: expected a server that speaks ${SPOKEN[kind]} for kind ${kind}`,
    );
  }
  const host = modelServerHost(
    environment.name,
    server.name,
    deployer.namespace,
  );
  if (server.protocol === 'openai') {
    return { ...rest, baseUrl: `http://${host}:${server.port}/v1` };
  }
  if (rest.protocol !== 'grpc') {
    return { ...rest, baseUrl: `http://${host}:${server.port}` };
  }
  if (server.grpcPort === undefined) {
    throw new InputError(
      `${where}.protocol is grpc, and the server '${server.name}' has no grpcPort: give it one, or leave protocol out`,
    );
  }
  return { ...rest, baseUrl: `grpc://${host}:${server.grpcPort}` };
}
