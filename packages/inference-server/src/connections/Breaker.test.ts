import { Breaker } from './Breaker';

const SECOND = 1_000;

function fail(breaker: Breaker, times: number, nowMillis: number): void {
  for (let i = 0; i < times; i++) {
    breaker.begin();
    breaker.failed(nowMillis);
  }
}

function succeed(breaker: Breaker, times: number, nowMillis: number): void {
  for (let i = 0; i < times; i++) {
    breaker.begin();
    breaker.succeeded(nowMillis);
  }
}

it('opens when half of the last calls failed, and not for a few', () => {
  const breaker = new Breaker();
  fail(breaker, 19, 0);
  expect(breaker.state.kind).toBe('closed');
  fail(breaker, 1, 0);
  expect(breaker.state).toEqual({ kind: 'open', untilMillis: 10 * SECOND });
  expect(breaker.availableAtMillis(4 * SECOND)).toBe(10 * SECOND);
});

it('stays closed while more than half of the calls succeed', () => {
  const breaker = new Breaker();
  succeed(breaker, 101, 0);
  fail(breaker, 100, SECOND);
  expect(breaker.state.kind).toBe('closed');
  fail(breaker, 1, SECOND);
  expect(breaker.state.kind).toBe('open');
});

it('forgets what was longer ago than half a minute', () => {
  const breaker = new Breaker();
  succeed(breaker, 100, 0);
  fail(breaker, 20, 29 * SECOND);
  expect(breaker.state.kind).toBe('closed');
  fail(breaker, 1, 30 * SECOND);
  expect(breaker.state.kind).toBe('open');
});

describe('that is open', () => {
  let breaker: Breaker;
  beforeEach(() => {
    breaker = new Breaker();
    fail(breaker, 20, 0);
  });

  it('lets one call try it when its time is over, and closes when that is answered', () => {
    const now = 10 * SECOND;
    expect(breaker.availableAtMillis(now)).toBe(now);
    breaker.begin();
    expect(breaker.availableAtMillis(now)).toBeGreaterThan(now);
    breaker.answered();
    expect(breaker.state.kind).toBe('closed');
    fail(breaker, 19, now);
    expect(breaker.state.kind).toBe('closed');
  });

  it('opens again when that call fails', () => {
    breaker.begin();
    breaker.failed(12 * SECOND);
    expect(breaker.state).toEqual({ kind: 'open', untilMillis: 22 * SECOND });
  });

  it('lets another call try it when the first one was given up', () => {
    breaker.begin();
    breaker.undecided(12 * SECOND);
    expect(breaker.availableAtMillis(12 * SECOND)).toBe(12 * SECOND);
  });
});
