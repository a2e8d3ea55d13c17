import { explainDatasetUri } from './datasetUri';

describe('explainDatasetUri', () => {
  it.each([
    's3://bucket/rows/2026.parquet',
    'S3://bucket/rows',
    'gs://bucket/rows.csv',
    'https://data.example.com/rows.jsonl?version=3#top',
    'abfss://container@account.dfs.core.windows.net/rows',
    'hf://datasets/squad/train.parquet',
    'hdfs://namenode:8020/rows',
  ])('takes %s', uri => {
    expect(explainDatasetUri(uri)).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ['', /begins with one of https:\/\/, s3:\/\//],
    ['rows.csv', /begins with one of/],
    ['file:///etc/passwd', /begins with one of/],
    ['http://data.example.com/rows', /begins with one of/],
    ['ftp://example.com/rows', /begins with one of/],
    ['https:///rows', /expected a host or a bucket/],
    ['https://a b', /without white space/],
    ['https://ada:hunter2@example.com/rows', /a name or a password/],
    ['s3://key@bucket/rows', /a name or a password/],
    ['abfss://c:hunter2@account/rows', /a name or a password/],
    [
      'https://b.s3.amazonaws.com/rows?X-Amz-Signature=hunter2',
      /has the parameter 'X-Amz-Signature'/,
    ],
    ['https://a.blob.core.windows.net/c/rows?sv=1&sig=hunter2', /'sv'/],
    ['https://example.com/rows?a=1&api_key=hunter2', /'api_key'/],
    [`https://example.com/${'a'.repeat(2_000)}`, /at most 2000 characters/],
  ])('refuses %s, and does not repeat it', (uri, reason) => {
    expect(explainDatasetUri(uri)).toMatch(reason);
    expect(explainDatasetUri(uri)).not.toMatch(/hunter2/);
  });
});
