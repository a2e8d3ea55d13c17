import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { ModelPrice } from './connection';

/** By the connection's name, then by the model's, as its provider calls it. */
export type PricesByConnection = ReadonlyMap<
  string,
  ReadonlyMap<string, ModelPrice>
>;

const DEFAULT_CURRENCY = 'USD';
const CURRENCY_PATTERN = /^[A-Z]{3}$/;
const MAX_MODELS = 500;
/** No million tokens cost more. */
const MAX_PRICE = 1_000_000;

const NEEDED = ['input', 'output'] as const;
const FIELDS: readonly string[] = [...NEEDED, 'cachedInput'];

/**
 * Reads `prices` and `currency` of an environment's connections.
 *
 * @throws InputError that names the first setting that is wrong
 */
export function readPrices(config: Config, where: string): PricesByConnection {
  const connections = config.getOptionalConfig('connections');
  return new Map(
    (connections?.keys() ?? []).flatMap(name => {
      const connection = connections!.getConfig(name);
      const prices = readModels(connection, `${where}.${name}`);
      return prices.size > 0 ? [[name, prices]] : [];
    }),
  );
}

function readModels(config: Config, where: string): Map<string, ModelPrice> {
  const currency = config.getOptionalString('currency') ?? DEFAULT_CURRENCY;
  if (!CURRENCY_PATTERN.test(currency)) {
    throw new InputError(
      `${where}.currency is '${currency}': expected three capital letters, such as USD`,
    );
  }
  // Names of models have dots and slashes: they are no paths into the configuration.
  const models = config.getOptional<Record<string, unknown>>('prices') ?? {};
  const isMap = typeof models === 'object' && !Array.isArray(models);
  if (!isMap || Object.keys(models).length > MAX_MODELS) {
    throw new InputError(
      `${where}.prices: expected prices by the name of a model, at most ${MAX_MODELS}`,
    );
  }
  return new Map(
    Object.entries(models).map(([model, price]) => [
      model,
      { currency, ...readPrice(price, `${where}.prices.${model}`) },
    ]),
  );
}

function readPrice(
  value: unknown,
  where: string,
): Omit<ModelPrice, 'currency'> {
  if (typeof value !== 'object' || value === null) {
    throw new InputError(
      `${where}: expected input and output, each the price of a million tokens`,
    );
  }
  const prices = value as Record<string, unknown>;
  const unknown = Object.keys(prices).find(key => !FIELDS.includes(key));
  if (unknown !== undefined) {
    throw new InputError(
      `${where}.${unknown}: there is no such field: expected ${FIELDS.join(
        ', ',
      )}`,
    );
  }
  const read = (key: string): number => {
    const price = prices[key];
    if (typeof price === 'number' && price >= 0 && price <= MAX_PRICE) {
      return price;
    }
    throw new InputError(
      `${where}.${key} is ${JSON.stringify(
        price,
      )}: expected the price of a million tokens, from 0 to ${MAX_PRICE}`,
    );
  };
  return {
    input: read('input'),
    output: read('output'),
    ...(prices.cachedInput !== undefined && {
      cachedInput: read('cachedInput'),
    }),
  };
}
