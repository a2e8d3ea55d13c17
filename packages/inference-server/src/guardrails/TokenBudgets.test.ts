import type { TokenLimits } from '@greenroom/plugin-ai-inference-common';
import { TokenBudgets } from './TokenBudgets';

const NOON = Date.parse('2026-05-03T12:00:00Z');
const MIDNIGHT = Date.parse('2026-05-04T00:00:00Z');
const TODAY = '2026-05-03';

let now: number;
let budgets: TokenBudgets;
beforeEach(() => {
  now = NOON;
  budgets = new TokenBudgets({ now: () => now });
});

const keyOf = (limits: Partial<TokenLimits>, id = 'k') => ({
  id,
  name: 'checkout',
  limits: { mode: 'hard' as const, ...limits },
});
const reserve = (limits: Partial<TokenLimits>, tokens: number) =>
  budgets.reserve(keyOf(limits), tokens);
const lease = (tokens: number, usedByAll: number) => ({
  keyId: 'k',
  day: TODAY,
  tokens,
  usedByAll,
});

it('says that it does not know its share yet, to keys with a hard limit', () => {
  expect(() => reserve({ perMinute: 100 }, 1)).toThrow(
    /does not know its share of them before the control plane answers/,
  );
  reserve({ perMinute: 100, mode: 'soft' }, 100);
  budgets.learn({ dataPlanes: 1 });
  expect(() => reserve({ perMinute: 100 }, 1)).toThrow(/limit of the key/);
});

describe('tokens of a minute', () => {
  const limits = { perMinute: 100 };

  it('are divided by the data planes that there are', () => {
    budgets.learn({ dataPlanes: 2 });
    const { state } = reserve(limits, 30);
    expect(state).toEqual({
      limit: 50,
      remaining: 20,
      resetSeconds: 60,
      windowSeconds: 60,
    });
    expect(() => reserve(limits, 21)).toThrow(
      'the limit of the key "checkout" is reached: 100 tokens a minute, 50 of them at this server; 20 are left, and the request may come to 21',
    );
    budgets.learn({ dataPlanes: 1 });
    expect(reserve(limits, 21).state?.remaining).toBe(49);
  });

  it('say when a request fits again, or that it never does', () => {
    budgets.learn({ dataPlanes: 1 });
    reserve(limits, 60);
    now += 10_000;
    expect(() => reserve(limits, 60)).toThrow(
      expect.objectContaining({ kind: 'limit-reached', retryAfterSeconds: 50 }),
    );
    expect(() => reserve(limits, 101)).toThrow(
      expect.objectContaining({
        kind: 'over-limit',
        retryAfterSeconds: undefined,
        message: expect.stringContaining(
          'may come to 101 tokens, and the key "checkout" has 100 tokens a minute: ask for fewer',
        ),
      }),
    );
    expect(() => reserve({ perMinute: 100, perDay: 10 }, 101)).toThrow(
      /100 tokens a minute: ask for fewer/,
    );
    budgets.learn({ dataPlanes: 2 });
    expect(() => reserve(limits, 51)).toThrow(
      expect.objectContaining({
        kind: 'over-limit',
        message: expect.stringContaining(
          '100 tokens a minute, 50 of them at this server: ask for fewer',
        ),
      }),
    );
  });

  it('are given back as far as they were not used, once', () => {
    budgets.learn({ dataPlanes: 1 });
    const reservation = reserve(limits, 100);
    expect(budgets.reservedTokens).toBe(100);
    reservation.settle(40);
    reservation.settle(0);
    expect(budgets.reservedTokens).toBe(0);
    expect(reserve(limits, 60).state?.remaining).toBe(0);
  });
});

describe('tokens of a day', () => {
  const limits = { perDay: 1_000 };
  const use = (tokens: number, other: Partial<TokenLimits> = {}) =>
    reserve({ ...limits, ...other }, tokens).settle(tokens);

  it('are an equal part, until the control plane lends more or less', () => {
    budgets.learn({ dataPlanes: 2 });
    use(500);
    expect(() => use(1)).toThrow(
      expect.objectContaining({ kind: 'limit-reached', retryAfterSeconds: 2 }),
    );
    expect(budgets.report()).toEqual([
      { keyId: 'k', day: TODAY, used: 500, held: 500 },
    ]);
    budgets.learn({ dataPlanes: 2, tokenLeases: [lease(750, 500)] });
    use(250);
    budgets.learn({ dataPlanes: 2, tokenLeases: [lease(750, 1_000)] });
    expect(() => use(1)).toThrow(
      expect.objectContaining({ retryAfterSeconds: 12 * 3_600 }),
    );
    now = MIDNIGHT;
    use(500);
  });

  it('are not taken back that were used or reserved already', () => {
    budgets.learn({ dataPlanes: 1 });
    const reservation = reserve(limits, 600);
    budgets.learn({ dataPlanes: 2, tokenLeases: [lease(500, 0)] });
    expect(budgets.report()).toEqual([
      { keyId: 'k', day: TODAY, used: 0, held: 600 },
    ]);
    reservation.settle(600);
    expect(() => use(1)).toThrow(/1000 tokens a day \(UTC\)/);
  });

  it('are never enough for a request that may come to more than a whole day', () => {
    budgets.learn({ dataPlanes: 1 });
    use(900);
    expect(() => use(1_000)).toThrow(
      expect.objectContaining({ kind: 'limit-reached' }),
    );
    expect(() => use(1_001)).toThrow(
      expect.objectContaining({
        kind: 'over-limit',
        message:
          'the request may come to 1001 tokens, and the key "checkout" has 1000 tokens a day (UTC): ask for fewer (max_tokens), or shorten the prompt',
      }),
    );
    now += 16_000;
    use(1_001, { mode: 'soft' });
  });

  it('are refused when what was lent is used up and the control plane is away, or counted on', () => {
    budgets.learn({ dataPlanes: 2 });
    use(500);
    now += 16_000;
    expect(() => use(1)).toThrow(/the control plane does not answer/);
    use(600, { mode: 'soft' });
    expect(budgets.report()).toMatchObject([{ used: 1_100 }]);
    budgets.learn({ dataPlanes: 2 });
    expect(() => use(1, { mode: 'soft' })).toThrow(/tokens a day/);
  });

  it('are told for a while when the day is over', () => {
    budgets.learn({ dataPlanes: 1 });
    use(10);
    now = MIDNIGHT + 60_000;
    use(20);
    expect(budgets.report()).toMatchObject([
      { day: TODAY, used: 10 },
      { day: '2026-05-04', used: 20 },
    ]);
    now += 10 * 60_000;
    expect(budgets.report()).toMatchObject([{ day: '2026-05-04', used: 20 }]);
  });
});
