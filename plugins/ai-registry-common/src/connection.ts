import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { JsonObject, JsonValue } from '@backstage/types';
import { CONNECTION_NAME_PATTERN } from '@greenroom/bundle-file';
import { withServerAddress } from './clusterNames';
import { readPrices, type PricesByConnection } from './connectionPrices';
import {
  type Environment,
  type EnvironmentDefinition,
  Environments,
} from './environment';
import { SECRET_WORDS } from './secretWords';

/** A way to a provider, as an environment configures it. Where its secret lies is in it, the secret never is. */
export interface Connection {
  name: string;
  /** Kind of the provider, such as `openai`. */
  kind: string;
  /** What a connection of this kind needs; data planes check it. */
  settings: JsonObject;
  /** Where calls are shared between several; `kind` is {@link BALANCED_KIND} then, and `settings` are empty. */
  upstreams?: ConnectionUpstream[];
}

/** One of several services that share the calls of a connection. */
export interface ConnectionUpstream {
  /** That of the connection and its own, such as `llm/1`. */
  name: string;
  kind: string;
  settings: JsonObject;
  /** Its share of the calls, compared with the others'. */
  weight: number;
}

/** Kind of a connection that has upstreams. */
export const BALANCED_KIND = 'balanced';

/** What the tokens of a model cost, each price for a million of them. */
export interface ModelPrice {
  /** ISO 4217, such as `USD`. */
  currency: string;
  input: number;
  output: number;
  /** Of input that the provider had computed before; as `input` when it is left out. */
  cachedInput?: number;
}

/** An environment variable of the data plane, or a file in its folder of secrets. */
const REFERENCE_PATTERN =
  /^(?:env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/;
const URL_WITH_USER = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i;
const KIND_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;
const MAX_CONNECTIONS = 100;
const MAX_UPSTREAMS = 20;
const MAX_WEIGHT = 1_000;
const UPSTREAM_NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** What the logical connections of external models are in each environment. */
export class EnvironmentConnections {
  readonly #byEnvironment: ReadonlyMap<Environment, readonly Connection[]>;
  readonly #prices: ReadonlyMap<Environment, PricesByConnection>;

  /**
   * Reads `greenroom.environments[].connections`.
   *
   * @throws InputError that names the first setting that is wrong, and never its value
   */
  static fromConfig(config: Config): EnvironmentConnections {
    const { all: environments } = Environments.fromConfig(config);
    const configured =
      config.getOptionalConfigArray('greenroom.environments') ?? [];
    const connections = new Map<Environment, Connection[]>();
    const prices = new Map<Environment, PricesByConnection>();
    configured.forEach((one, index) => {
      const where = `greenroom.environments[${index}].connections`;
      const environment = environments[index];
      const read = readConnections(one, where).map(connection =>
        withAddresses(connection, environment, where),
      );
      connections.set(environment.name, read);
      prices.set(environment.name, readPrices(one, where));
    });
    return new EnvironmentConnections(connections, prices);
  }

  /** @param prices - of models, by the connection's name and the model's */
  constructor(
    byEnvironment: ReadonlyMap<Environment, readonly Connection[]>,
    prices: ReadonlyMap<Environment, PricesByConnection> = new Map(),
  ) {
    this.#byEnvironment = byEnvironment;
    this.#prices = prices;
  }

  /** By name. */
  list(environment: Environment): readonly Connection[] {
    return this.#byEnvironment.get(environment) ?? [];
  }

  find(environment: Environment, name: string): Connection | undefined {
    return this.list(environment).find(one => one.name === name);
  }

  /** The services that they call. */
  listUpstreams(environment: Environment): ConnectionUpstream[] {
    return this.list(environment).flatMap(upstreamsOf);
  }

  /**
   * What a model costs there; undefined where nobody has said. It is no setting: data planes do
   * not need it.
   *
   * @param model - as the provider calls it
   */
  priceOf(
    environment: Environment,
    { connection, model }: { connection: string; model: string },
  ): ModelPrice | undefined {
    return this.#prices.get(environment)?.get(connection)?.get(model);
  }
}

/** The services that a connection calls: itself, where it has no upstreams. */
export function upstreamsOf(connection: Connection): ConnectionUpstream[] {
  const { name, kind, settings, upstreams } = connection;
  return upstreams ?? [{ name, kind, settings, weight: 1 }];
}

/** Where the secrets of a connection lie, such as `file:openai`. */
export function secretReferencesOf({
  settings,
  upstreams = [],
}: Pick<Connection, 'settings' | 'upstreams'>): string[] {
  const references = [settings, ...upstreams.map(one => one.settings)]
    .flatMap(all => [...leavesOf(all)])
    .flatMap(({ value }) =>
      typeof value === 'string' && REFERENCE_PATTERN.test(value) ? [value] : [],
    );
  return [...new Set(references)];
}

/** Connections that name model servers of their environment, with the addresses of these. */
function withAddresses(
  connection: Connection,
  environment: EnvironmentDefinition,
  where: string,
): Connection {
  const { name, upstreams } = connection;
  if (upstreams === undefined) {
    const settings = withServerAddress(
      connection,
      environment,
      `${where}.${name}`,
    );
    return { ...connection, settings };
  }
  return {
    ...connection,
    upstreams: upstreams.map((upstream, index) => ({
      ...upstream,
      settings: withServerAddress(
        upstream,
        environment,
        `${where}.${name}.upstreams[${index}]`,
      ),
    })),
  };
}

function readConnections(config: Config, where: string): Connection[] {
  const all = config.getOptionalConfig('connections');
  const names = all?.keys() ?? [];
  if (names.length > MAX_CONNECTIONS) {
    throw new InputError(
      `${where} has ${names.length} connections: expected at most ${MAX_CONNECTIONS}`,
    );
  }
  const read = names.sort().map(name => {
    if (!CONNECTION_NAME_PATTERN.test(name)) {
      throw new InputError(
        `${where} has a connection '${name}': expected a name of lower-case letters, digits and dashes that begins with a letter`,
      );
    }
    const value = config
      .getConfig('connections')
      .getConfig(name)
      .get<JsonObject>();
    return readConnection(name, value, `${where}.${name}`);
  });
  const services = read.flatMap(upstreamsOf).length;
  if (services > MAX_CONNECTIONS) {
    throw new InputError(
      `${where} has ${services} upstreams of connections: expected at most ${MAX_CONNECTIONS}`,
    );
  }
  return read;
}

function readConnection(
  name: string,
  value: JsonObject,
  where: string,
): Connection {
  const { upstreams, prices: _prices, currency: _currency, ...rest } = value;
  if (upstreams === undefined) return { name, ...readService(rest, where) };
  const [other] = Object.keys(rest);
  if (other !== undefined) {
    throw new InputError(
      `${where}.${other} stands beside upstreams: expected each upstream to say it for itself`,
    );
  }
  if (
    !Array.isArray(upstreams) ||
    upstreams.length < 1 ||
    upstreams.length > MAX_UPSTREAMS
  ) {
    throw new InputError(
      `${where}.upstreams: expected a list of 1 to ${MAX_UPSTREAMS} upstreams, each with its kind`,
    );
  }
  const read = upstreams.map((one, index) =>
    readUpstream(one, {
      connection: name,
      own: String(index + 1),
      where: `${where}.upstreams[${index}]`,
    }),
  );
  read.forEach((one, index) => {
    if (read.findIndex(({ name: of }) => of === one.name) === index) return;
    throw new InputError(
      `${where}.upstreams[${index}] is called ${one.name} like another one: give it another name`,
    );
  });
  return { name, kind: BALANCED_KIND, settings: {}, upstreams: read };
}

function readUpstream(
  value: JsonValue | undefined,
  place: { connection: string; own: string; where: string },
): ConnectionUpstream {
  const { connection, where } = place;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${where}: expected an upstream with its kind`);
  }
  const { name: own = place.own, weight = 1, ...rest } = value;
  if (typeof own !== 'string' || !UPSTREAM_NAME_PATTERN.test(own)) {
    throw new InputError(
      `${where}.name is wrong: expected lower-case letters, digits and dashes, at most 32`,
    );
  }
  if (typeof weight !== 'number' || !(weight > 0) || weight > MAX_WEIGHT) {
    throw new InputError(
      `${where}.weight is wrong: expected a number above 0, up to ${MAX_WEIGHT}`,
    );
  }
  return {
    name: `${connection}/${own}`,
    ...readService(rest, where),
    weight,
  };
}

function readService(
  { kind, ...settings }: JsonObject,
  where: string,
): Pick<Connection, 'kind' | 'settings'> {
  if (typeof kind !== 'string' || !KIND_PATTERN.test(kind)) {
    throw new InputError(
      `${where}.kind is missing or wrong: expected the kind of a provider, such as openai`,
    );
  }
  if (kind === BALANCED_KIND) {
    throw new InputError(
      `${where}.kind is ${BALANCED_KIND}: leave it out, and list the upstreams`,
    );
  }
  checkSecrets(settings, where);
  return { kind, settings: settings as JsonObject };
}

/** A secret in the configuration would be in documents and logs. The message does not repeat it. */
function checkSecrets(settings: JsonObject, where: string): void {
  for (const { path, value } of leavesOf(settings)) {
    const isReference =
      typeof value === 'string' && REFERENCE_PATTERN.test(value);
    if (typeof value === 'string' && URL_WITH_USER.test(value)) {
      throw new InputError(
        `${where}.${path.join(
          '.',
        )} has a name or a password in its address: take it out, and say by secret where the secret lies`,
      );
    }
    if (path.some(key => SECRET_WORDS.test(key)) && !isReference) {
      throw new InputError(
        `${where}.${path.join(
          '.',
        )} may hold a secret itself: expected where it lies on the data plane, as env:NAME or file:NAME`,
      );
    }
  }
}

function* leavesOf(
  value: JsonValue | undefined,
  path: string[] = [],
): Generator<{ path: string[]; value: JsonValue }> {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null) {
    yield { path, value };
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    yield* leavesOf(inner, [...path, key]);
  }
}
