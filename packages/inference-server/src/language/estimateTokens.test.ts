import { estimateTokens } from './estimateTokens';

const chat = (fields: object) =>
  estimateTokens('chat', {
    model: 'm',
    messages: [{ role: 'user', content: 'x'.repeat(396) }],
    ...fields,
  });

it('takes four characters for a token, and as many tokens as the answer may have', () => {
  expect(chat({ max_tokens: 50 })).toEqual({ input: 100, output: 50 });
  expect(chat({ max_tokens: 50, max_completion_tokens: 60, n: 2 })).toEqual({
    input: 100,
    output: 120,
  });
});

it('takes what is usual for an answer that nobody bounds', () => {
  expect(chat({}).output).toBe(1_024);
  expect(chat({ max_tokens: null }).output).toBe(1_024);
});

it('takes pictures for what they cost, not for their bytes', () => {
  const url = `data:image/png;base64,${'A'.repeat(100_000)}`;
  const content = [{ type: 'image_url', image_url: { url } }];
  const { input } = chat({ messages: [{ role: 'user', content }] });
  expect(input).toBeGreaterThanOrEqual(1_000);
  expect(input).toBeLessThan(1_010);
});

it('counts tools and schemas, and tokens that are sent as such', () => {
  const name = 'y'.repeat(400);
  expect(chat({ tools: [{ function: { name } }] }).input).toBe(200);
  expect(
    estimateTokens('embeddings', { model: 'm', input: [1, 2, 3] }),
  ).toEqual({ input: 3, output: 0 });
});

it('has an answer for each of several prompts', () => {
  const of = (prompt: string | string[] | number[]) =>
    estimateTokens('completions', { model: 'm', prompt, max_tokens: 10 });
  expect(of(['abcd', 'abcd', 'abcd'])).toEqual({ input: 3, output: 30 });
  expect(of([1, 2, 3])).toEqual({ input: 3, output: 10 });
});
