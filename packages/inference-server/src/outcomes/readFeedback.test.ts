import { InferenceError } from '../domain/InferenceError';
import { readFeedback, type FeedbackRules } from './readFeedback';

const NOW = Date.parse('2026-11-26T12:00:00Z');

const rules: FeedbackRules = {
  nameOf: model => (model === 'old-name' ? 'digits' : model),
  check: model => {
    if (model !== 'digits') throw new InferenceError('forbidden', 'not yours');
  },
  nowMillis: NOW,
};

const one = {
  request_id: 'r-1',
  model: 'digits',
  name: 'label',
  value: 'seven',
};

it('reads one outcome, and several', () => {
  const read = {
    requestId: 'r-1',
    model: 'digits',
    name: 'label',
    at: NOW,
    value: 'seven',
  };
  expect(readFeedback(one, rules)).toEqual([read]);
  const more = {
    ...one,
    model: 'old-name',
    value: 7.5,
    at: '2026-11-20T10:00:00.5+01:00',
    covariate: -3,
  };
  expect(readFeedback({ items: [one, more] }, rules)).toEqual([
    read,
    {
      ...read,
      value: 7.5,
      at: Date.parse('2026-11-20T09:00:00.500Z'),
      covariate: -3,
    },
  ]);
});

it.each([
  [
    { ...one, value: undefined },
    /^value: expected a number, true, false, or a text/,
  ],
  [{ ...one, value: null }, /^value: /],
  [{ ...one, value: '' }, /^value: /],
  [{ ...one, value: 'x'.repeat(201) }, /^value: /],
  [{ ...one, value: 2e15 }, /^value: /],
  [{ ...one, request_id: undefined }, /^request_id: expected the X-Request-Id/],
  [{ ...one, request_id: ' r' }, /^request_id: /],
  [{ ...one, request_id: 'é' }, /^request_id: /],
  [{ ...one, request_id: 'x'.repeat(129) }, /^request_id: /],
  [{ ...one, model: '' }, /^model: /],
  [{ ...one, model: 'others' }, /^model: not yours$/],
  [{ ...one, name: 'Bought It' }, /^name: expected at most 63 lower-case/],
  [{ ...one, at: 1_700_000_000 }, /^at: expected a time with its zone/],
  [{ ...one, at: '2026-11-26T12:00:00' }, /^at: /],
  [
    { ...one, at: '2026-11-26T12:06:00Z' },
    /^at: expected a time that has come; .* 2026-11-26T12:00:00.000Z$/,
  ],
  [{ ...one, covariate: 'old' }, /^covariate: /],
  [{ ...one, latency: 5 }, /^latency: unknown; expected request_id/],
  [{ items: [one, { ...one, name: 5 }] }, /^items\[1\]\.name: expected what/],
  [{ items: [one, 'x'] }, /^items\[1\]: expected an object$/],
  [{ items: [one, { ...one, model: 'x' }] }, /^items\[1\]\.model: not yours/],
  [{ items: [] }, /^items: expected a list of 1 to 1000 outcomes$/],
  [{ items: one }, /^items: expected a list/],
  [{ items: new Array(1_001).fill(one) }, /^items: expected a list/],
  [{ items: [one], name: 'label' }, /^name: unknown/],
])('names what is wrong with %#', (body, message) => {
  expect(() => readFeedback(body, rules)).toThrow(message);
});
