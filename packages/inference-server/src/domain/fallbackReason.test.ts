import { fallbackReason } from './fallbackReason';
import { InferenceError, type InferenceErrorKind } from './InferenceError';

it.each<[InferenceErrorKind, string | undefined]>([
  ['not-ready', 'unavailable'],
  ['overloaded', 'unavailable'],
  ['bad-gateway', 'unavailable'],
  ['rate-limited', 'rate-limited'],
  ['gateway-timeout', 'timed-out'],
  ['limit-reached', undefined],
  ['over-limit', undefined],
  ['invalid', undefined],
  ['unauthenticated', undefined],
  ['forbidden', undefined],
  ['not-found', undefined],
  ['unprocessable', undefined],
  ['cancelled', undefined],
  ['internal', undefined],
])('makes of %s %s', (kind, reason) => {
  expect(fallbackReason(new InferenceError(kind, 'so it is'))).toBe(reason);
});

it.each([
  "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
  'Your input exceeds the context window of this model.',
  'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  'the request exceeds the available context size. try increasing the context size',
  '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 20 `max_new_tokens`',
  'Input is too long for requested model.',
])('knows a prompt that is too long by what services say: %s', message => {
  expect(fallbackReason(new InferenceError('invalid', message))).toBe(
    'context-too-long',
  );
});

it.each([
  'temperature: expected a number up to 2',
  'max_tokens is too large: 100000. This model supports at most 4096 completion tokens',
])('does not take every refusal for one: %s', message => {
  expect(fallbackReason(new InferenceError('invalid', message))).toBe(
    undefined,
  );
});

it('knows nothing of other errors', () => {
  expect(fallbackReason(new Error('context length'))).toBeUndefined();
});
