import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { readTexts } from './readTexts';
import { readWholeNumber } from './readWholeNumber';

/** A toleration of a pod, as Kubernetes writes it. */
export interface FlavorToleration {
  key?: string;
  operator?: 'Exists' | 'Equal';
  value?: string;
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** A kind of machine that a platform has, such as a kind of GPU: what one of it is, and where it is found. */
export interface Flavor {
  /** Unique; as manifests name it. */
  name: string;
  title: string;
  /** What one of it takes of a node, as Kubernetes writes quantities: `{ 'nvidia.com/gpu': '1', memory: '32Gi' }`. */
  resources: Record<string, string>;
  /** Labels of the nodes that have it. */
  nodeSelector?: Record<string, string>;
  tolerations?: FlavorToleration[];
  /** Name of the RuntimeClass of its pods. */
  runtimeClass?: string;
  /** Of one of it, while it runs. */
  pricePerHour?: { amount: number; currency: string };
  /** How many there are in all; undefined where the cluster's own word is all that is known. */
  capacity?: number;
}

const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const QUANTITY_PATTERN = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
/** `cpu`, `memory`, or a name with a domain: `nvidia.com/gpu`. */
const RESOURCE_PATTERN = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9][\w.-]{0,62}$/;
const CURRENCY_PATTERN = /^[A-Z]{3}$/;
const OPERATORS = ['Exists', 'Equal'] as const;
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
const DEFAULT_CURRENCY = 'USD';
const MOST_FLAVORS = 100;
const MOST_ENTRIES = 50;
const MOST_CAPACITY = 1_000_000;
const HIGHEST_PRICE = 1_000_000;

/**
 * Reads `greenroom.flavors`.
 *
 * @throws InputError that names the first setting that is wrong
 */
export function readFlavors(root: Config): Flavor[] {
  const configs = root.getOptionalConfigArray('greenroom.flavors') ?? [];
  if (configs.length > MOST_FLAVORS) {
    throw new InputError(
      `greenroom.flavors has ${configs.length} entries: expected at most ${MOST_FLAVORS}`,
    );
  }
  const flavors = configs.map((config, index) =>
    readFlavor(config, `greenroom.flavors[${index}]`),
  );
  flavors.forEach(({ name }, index) => {
    if (flavors.findIndex(other => other.name === name) === index) return;
    throw new InputError(
      `greenroom.flavors[${index}].name is '${name}', as that of another one: expected a name of its own`,
    );
  });
  return flavors;
}

function readFlavor(config: Config, key: string): Flavor {
  const name = config.getOptionalString('name');
  if (name === undefined || !NAME_PATTERN.test(name)) {
    throw new InputError(
      `${key}.name is ${
        name === undefined ? 'not set' : `'${name}'`
      }: expected lower-case letters, digits and dashes, such as a100`,
    );
  }
  const nodeSelector = readTexts(config, key, 'nodeSelector');
  const tolerations = config
    .getOptionalConfigArray('tolerations')
    ?.map((entry, index) =>
      readToleration(entry, `${key}.tolerations[${index}]`),
    );
  const runtimeClass = config.getOptionalString('runtimeClass');
  const pricePerHour = readPrice(config, key);
  const capacity = readWholeNumber(config, {
    key,
    name: 'capacity',
    most: MOST_CAPACITY,
  });
  return {
    name,
    title: config.getOptionalString('title') ?? name,
    resources: readResources(config, key),
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations && { tolerations }),
    ...(runtimeClass !== undefined && { runtimeClass }),
    ...(pricePerHour && { pricePerHour }),
    ...(capacity !== undefined && { capacity }),
  };
}

function readResources(config: Config, key: string): Record<string, string> {
  const entries = Object.entries(readMap(config, key, 'resources') ?? {});
  if (entries.length === 0) {
    throw new InputError(
      `${key}.resources names nothing: expected what one of it takes, such as { nvidia.com/gpu: 1 }`,
    );
  }
  return Object.fromEntries(
    entries.map(([resource, value]) => {
      const quantity = String(value);
      if (
        !RESOURCE_PATTERN.test(resource) ||
        !QUANTITY_PATTERN.test(quantity)
      ) {
        throw new InputError(
          `${key}.resources['${resource}'] is ${JSON.stringify(
            value,
          )}: expected a resource of Kubernetes and its quantity, such as 1, 500m or 32Gi`,
        );
      }
      return [resource, quantity];
    }),
  );
}

function readToleration(config: Config, key: string): FlavorToleration {
  const operator = readWord(config, key, 'operator', OPERATORS);
  const effect = readWord(config, key, 'effect', EFFECTS);
  const tolerated = config.getOptionalString('key');
  const value = config.getOptionalString('value');
  if (tolerated === undefined && operator !== 'Exists') {
    throw new InputError(
      `${key}.key is not set: expected the key of a taint, or operator Exists for all`,
    );
  }
  return {
    ...(tolerated !== undefined && { key: tolerated }),
    ...(operator !== undefined && { operator }),
    ...(value !== undefined && { value }),
    ...(effect !== undefined && { effect }),
  };
}

function readPrice(config: Config, key: string): Flavor['pricePerHour'] {
  const amount = config.getOptionalNumber('pricePerHour');
  const currency = config.getOptionalString('currency') ?? DEFAULT_CURRENCY;
  if (!CURRENCY_PATTERN.test(currency)) {
    throw new InputError(
      `${key}.currency is '${currency}': expected three capital letters, such as USD`,
    );
  }
  if (amount === undefined) return undefined;
  if (!(amount >= 0 && amount <= HIGHEST_PRICE)) {
    throw new InputError(
      `${key}.pricePerHour is ${amount}: expected a number from 0 to ${HIGHEST_PRICE}`,
    );
  }
  return { amount, currency };
}

function readWord<T extends string>(
  config: Config,
  key: string,
  name: string,
  words: readonly T[],
): T | undefined {
  const value = config.getOptionalString(name);
  if (value === undefined) return undefined;
  const word = words.find(each => each === value);
  if (word) return word;
  throw new InputError(
    `${key}.${name} is '${value}': expected ${words.join(', ')}`,
  );
}

/** Its keys have dots and slashes: they are no paths into the configuration. */
function readMap(
  config: Config,
  key: string,
  name: string,
): Record<string, unknown> | undefined {
  const map = config.getOptional<Record<string, unknown>>(name);
  if (map === undefined) return undefined;
  const isMap = typeof map === 'object' && map !== null && !Array.isArray(map);
  if (isMap && Object.keys(map).length <= MOST_ENTRIES) return map;
  throw new InputError(
    `${key}.${name}: expected values by their names, at most ${MOST_ENTRIES}`,
  );
}
