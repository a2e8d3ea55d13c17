import { FolderArtifactStore } from '@greenroom/artifact-store';
import { streamOf } from '@greenroom/artifact-store/testing';
import type { DatasetFormat } from '@greenroom/bundle-file';
import type { JsonObject } from '@backstage/types';
import fc from 'fast-check';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatasetFileReader, type RowRange } from './DatasetFileReader';
import { MAX_LINE_BYTES } from './Lines';
import { createInspector } from './createInspector';

jest.setTimeout(60_000);

const fixture = (name: string) =>
  readFile(join(__dirname, '__fixtures__', name));

const text = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`);

/** The pieces in which a network may bring them. */
function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

function inspect(format: DatasetFormat, bytes: Uint8Array, size = 1 << 16) {
  const inspector = createInspector(format);
  for (const piece of pieces(bytes, size)) inspector.take(piece);
  return inspector.end();
}

let directory: string;
let artifacts: FolderArtifactStore;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rows-'));
  artifacts = await FolderArtifactStore.create({
    directory,
    maxBytes: 64 * 1024 * 1024,
  });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function read(
  format: DatasetFormat,
  bytes: Buffer,
  range: RowRange = {},
): Promise<JsonObject[]> {
  const { columns } = inspect(format, bytes);
  const { digest } = await artifacts.put(streamOf(bytes));
  const rows: JsonObject[] = [];
  const reader = new DatasetFileReader({ artifacts });
  for await (const row of reader.read({ digest, format, columns }, range)) {
    rows.push(row);
  }
  return rows;
}

describe('JSON lines', () => {
  it('have the fields of all rows, in the order in which they are met', async () => {
    const bytes = text(
      '{"input": "Capital of France?", "expected": "Paris", "weight": 1}',
      '',
      '{"input": "1 + 1", "expected": 2, "weight": 0.5, "tags": ["maths"]}',
      '{"input": null, "ok": true, "nothing": null}',
    );
    expect(inspect('jsonl', bytes)).toEqual({
      columns: [
        { name: 'input', type: 'string' },
        { name: 'expected', type: 'json' },
        { name: 'weight', type: 'number' },
        { name: 'tags', type: 'json' },
        { name: 'ok', type: 'boolean' },
        { name: 'nothing', type: 'null' },
      ],
      rows: 3,
    });
    expect(await read('jsonl', bytes, { offset: 3 })).toEqual([]);
    expect(await read('jsonl', bytes, { offset: 1, limit: 1 })).toEqual([
      { input: '1 + 1', expected: 2, weight: 0.5, tags: ['maths'] },
    ]);
  });

  it('may end in CRLF or nothing, and begin with a byte order mark', async () => {
    const bytes = Buffer.from('\ufeff{"a":1}\r\n{"a":2}');
    expect(inspect('jsonl', bytes)).toEqual({
      columns: [{ name: 'a', type: 'integer' }],
      rows: 2,
    });
    expect(await read('jsonl', bytes)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('keep fields that are called like those of all objects', async () => {
    const bytes = text('{"__proto__": 1, "constructor": "x"}');
    expect(inspect('jsonl', bytes).columns.map(({ name }) => name)).toEqual([
      '__proto__',
      'constructor',
    ]);
    const [row] = await read('jsonl', bytes);
    expect(JSON.stringify(row)).toBe('{"__proto__":1,"constructor":"x"}');
  });

  it.each<[string, Buffer, RegExp]>([
    ['no JSON', text('{"a":1}', '{"a":hunter2}'), /^line 2 is no JSON: /],
    ['a list', text('[1]'), /^line 1 is no JSON object/],
    ['a number', text('{"a":1}', '', '1'), /^line 3 is no JSON object/],
    [
      'two objects in a line',
      text('{"a":1}{"a":2}'),
      /^line 1 is no JSON: write one object a line/,
    ],
    ['nothing', text(''), /has no rows/],
    ['rows without fields', text('{}'), /rows of the file have no fields/],
    [
      'other encodings',
      Buffer.concat([text('{"a":"b"}'), Buffer.from([0x22, 0xfc, 0x22])]),
      /^line 2 is not in UTF-8/,
    ],
    [
      'a long line',
      text('{"a":1}', `{"a":"${'x'.repeat(MAX_LINE_BYTES)}"}`),
      /^line 2 is longer than 1048576 bytes/,
    ],
    [
      'many levels',
      text(`{"a":${'['.repeat(65)}${']'.repeat(65)}}`),
      /^line 1 is nested more than 64 levels/,
    ],
    [
      'many fields',
      text(
        `{${Array.from({ length: 1001 }, (_, i) => `"f${i}":1`).join(',')}}`,
      ),
      /^line 1: has more than 1000 columns/,
    ],
    [
      'a field twice',
      text('{"input":"a"}', '{"input":"hunter2","n":{},"input":"b"}'),
      /^line 2: two fields have the same name 'input': rename one/,
    ],
    ['a field without a name', text('{"":1}'), /^line 1: a field has no name/],
    [
      'half a character in a name',
      text('{"\\ud800":1}'),
      /^line 1: a field has a control character or half a character/,
    ],
  ])('are refused for %s', (_what, bytes, reason) => {
    expect(() => inspect('jsonl', bytes, 7)).toThrow(reason);
    expect(() => inspect('jsonl', bytes)).toThrow(reason);
    expect(() => inspect('jsonl', bytes)).not.toThrow(/hunter2/);
  });

  it('are the same in whichever pieces they come', () => {
    const row = fc.dictionary(
      fc.stringMatching(/^[a-zé]{1,4}$/),
      fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null)),
      { minKeys: 1, maxKeys: 4 },
    );
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, size) => {
          const bytes = text(...rows.map(each => JSON.stringify(each)));
          const inspected = inspect('jsonl', bytes, size);
          expect(inspected).toEqual(inspect('jsonl', bytes));
          expect(inspected.rows).toBe(rows.length);
        },
      ),
    );
  });
});

describe('CSV', () => {
  it('has the types that all values of a column fit', async () => {
    const bytes = text(
      'id,zip,share,ok,note,code,nothing,mixed',
      '1,01234,0.5,true,"a, b",12345678901234567890,,1',
      '2,8001,1,false,"",2,,x',
      '',
      '-3,8002,1e3,,"two',
      'lines and ""quotes""",3,,',
    );
    expect(inspect('csv', bytes)).toEqual({
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'zip', type: 'string' },
        { name: 'share', type: 'number' },
        { name: 'ok', type: 'boolean' },
        { name: 'note', type: 'string' },
        { name: 'code', type: 'string' },
        { name: 'nothing', type: 'null' },
        { name: 'mixed', type: 'string' },
      ],
      rows: 3,
    });
    expect(await read('csv', bytes, { offset: 2 })).toMatchObject([{ id: -3 }]);
    expect(await read('csv', bytes, { offset: 1, limit: 1 })).toMatchObject([
      { id: 2 },
    ]);
    expect(await read('csv', bytes)).toEqual([
      {
        id: 1,
        zip: '01234',
        share: 0.5,
        ok: true,
        note: 'a, b',
        code: '12345678901234567890',
        nothing: null,
        mixed: '1',
      },
      {
        id: 2,
        zip: '8001',
        share: 1,
        ok: false,
        note: '',
        code: '2',
        nothing: null,
        mixed: 'x',
      },
      {
        id: -3,
        zip: '8002',
        share: 1000,
        ok: null,
        note: 'two\nlines and "quotes"',
        code: '3',
        nothing: null,
        mixed: null,
      },
    ]);
  });

  it.each<[string, Buffer, RegExp]>([
    ['only a header', text('a,b'), /has no rows/],
    ['nothing', Buffer.alloc(0), /has no rows/],
    ['a column without a name', text('a,,c', '1,2,3'), /^line 1: column 2 has/],
    [
      'a name twice',
      text('a,b,a', '1,2,3'),
      /^line 1: columns 1 and 3 have the same name 'a': rename one/,
    ],
    [
      'old line ends',
      Buffer.from('a,b\r1,2\r'),
      /^line 1: column 2 has a control character/,
    ],
    [
      'a row that is too long',
      text('a,b', '1,2', '1,hunter2,3'),
      /^line 3 has 3 values, where the header has 2 columns/,
    ],
    ['a row that is too short', text('a,b', '1'), /^line 2 has 1 values/],
    [
      'JSON lines',
      text('{"input": "hunter2", "expected": 1}', '{"input": "b"}'),
      /^line 1 is a JSON object, where the names of the columns are expected: .* format jsonl/,
    ],
    [
      'a quote within a value',
      text('a,b', '1,hunter2"x'),
      /^line 2: value 2 has a quote in its middle/,
    ],
    [
      'a quote that ends too early',
      text('a,b', '1,"x"hunter2'),
      /^line 2: after the quote that ends value 2 a comma is expected/,
    ],
    [
      'a quote without end',
      text('a,b', '1,"hunter2', 'x'),
      /^line 2: a value begins with a quote that nothing ends/,
    ],
    [
      'a value without end',
      text('a,b', '1,"x', ...Array(30).fill('y'.repeat(100_000))),
      /^line 2: a value is longer than/,
    ],
    [
      'many columns',
      text(Array.from({ length: 1001 }, (_, i) => `c${i}`).join(','), '1'),
      /^line 1: has more than 1000 columns/,
    ],
  ])('is refused for %s', (_what, bytes, reason) => {
    expect(() => inspect('csv', bytes, 4_096)).toThrow(reason);
    expect(() => inspect('csv', bytes, 3)).toThrow(reason);
    expect(() => inspect('csv', bytes)).not.toThrow(/hunter2/);
  });

  it('gives back what was written, in whichever pieces it comes', async () => {
    const value = fc.stringMatching(/^[a-zé",\n\r ]{0,6}$/);
    const quote = (each: string) => `"${each.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }).chain(width =>
          fc.array(fc.array(value, { minLength: width, maxLength: width }), {
            minLength: 1,
            maxLength: 5,
          }),
        ),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (rows, lineEnd, endsInOne, size) => {
          const names = rows[0].map((_, index) => `column ${index}`);
          const written = [names, ...rows]
            .map(row => row.map(quote).join(','))
            .join(lineEnd);
          const bytes = Buffer.from(`${written}${endsInOne ? lineEnd : ''}`);
          expect(inspect('csv', bytes, size)).toEqual(inspect('csv', bytes));
          expect(await read('csv', bytes)).toEqual(
            rows.map(row =>
              Object.fromEntries(row.map((each, i) => [names[i], each])),
            ),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('Parquet', () => {
  const outcomeOf = (bytes: Uint8Array): string => {
    try {
      inspect('parquet', bytes);
      return 'taken';
    } catch (error) {
      return (error as Error).name;
    }
  };

  it('has the columns, types and rows of its footer', async () => {
    const bytes = await fixture('types.parquet');
    const expected = {
      columns: [
        { name: 'text', type: 'string' },
        { name: 'small', type: 'integer' },
        { name: 'large', type: 'integer' },
        { name: 'share', type: 'number' },
        { name: 'yes', type: 'boolean' },
        { name: 'at', type: 'timestamp' },
        { name: 'day', type: 'timestamp' },
        { name: 'price', type: 'number' },
        { name: 'raw', type: 'bytes' },
        { name: 'tags', type: 'json' },
        { name: 'place', type: 'json' },
      ],
      rows: 3,
    };
    expect(inspect('parquet', bytes)).toEqual(expected);
    expect(inspect('parquet', bytes, 3)).toEqual(expected);
    const nothing = Object.fromEntries(
      expected.columns.map(({ name }) => [name, null]),
    );
    expect(await read('parquet', bytes)).toEqual([
      {
        text: 'Zürich',
        small: 1,
        // No number of JSON holds it exactly.
        large: '9007199254740993',
        share: 0.5,
        yes: true,
        at: '2026-11-26T04:05:06.789Z',
        day: '2026-11-26',
        price: 12.5,
        raw: 'AP8=',
        tags: ['a', 'b'],
        place: { city: 'Bern', height: 540 },
      },
      { ...nothing, small: 2, large: 2, yes: false, tags: [] },
      { ...nothing, text: '', share: 1e300 },
    ]);
  });

  it.each(['none', 'gzip', 'brotli', 'zstd'])(
    'is read when it is compressed with %s, over the borders of row groups',
    async compression => {
      const bytes = await fixture(`${compression}.parquet`);
      const rows = await read('parquet', bytes, { offset: 298, limit: 4 });
      expect(rows.map(({ number }) => number)).toEqual([298, 299, 300, 301]);
      expect(await read('parquet', bytes, { offset: 999 })).toEqual([
        { number: 999, word: 'w' },
      ]);
      expect(await read('parquet', bytes, { offset: 1_000 })).toEqual([]);
    },
  );

  it('is refused when it could not be read back, or is none', async () => {
    const lz4 = await fixture('lz4.parquet');
    expect(() => inspect('parquet', lz4)).toThrow(
      /compressed with LZ4\w*: write it with SNAPPY, GZIP/,
    );
    const empty = await fixture('empty.parquet');
    expect(() => inspect('parquet', empty)).toThrow(/has no rows/);
    const whole = await fixture('types.parquet');
    expect(() => inspect('parquet', text('a,b', '1,2'))).toThrow(
      /is no Parquet file: one begins and ends with PAR1/,
    );
    expect(() => inspect('parquet', Buffer.from('PAR1'))).toThrow(
      /is no Parquet file/,
    );
    expect(() => inspect('parquet', whole.subarray(0, -10))).toThrow(/footer/);
    expect(() =>
      inspect('parquet', Buffer.concat([whole, Buffer.from('more')])),
    ).toThrow(/footer/);
  });

  it('says so when the file is damaged before its footer', async () => {
    const bytes = await fixture('zstd.parquet');
    bytes.fill(0, 4, 400);
    await expect(read('parquet', bytes, { limit: 2 })).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringMatching(
        /^Rows of the Parquet file cannot be read/,
      ),
    });
  });

  it('does not wait for a file that keeps its reader busy for ever', async () => {
    const bytes = await fixture('none.parquet');
    // The header of a page says that it has more values than anybody counts.
    bytes[bytes.length - 2_615] = 63;
    const { digest } = await artifacts.put(streamOf(bytes));
    const rows = new DatasetFileReader({
      artifacts,
      parquetTimeoutMillis: 500,
    }).read({ digest, format: 'parquet', columns: [] }, {});
    await expect(rows.next()).rejects.toMatchObject({ name: 'ConflictError' });
  });

  it('reads no more files at a time than it has threads for, and gives them back', async () => {
    const bytes = await fixture('none.parquet');
    const { digest } = await artifacts.put(streamOf(bytes));
    const reader = new DatasetFileReader({ artifacts });
    const open = () =>
      reader.read({ digest, format: 'parquet', columns: [] }, {});
    const many = Array.from({ length: 8 }, open);
    await Promise.all(many.map(rows => rows.next()));
    await expect(open().next()).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
    await Promise.all(many.map(rows => rows.return(undefined)));
    const another = open();
    await expect(another.next()).resolves.toMatchObject({
      value: { number: 0 },
    });
    await another.return(undefined);
  });

  it('is refused where its row groups have other rows than its footer says', async () => {
    const bytes = Buffer.from(await fixture('types.parquet'));
    bytes[2212] = 0;
    await expect(read('parquet', bytes)).rejects.toThrow(
      'The file is damaged: it has 3 rows by its footer, and another number by its row groups',
    );
  });

  it('fails in words wherever its bytes are wrong', async () => {
    const whole = await fixture('types.parquet');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: whole.length - 9 }),
        fc.integer({ min: 0, max: 255 }),
        async (position, byte) => {
          const bytes = Buffer.from(whole);
          bytes[position] = byte;
          const outcome = await read('parquet', bytes).then(
            rows => rows.length,
            (error: Error) => error.name,
          );
          expect([3, 'ConflictError', 'InputError']).toContain(outcome);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('fails in words for any footer whose bytes are wrong', async () => {
    const whole = await fixture('types.parquet');
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 600 }),
        fc.integer({ min: 0, max: 255 }),
        (fromEnd, byte) => {
          const bytes = Buffer.from(whole);
          bytes[bytes.length - fromEnd] = byte;
          expect(outcomeOf(bytes)).toMatch(/^(taken|InputError)$/);
        },
      ),
      { numRuns: 300 },
    );
  });
});
