import { decideRetry, explainFailure, type Failure } from './decideRetry';

const decide = (
  failure: Partial<Failure>,
  options: { attempt?: number; method?: string; isRepeatable?: boolean } = {},
) =>
  decideRetry(
    { status: undefined, reason: '', headers: {}, ...failure },
    {
      attempt: 1,
      method: 'GET',
      isRepeatable: false,
      nowMillis: 0,
      ...options,
    },
  );

describe('decideRetry', () => {
  it.each([
    ['no answer', {}, {}, 'retry'],
    ['a server that fails', { status: 503 }, {}, 'retry'],
    [
      'a server that fails again and again',
      { status: 503 },
      { attempt: 4 },
      'fail',
    ],
    ['something that creates', { status: 503 }, { method: 'POST' }, 'fail'],
    [
      'something that may be created twice',
      { status: 503 },
      { method: 'POST', isRepeatable: true },
      'retry',
    ],
    [
      'something that GitHub refuses',
      { status: 403, reason: 'No' },
      {},
      'fail',
    ],
    ['too many requests', { status: 429 }, {}, 'block'],
    [
      'too many at once, in words only',
      { status: 403, reason: 'You have exceeded a secondary rate limit.' },
      {},
      'block',
    ],
    [
      'a short wait',
      { status: 429, headers: { 'retry-after': '5' } },
      { method: 'POST' },
      'retry',
    ],
    [
      'none left for an hour',
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3600' },
      },
      {},
      'block',
    ],
    [
      'a refusal with requests left',
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '10', 'x-ratelimit-reset': '3600' },
      },
      {},
      'fail',
    ],
  ] as const)('%s', (_, failure, options, action) => {
    expect(decide(failure, options).action).toBe(action);
  });
});

describe('explainFailure', () => {
  it('has what GitHub said, and nothing of the request', () => {
    const error = {
      status: 422,
      message: 'Validation Failed',
      request: { headers: { authorization: 'token secret' } },
      response: {
        headers: { a: '1' },
        data: {
          message: 'Validation Failed',
          errors: [{ message: 'body is too long' }, 'really'],
        },
      },
    };
    expect(explainFailure(error)).toEqual({
      status: 422,
      headers: { a: '1' },
      reason: 'Validation Failed: body is too long: really',
    });
    // Octokit says 500 where nothing came back.
    expect(explainFailure({ status: 500, message: 'ECONNREFUSED' })).toEqual({
      status: undefined,
      headers: {},
      reason: 'ECONNREFUSED',
    });
  });
});
