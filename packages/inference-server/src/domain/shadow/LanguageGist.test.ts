import { LanguageGist } from './LanguageGist';

function gistOf(...answers: object[]): LanguageGist {
  const gist = new LanguageGist();
  for (const answer of answers) gist.add(answer);
  return gist;
}

const chat = (content: string | null, tools?: object[]) => ({
  choices: [{ index: 0, message: { content, tool_calls: tools } }],
});
const chunk = (delta: object) => ({ choices: [{ index: 0, delta }] });
const tool = (name: string, given: string) => ({
  id: 'x',
  function: { name, arguments: given },
});
const vectors = (...embeddings: unknown[]) => ({
  data: embeddings.map(embedding => ({ embedding })),
});
const base64 = (...values: number[]) =>
  Buffer.from(Float32Array.from(values).buffer).toString('base64');

it.each([
  ['texts', gistOf(chat('Hello')), gistOf(chat(' Hello\n'))],
  [
    'a whole answer and its parts',
    gistOf(chat('Hello')),
    gistOf(
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
    ),
  ],
  [
    'completions',
    gistOf({ choices: [{ index: 0, text: 'a' }] }),
    gistOf({ choices: [{ index: 0, text: 'a ' }] }),
  ],
  [
    'calls of tools, however they are spaced',
    gistOf(chat(null, [tool('find', '{"a":1}')])),
    gistOf(chat(null, [tool('find', '{ "a": 1 }')])),
  ],
  [
    'a call of a tool in parts',
    gistOf(chat(null, [tool('find', '{"a":1}')])),
    gistOf(
      chunk({
        tool_calls: [
          { index: 0, function: { name: 'find', arguments: '{"a"' } },
        ],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
    ),
  ],
  [
    'vectors that point the same way',
    gistOf(vectors([1, 0])),
    gistOf(vectors([2, 0.01])),
  ],
  [
    'vectors in both forms',
    gistOf(vectors([1, 0.5])),
    gistOf(vectors(base64(1, 0.5))),
  ],
])('are the same: %s', (_what, one, other) => {
  expect(one.equals(other)).toBe(true);
  expect(other.equals(one)).toBe(true);
});

it.each([
  ['texts', gistOf(chat('Hello')), gistOf(chat('Hello!'))],
  [
    'choices',
    gistOf(chat('a')),
    gistOf(chat('a'), { choices: [{ index: 1, message: { content: 'b' } }] }),
  ],
  [
    'tools',
    gistOf(chat(null, [tool('find', '{}')])),
    gistOf(chat(null, [tool('look', '{}')])),
  ],
  [
    'arguments',
    gistOf(chat(null, [tool('find', '{"a":1}')])),
    gistOf(chat(null, [tool('find', '{"a":2}')])),
  ],
  ['vectors', gistOf(vectors([1, 0])), gistOf(vectors([0, 1]))],
  ['sizes of vectors', gistOf(vectors([1, 0])), gistOf(vectors([1, 0, 0]))],
])('are not the same: other %s', (_what, one, other) => {
  expect(one.equals(other)).toBe(false);
  expect(other.equals(one)).toBe(false);
});
