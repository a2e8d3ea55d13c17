import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { JsonObject, JsonValue } from '@backstage/types';
import { CONNECTION_NAME_PATTERN } from '@greenroom/bundle-file';
import { Environment, Environments } from './environment';

/** A way to a provider, as an environment configures it. Where its secret lies is in it, the secret never is. */
export interface Connection {
  name: string;
  /** Kind of the provider, such as `openai`. */
  kind: string;
  /** What a connection of this kind needs; data planes check it. */
  settings: JsonObject;
}

/** An environment variable of the data plane, or a file in its folder of secrets. */
const REFERENCE_PATTERN =
  /^(?:env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/;
/** Words in a key that holds a secret, or says where one lies. */
const SECRET_WORDS =
  /secret|password|passphrase|passwd|credential|private|access_?key|token$|(?:^|[a-z0-9_.-])key$/i;
const URL_WITH_USER = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i;
const KIND_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;
const MAX_CONNECTIONS = 100;

/** What the logical connections of external models are in each environment. */
export class EnvironmentConnections {
  readonly #byEnvironment: ReadonlyMap<Environment, readonly Connection[]>;

  /**
   * Reads `greenroom.environments[].connections`.
   *
   * @throws InputError that names the first setting that is wrong, and never its value
   */
  static fromConfig(config: Config): EnvironmentConnections {
    const { names } = Environments.fromConfig(config);
    const configured =
      config.getOptionalConfigArray('greenroom.environments') ?? [];
    return new EnvironmentConnections(
      new Map(
        configured.map((one, index) => [
          names[index],
          readConnections(one, `greenroom.environments[${index}].connections`),
        ]),
      ),
    );
  }

  constructor(byEnvironment: ReadonlyMap<Environment, readonly Connection[]>) {
    this.#byEnvironment = byEnvironment;
  }

  /** By name. */
  list(environment: Environment): readonly Connection[] {
    return this.#byEnvironment.get(environment) ?? [];
  }

  find(environment: Environment, name: string): Connection | undefined {
    return this.list(environment).find(one => one.name === name);
  }
}

/** Where the secrets of a connection lie, such as `file:openai`. */
export function secretReferencesOf({ settings }: Connection): string[] {
  return [...leavesOf(settings)].flatMap(({ value }) =>
    typeof value === 'string' && REFERENCE_PATTERN.test(value) ? [value] : [],
  );
}

function readConnections(config: Config, where: string): Connection[] {
  const all = config.getOptionalConfig('connections');
  const names = all?.keys() ?? [];
  if (names.length > MAX_CONNECTIONS) {
    throw new InputError(
      `${where} has ${names.length} connections: expected at most ${MAX_CONNECTIONS}`,
    );
  }
  return names.sort().map(name => {
    if (!CONNECTION_NAME_PATTERN.test(name)) {
      throw new InputError(
        `${where} has a connection '${name}': expected a name of lower-case letters, digits and dashes that begins with a letter`,
      );
    }
    const { kind, ...settings } = config
      .getConfig('connections')
      .getConfig(name)
      .get<JsonObject>();
    if (typeof kind !== 'string' || !KIND_PATTERN.test(kind)) {
      throw new InputError(
        `${where}.${name}.kind is missing or wrong: expected the kind of a provider, such as openai`,
      );
    }
    checkSecrets(settings, `${where}.${name}`);
    return { name, kind, settings: settings as JsonObject };
  });
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
