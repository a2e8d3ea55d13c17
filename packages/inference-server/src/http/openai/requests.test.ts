import { parseBatch } from '../ai/parseBatch';
import { parseRequest } from './requests';
import { responsesFront } from './responses/responsesFront';

const MEBIBYTE = 1024 * 1024;
/** Nothing else is answered meanwhile; seconds, if each value had a complaint of its own. */
const LONGEST_MILLIS = 500;

/** As many of an item as fit into a megabyte. */
const full = (item: string, count = Math.floor(MEBIBYTE / (item.length + 1))) =>
  `[${Array.from({ length: count }, () => item).join(',')}]`;
const chat = (body: string) => parseRequest('chat', Buffer.from(body));
const completions = (body: string) =>
  parseRequest('completions', Buffer.from(body));
const embeddings = (body: string) =>
  parseRequest('embeddings', Buffer.from(body));
const responses = (body: string) => responsesFront.parse(Buffer.from(body));
const batch = (body: string) => parseBatch(Buffer.from(body), 1_000_000);

function outcomeOf(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return error;
  }
}

it.each<[string, (body: string) => unknown, string]>([
  ['tokens to embed', embeddings, `{"model":"m","input":${full('1')}}`],
  [
    'lists of tokens',
    embeddings,
    `{"model":"m","input":${full('[1]', 100_000)}}`,
  ],
  ['a mixture', embeddings, `{"model":"m","input":${full('1,"a"')}}`],
  ['tokens to go on with', completions, `{"model":"m","prompt":${full('1')}}`],
  ['messages', chat, `{"model":"m","messages":${full('{}')}}`],
  [
    'parts of a message',
    chat,
    `{"model":"m","messages":[{"role":"user","content":${full('1')}}]}`,
  ],
  [
    'parts of an item',
    responses,
    `{"model":"m","input":[{"role":"user","content":${full('1')}}]}`,
  ],
  ['tools', responses, `{"model":"m","input":"a","tools":${full('1')}}`],
  [
    'metadata',
    responses,
    `{"model":"m","input":"a","metadata":{${Array.from(
      { length: 90_000 },
      (_, index) => `"k${index}":1`,
    ).join(',')}}}`,
  ],
  ['things to include', responses, `{"model":"m","include":${full('1')}}`],
  ['calls of a batch', batch, `{"calls":${full('1')}}`],
])('judges a megabyte of %s in a moment', (_what, parse, body) => {
  const cpuMillis = () => {
    const before = process.cpuUsage();
    outcomeOf(() => parse(body));
    return process.cpuUsage(before).user / 1_000;
  };
  // Of this process, and the least of three: what else the machine does is not counted.
  const least = Math.min(cpuMillis(), cpuMillis(), cpuMillis());
  expect(least).toBeLessThan(LONGEST_MILLIS);
});

it('names the first item that is wrong, and what was expected there', () => {
  expect(() =>
    chat('{"model":"m","messages":[{"role":"user"},{"role":"king"},1]}'),
  ).toThrow('messages.1.role: expected system, developer, user, assistant');
  expect(() =>
    responses('{"model":"m","input":"a","tools":[{"type":"web_search"}]}'),
  ).toThrow('tools.0.type: expected function');
});

it('refuses too many values, and what is nested too deep, before it is parsed', () => {
  const nested = `${'['.repeat(100)}${']'.repeat(100)}`;
  expect(() => chat(`{"model":"m","metadata":${nested}}`)).toThrow(
    'nested deeper than 64 levels',
  );
  expect(() =>
    embeddings(`{"model":"m","input":${full('1', 500_001)}}`),
  ).toThrow(
    "the body's JSON has more than 500000 values (an array counts as 4), the most that this server takes: send less in one request",
  );
});

it('refuses bytes that are no text, which would reach the model as other characters', () => {
  const body = Buffer.concat([
    Buffer.from('{"model":"m","messages":[{"role":"user","content":"'),
    Buffer.from([0xe4]),
    Buffer.from('"}]}'),
  ]);
  expect(() => parseRequest('chat', body)).toThrow('the body is no UTF-8');
});

it.each(['"a"', '["a","b"]', '[1,2]', '[[1],[2]]'])(
  'takes %s to embed',
  input => {
    expect(embeddings(`{"model":"m","input":${input}}`)).toMatchObject({
      input: JSON.parse(input),
    });
  },
);

it.each(['""', '[]', '["a",1]', '[["a"]]', '[null]', '{}'])(
  'refuses to embed %s',
  input => {
    expect(() => embeddings(`{"model":"m","input":${input}}`)).toThrow(
      'input: expected a text, a list of texts',
    );
  },
);
