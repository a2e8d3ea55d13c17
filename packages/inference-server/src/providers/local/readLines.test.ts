import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { readLines } from './readLines';

async function read(chunks: (string | Buffer)[], maxCharacters = 10) {
  const input = new PassThrough();
  const lines: [string, boolean][] = [];
  readLines(input, maxCharacters, (line, isCut) => lines.push([line, isCut]));
  for (const chunk of chunks) input.write(chunk);
  input.end();
  await once(input, 'close');
  return lines;
}

it('tells lines, however they are cut, with any line ends', async () => {
  expect(await read(['a', 'b\nc\r\n', '\nlast'])).toEqual([
    ['ab', false],
    ['c', false],
    ['', false],
    ['last', false],
  ]);
});

it('tells the beginning of a line that is too long, and goes on with the next', async () => {
  expect(await read(['0123456789', '01', '2\nshort\n'])).toEqual([
    ['0123456789', true],
    ['short', false],
  ]);
});

it('puts characters together that were cut', async () => {
  const bytes = Buffer.from('ü👋\n');
  for (let cut = 1; cut < bytes.length; cut++) {
    expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual([
      ['ü👋', false],
    ]);
  }
});

it('holds no more than the beginning of a line that never ends', async () => {
  const input = new PassThrough();
  const lines: string[] = [];
  readLines(input, 100, line => lines.push(line));
  const before = process.memoryUsage().heapUsed;
  const block = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 256; i++) {
    if (!input.write(block)) await once(input, 'drain');
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(
    128 * 1024 * 1024,
  );
  input.end();
  await once(input, 'close');
  expect(lines).toEqual(['x'.repeat(100)]);
});
