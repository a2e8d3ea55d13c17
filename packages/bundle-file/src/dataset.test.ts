import {
  datasetFilesOf,
  type DatasetSchema,
  encodeDatasetSchema,
  parseDatasetSchema,
} from './dataset';

const SCHEMA: DatasetSchema = {
  formatVersion: 1,
  format: 'jsonl',
  columns: [
    { name: 'input', type: 'string' },
    { name: 'größe "x"', type: 'integer' },
  ],
  rows: 30,
};

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('encodeDatasetSchema', () => {
  it('is the canonical form, in whichever order the fields are given', () => {
    const { rows, columns, ...rest } = SCHEMA;
    const [first, second] = columns;
    const expected =
      '{"columns":[{"name":"input","type":"string"},{"name":"größe \\"x\\"","type":"integer"}],"format":"jsonl","formatVersion":1,"rows":30}';
    expect(text(encodeDatasetSchema(SCHEMA))).toBe(expected);
    expect(
      text(
        encodeDatasetSchema({
          rows,
          columns: [{ type: 'string', name: first.name }, second],
          ...rest,
        }),
      ),
    ).toBe(expected);
  });

  it('is read back by parseDatasetSchema', () => {
    expect(parseDatasetSchema(text(encodeDatasetSchema(SCHEMA)))).toEqual(
      SCHEMA,
    );
  });

  it.each<[string, object, RegExp]>([
    ['no rows', { rows: 0 }, /dataset\.json: rows: /],
    ['half a row', { rows: 1.5 }, /dataset\.json: rows: /],
    ['no columns', { columns: [] }, /dataset\.json: columns: /],
    [
      'a type that there is not',
      { columns: [{ name: 'a', type: 'decimal' }] },
      /dataset\.json: columns\.0\.type: /,
    ],
    [
      'a column twice',
      {
        columns: [
          { name: 'a', type: 'string' },
          { name: 'a', type: 'json' },
        ],
      },
      /columns: 'a' is named twice/,
    ],
    [
      'half a character',
      { columns: [{ name: '\ud800', type: 'string' }] },
      /columns\.0\.name: expected a name without control/,
    ],
    ['a further field', { note: 'x' }, /dataset\.json: /],
  ])('refuses %s', (_what, changes, reason) => {
    const json = JSON.stringify({ ...SCHEMA, ...changes });
    expect(() => parseDatasetSchema(json)).toThrow(reason);
  });
});

describe('datasetFilesOf', () => {
  const bundleOf = (...paths: string[]) => ({
    format: 'dataset',
    files: paths.map(path => ({
      path,
      digest: `sha256:${'a'.repeat(64)}` as const,
      sizeBytes: 1,
    })),
  });

  it('are the rows and what is said of them', () => {
    expect(datasetFilesOf(bundleOf('data.csv', 'dataset.json'))).toMatchObject({
      format: 'csv',
      data: { path: 'data.csv' },
      schema: { path: 'dataset.json' },
    });
  });

  it.each([
    [['data.csv']],
    [['dataset.json']],
    [['data.csv', 'data.jsonl', 'dataset.json']],
    [['data.csv', 'dataset.json', 'readme.md']],
    [['data.txt', 'dataset.json']],
  ])('are not %j', paths => {
    expect(() => datasetFilesOf(bundleOf(...paths))).toThrow(
      /exactly dataset\.json and one of data\.jsonl, data\.csv, data\.parquet/,
    );
  });
});
