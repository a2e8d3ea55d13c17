import {
  explainBurst,
  fromLimitsForm,
  isComplete,
  toLimitsForm,
  type KeyLimits,
} from './limitsForm';

const ALL: KeyLimits = {
  requestLimits: {
    requestsPerSecond: 5,
    burst: 10,
    requestsInFlight: 3,
    rowsPerMinute: 1_000,
    mode: 'soft',
  },
  limits: { perMinute: 7, perDay: 8, mode: 'hard' },
};

it.each([
  ALL,
  {},
  { limits: ALL.limits },
  { requestLimits: { rowsPerMinute: 1, mode: 'hard' as const } },
])('gives limits back as they were: %j', limits => {
  const form = toLimitsForm(limits);
  expect(isComplete(form)).toBe(true);
  expect(fromLimitsForm(form)).toEqual(limits);
});

it.each(['0', '-1', '1.5', '1e3', ' 1', 'many', '1000000000'])(
  'does not take "%s" for a number of requests',
  text => {
    const form = { ...toLimitsForm({}), requestsPerSecond: text };
    expect(isComplete(form)).toBe(false);
  },
);

it('wants to know of what a burst is one', () => {
  const form = { ...toLimitsForm({}), burst: '5' };
  expect(explainBurst(form)).toMatch(/how many requests a second, too/);
  expect(isComplete(form)).toBe(false);
  expect(isComplete({ ...form, requestsPerSecond: '5' })).toBe(true);
});
