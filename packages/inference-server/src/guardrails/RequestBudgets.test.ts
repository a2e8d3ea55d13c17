import type { RequestLimits } from '@greenroom/plugin-ai-inference-common';
import type { Ticket } from '../domain/Admission';
import { LimitReachedError } from './LimitReachedError';
import { RequestBudgets } from './RequestBudgets';
import { Shares } from './Shares';

const AWAY_MILLIS = 15_000;
const MINUTE = 60_000;

let now: number;
let shares: Shares;
let budgets: RequestBudgets;
beforeEach(() => {
  now = 1_000;
  shares = new Shares({ now: () => now, awayMillis: AWAY_MILLIS });
  budgets = new RequestBudgets({ shares, now: () => now });
});

const place: Ticket = { hold: () => {}, leave: () => {} };
const keyOf = (limits: Partial<RequestLimits>, id = 'k') => ({
  id,
  name: 'checkout',
  limits: { mode: 'hard' as const, ...limits },
});
function enter(limits: Partial<RequestLimits>, id?: string): Ticket {
  const key = keyOf(limits, id);
  budgets.check(key);
  return budgets.begin(key, place, { isCounted: true });
}
/** How many of so many requests at once are let in. */
function letIn(limits: Partial<RequestLimits>, requests: number): number {
  let count = 0;
  for (let i = 0; i < requests; i++) {
    try {
      enter(limits);
      count++;
    } catch (error) {
      expect(error).toBeInstanceOf(LimitReachedError);
    }
  }
  return count;
}

it('says that it does not know its share yet, to keys with hard limits', () => {
  expect(() => enter({ requestsPerSecond: 1 })).toThrow(
    expect.objectContaining({ kind: 'not-ready', retryAfterSeconds: 2 }),
  );
  expect(letIn({ requestsPerSecond: 5, mode: 'soft' }, 9)).toBe(5);
});

it('lets in a burst, says when the next one may come, and how much is left', () => {
  shares.learn(1);
  const limits = { requestsPerSecond: 10, burst: 4 };
  const first = enter(limits);
  expect(first.limits?.()).toEqual({
    requests: { limit: 4, remaining: 3, resetSeconds: 1, windowSeconds: 1 },
  });
  expect(letIn(limits, 9)).toBe(3);
  expect(() => enter(limits)).toThrow(
    expect.objectContaining({
      kind: 'limit-reached',
      message:
        'the limit of the key "checkout" is reached: 10 requests a second',
      retryAfterSeconds: 0.1,
    }),
  );
  now += 100;
  expect(letIn(limits, 9)).toBe(1);
});

it('counts those in flight until they leave, whatever limits say meanwhile', () => {
  shares.learn(1);
  const limits = { requestsInFlight: 2 };
  const first = enter(limits);
  enter({ rowsPerMinute: 5 });
  expect(() => enter(limits)).toThrow(
    'the limit of the key "checkout" is reached: 2 requests at a time, and as many are being answered',
  );
  enter(limits, 'another');
  first.leave();
  first.leave();
  expect(enter(limits).limits?.()).toEqual({
    inFlight: { limit: 2, remaining: 0 },
  });
});

it('counts a model that is asked instead in flight, and as no request', () => {
  shares.learn(1);
  const limits = { requestsPerSecond: 1, requestsInFlight: 3 };
  const asked = enter(limits);
  asked.leave();
  const instead = budgets.begin(keyOf(limits), place, { isCounted: false });
  expect(instead.limits?.()).toMatchObject({
    requests: { remaining: 0 },
    inFlight: { remaining: 2 },
  });
});

it('counts rows of any minute, and says of more than ever fit that they are wrong', () => {
  shares.learn(1);
  const ticket = enter({ rowsPerMinute: 100 });
  ticket.takeRows?.(60);
  now += 10_000;
  expect(() => ticket.takeRows?.(60)).toThrow(
    expect.objectContaining({
      kind: 'limit-reached',
      message:
        'the limit of the key "checkout" is reached: 100 rows a minute; 40 are left, and the request has 60',
      retryAfterSeconds: 50,
    }),
  );
  expect(() => ticket.takeRows?.(101)).toThrow(
    expect.objectContaining({
      kind: 'over-limit',
      message: expect.stringContaining('send fewer rows at once'),
      retryAfterSeconds: undefined,
    }),
  );
  now += 50_000;
  ticket.takeRows?.(100);
});

describe('at several data planes', () => {
  const limits = {
    requestsPerSecond: 12,
    requestsInFlight: 9,
    rowsPerMinute: 100,
  };

  it('takes a part of each limit', () => {
    shares.learn(4);
    expect(letIn({ requestsPerSecond: 12 }, 20)).toBe(3);
    now += 1_000;
    expect(letIn({ requestsPerSecond: 12 }, 20)).toBe(3);
    expect(() => enter({ requestsInFlight: 9 }).takeRows?.(1)).toThrow(
      /9 requests at a time, 2 of them at this server/,
    );
    const ticket = enter({ rowsPerMinute: 100 });
    expect(() => ticket.takeRows?.(26)).toThrow(
      /100 rows a minute, 25 of them at this server: send fewer/,
    );
  });

  it.each([1, 2, 3, 7, 20])(
    'lets all %i together have the limit and no more, or one each where there are more of them',
    dataPlanes => {
      const planes = Array.from({ length: dataPlanes }, () => {
        const parts = new Shares({ now: () => now, awayMillis: AWAY_MILLIS });
        parts.learn(dataPlanes);
        return new RequestBudgets({ shares: parts, now: () => now });
      });
      const flying: Ticket[] = [];
      let rows = 0;
      const attempt = (ask: () => void) => {
        try {
          ask();
          return true;
        } catch (error) {
          if (error instanceof LimitReachedError) return false;
          throw error;
        }
      };
      for (const plane of planes) {
        const key = keyOf(limits);
        const one = () => {
          plane.check(key);
          flying.push(plane.begin(key, place, { isCounted: true }));
        };
        for (let i = 0; i < 20; i++) attempt(one);
        const ticket = plane.begin(key, place, { isCounted: false });
        while (attempt(() => ticket.takeRows?.(1))) rows++;
      }
      expect(flying.length).toBeLessThanOrEqual(Math.max(9, dataPlanes));
      expect(flying.length).toBeGreaterThan(9 - dataPlanes);
      expect(rows).toBeLessThanOrEqual(100);
      expect(rows).toBeGreaterThan(100 - dataPlanes);
    },
  );

  it.each([
    ['hard', 3],
    ['soft', 12],
  ] as const)(
    'while the control plane is away: %s lets in %i at once',
    (mode, most) => {
      shares.learn(4);
      now += AWAY_MILLIS;
      expect(letIn({ requestsPerSecond: 12, mode }, 20)).toBe(3);
      now += MINUTE;
      expect(letIn({ requestsPerSecond: 12, mode }, 20)).toBe(most);
      shares.learn(4);
      now += 1_000;
      expect(letIn({ requestsPerSecond: 12, mode }, 20)).toBe(3);
    },
  );
});

it('tells every ten seconds what came of the last minute', () => {
  shares.learn(1);
  const limits = { requestsPerSecond: 2, rowsPerMinute: 5 };
  expect(budgets.report()).toEqual([]);
  const ticket = enter(limits);
  ticket.takeRows?.(3);
  expect(() => ticket.takeRows?.(9)).toThrow(/send fewer/);
  expect(letIn(limits, 3)).toBe(1);
  const use = { keyId: 'k', requests: 2, rows: 3, refused: 3, mostInFlight: 2 };
  expect(budgets.report()).toEqual([use]);
  now += 9_999;
  expect(budgets.report()).toEqual([]);
  now += 1;
  expect(budgets.report()).toEqual([use]);
  ticket.leave();
  now += MINUTE + 10_000;
  expect(budgets.report()).toEqual([
    { keyId: 'k', requests: 0, rows: 0, refused: 0, mostInFlight: 1 },
  ]);
});
