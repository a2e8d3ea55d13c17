import {
  type DatasetContentForm,
  EMPTY_DATASET_CONTENT,
  EMPTY_NEW_DATASET,
  formatOfFile,
  readDatasetContent,
  readNewDataset,
} from './datasetForm';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('readNewDataset', () => {
  const valid = {
    ...EMPTY_NEW_DATASET,
    name: 'capital-cities',
    owner: 'group:default/ml-platform',
  };

  it('leaves out what was not filled in, and passes on what was', () => {
    expect(readNewDataset(valid)).toEqual({
      dataset: {
        name: 'capital-cities',
        owner: 'group:default/ml-platform',
      },
    });
    expect(
      readNewDataset({ ...valid, title: 'Capitals', tags: 'language=en' }),
    ).toMatchObject({
      dataset: { title: 'Capitals', tags: { language: 'en' } },
    });
  });

  it('names each field that is wrong', () => {
    const { errors } = readNewDataset({
      ...valid,
      name: 'Capital Cities',
      owner: 'ml-platform',
      tags: 'language',
    });
    expect(Object.keys(errors ?? {})).toEqual(['name', 'owner', 'tags']);
  });
});

describe('formatOfFile', () => {
  it.each([
    ['cities.csv', 'csv'],
    ['cities.v2.JSONL', 'jsonl'],
    ['cities.ndjson', 'jsonl'],
    ['cities.parquet', 'parquet'],
    ['cities.xlsx', undefined],
    ['constructor', undefined],
  ])('of %s is %s', (name, format) => {
    expect(formatOfFile(name)).toBe(format);
  });
});

describe('readDatasetContent', () => {
  const read = (form: Partial<DatasetContentForm>) =>
    readDatasetContent({ ...EMPTY_DATASET_CONTENT, ...form });
  const fileOf = (name: string, text = 'a,b\n1,2\n') => new File([text], name);

  it('takes a file by its ending', () => {
    const file = fileOf('cities.csv');
    expect(read({ file, change: ' More rows ' })).toEqual({
      content: {
        kind: 'file',
        file: { content: file, format: 'csv', description: 'More rows' },
      },
    });
  });

  it.each<[string, File | undefined, RegExp]>([
    ['no file', undefined, /Choose the file/],
    [
      'another kind',
      fileOf('cities.xlsx'),
      /cities\.xlsx is none of the kinds/,
    ],
    ['an empty one', fileOf('cities.csv', ''), /cities\.csv is empty/],
  ])('refuses %s', (_what, file, reason) => {
    expect(read({ file }).errors?.file).toMatch(reason);
  });

  it('takes the address and the digest of what lies somewhere else', () => {
    expect(
      read({
        kind: 'external',
        uri: ' s3://bucket/rows.parquet ',
        digest: DIGEST.toUpperCase().replace('SHA256', 'sha256'),
        rows: '1000',
      }),
    ).toMatchObject({
      content: {
        kind: 'external',
        external: {
          uri: 's3://bucket/rows.parquet',
          digest: DIGEST,
          rows: 1000,
        },
      },
    });
    expect(
      read({
        kind: 'external',
        uri: 'https://ada:secret@example.com/rows',
        digest: 'abc',
        rows: '1.5',
      }).errors,
    ).toEqual({
      uri: expect.stringMatching(/^The address has a name or a password/),
      digest: expect.stringMatching(/sha256: and the 64/),
      rows: expect.stringMatching(/whole number/),
    });
  });
});
