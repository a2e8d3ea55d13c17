import { readReference, shortDigestOf } from './readReference';

const URLS = [
  'https://portal.test/api/ai-registry',
  'https://portal.test/ai-registry',
];
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const said = {
  tags: {},
  digest: '1a2b3c4d',
  source: '{}',
  registryDataset: null,
};
const at = (url: string) => ({
  ...said,
  source: JSON.stringify({ url }),
  registryDataset: 'rows/versions/3',
});

describe('readReference', () => {
  it.each([
    [
      'the whole digest in a tag, before all else',
      {
        ...at(`${URLS[0]}/datasets/rows/versions/3/file`),
        tags: { 'greenroom.dataset.digest': DIGEST },
      },
      { by: 'tag', digest: DIGEST },
    ],
    [
      'the first digits as MLflow’s digest',
      { ...said, digest: shortDigestOf(DIGEST) },
      { by: 'digest', digestPrefix: 'ab'.repeat(16) },
    ],
    [
      'the address of its file',
      at(`${URLS[0]}/datasets/rows/versions/3/file`),
      { by: 'source', dataset: 'rows', version: 3 },
    ],
    [
      'the address of its page',
      at(`${URLS[1]}/datasets/rows/versions/3`),
      { by: 'source', dataset: 'rows', version: 3 },
    ],
  ])('reads %s', (_what, input, reference) => {
    expect(readReference(input, URLS)).toEqual(reference);
  });

  it.each([
    ['what MLflow computes by itself', said],
    [
      'a tag that is no digest',
      { ...said, tags: { 'greenroom.dataset.digest': 'rows' } },
    ],
    ['32 characters that are no digits', { ...said, digest: 'x'.repeat(32) }],
    [
      'a registry elsewhere',
      at('https://other.test/api/ai-registry/datasets/rows/versions/3/file'),
    ],
  ])('does not take %s for one', (_what, input) => {
    expect(readReference(input, URLS)).toBeUndefined();
  });
});
