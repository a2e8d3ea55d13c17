import fc from 'fast-check';
import { decodePageToken, encodePageToken, hashOfQuery } from './pageToken';

const hash = hashOfQuery(['runs', 1]);
const types = [['number', 'text'], ['text']] as const;

describe('page tokens', () => {
  it('come back as they went', () => {
    const texts = fc.string().map(it => it.replaceAll('\u0000', ''));
    fc.assert(
      fc.property(fc.double(), fc.option(texts), (number, text) => {
        const position = { segment: 0, after: [String(number), text] };
        const token = encodePageToken(hash, position);
        expect(decodePageToken(token, hash, types)).toEqual(position);
      }),
    );
  });

  it('of another search are refused with a sentence', () => {
    const token = encodePageToken(hash, { segment: 1, after: ['x'] });
    expect(() =>
      decodePageToken(token, hashOfQuery(['runs', 2]), types),
    ).toThrow(
      /Invalid page token .* belongs to another search.*begin without page_token/,
    );
  });

  it.each([
    ['nonsense', '%%%'],
    ['no list', Buffer.from('5').toString('base64url')],
    [
      'a segment that is not there',
      encodePageToken(hash, { segment: 2, after: [] }),
    ],
    ['too few values', encodePageToken(hash, { segment: 0, after: ['1'] })],
    [
      'what is no number',
      encodePageToken(hash, { segment: 0, after: ['x', 'y'] }),
    ],
    [
      'the character NUL',
      encodePageToken(hash, { segment: 1, after: ['\u0000'] }),
    ],
  ])('with %s are refused', (_what, token) => {
    expect(() => decodePageToken(token, hash, types)).toThrow(
      /Invalid page token/,
    );
  });
});
