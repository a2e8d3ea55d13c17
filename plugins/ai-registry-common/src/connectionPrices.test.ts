import { ConfigReader } from '@backstage/config';
import { EnvironmentConnections } from './connection';

const read = (llm: object) =>
  EnvironmentConnections.fromConfig(
    new ConfigReader({
      greenroom: {
        environments: [
          { name: 'live', connections: { llm: { kind: 'openai', ...llm } } },
        ],
      },
    }),
  );
const priceOf = (llm: object, model = 'gpt-4.1/mini') =>
  read(llm).priceOf('live', { connection: 'llm', model });

describe('prices of connections', () => {
  it('are by the name of a model, in dollars unless another currency is named', () => {
    const prices = { 'gpt-4.1/mini': { input: 0.4, output: 1.6 } };
    expect(priceOf({ prices })).toEqual({
      currency: 'USD',
      input: 0.4,
      output: 1.6,
    });
    expect(
      priceOf({
        currency: 'EUR',
        prices: { small: { input: 0, output: 1, cachedInput: 0.1 } },
      }),
    ).toBeUndefined();
    expect(
      priceOf(
        {
          currency: 'EUR',
          prices: { small: { input: 0, output: 1, cachedInput: 0.1 } },
        },
        'small',
      ),
    ).toEqual({ currency: 'EUR', input: 0, output: 1, cachedInput: 0.1 });
    expect(priceOf({})).toBeUndefined();
  });

  it('are no settings: data planes do not need them', () => {
    const found = read({
      secret: 'file:openai',
      currency: 'EUR',
      prices: { small: { input: 1, output: 1 } },
    }).find('live', 'llm');
    expect(found).toEqual({
      name: 'llm',
      kind: 'openai',
      settings: { secret: 'file:openai' },
    });
  });

  it.each<[object, string]>([
    [{ currency: 'dollars' }, "llm.currency is 'dollars': expected three"],
    [{ prices: [1] }, 'llm.prices: expected prices by the name of a model'],
    [{ prices: { a: 1 } }, 'llm.prices.a: expected input and output'],
    [{ prices: { a: { input: 1 } } }, 'llm.prices.a.output is undefined'],
    [
      { prices: { a: { input: -1, output: 1 } } },
      'llm.prices.a.input is -1: expected the price of a million tokens',
    ],
    [
      { prices: { a: { input: 1, output: 1, ouput: 1 } } },
      'llm.prices.a.ouput: there is no such field',
    ],
  ])('are refused when they are wrong: %j', (llm, message) => {
    expect(() => read(llm)).toThrow(message);
  });
});
