import { usedTokens } from './tokenUse';

const estimate = { input: 100, output: 1_000 };
const unknown = { input: undefined, output: undefined };

it.each([
  [
    'what was counted',
    { status: 200, tokens: { input: 90, output: 7 }, answeredCharacters: 9 },
    97,
  ],
  [
    'what came of an answer that broke off before it was counted',
    { status: 499, tokens: unknown, answeredCharacters: 41 },
    111,
  ],
  [
    'the answer that came, where only the prompt was counted',
    {
      status: 502,
      tokens: { input: 90, output: undefined },
      answeredCharacters: 40,
    },
    100,
  ],
  [
    'the prompt, where nobody waited for the answer',
    { status: 499, tokens: unknown, answeredCharacters: undefined },
    100,
  ],
  [
    'the prompt, where the answer did not begin in time',
    { status: 504, tokens: unknown, answeredCharacters: undefined },
    100,
  ],
  [
    'nothing, where it was refused',
    { status: 429, tokens: unknown, answeredCharacters: undefined },
    0,
  ],
  [
    'the prompt of an embedding',
    { status: 200, tokens: { input: 12, output: 0 }, answeredCharacters: 0 },
    12,
  ],
])('counts %s', (_what, request, used) => {
  expect(usedTokens({ estimate, ...request })).toBe(used);
});
