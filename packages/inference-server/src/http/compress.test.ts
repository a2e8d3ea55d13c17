import fc from 'fast-check';
import { gunzipSync, inflateSync } from 'node:zlib';
import { compress, encodingFor } from './compress';

const LARGE = 1_000_000;

describe('what a caller accepts', () => {
  it.each([
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip, deflate, br, zstd', 'gzip'],
    ['deflate, gzip;q=0.5', 'deflate'],
    ['deflate;q=0.2, gzip;q=0.5', 'gzip'],
    ['GZIP', 'gzip'],
    ['*', 'gzip'],
    ['gzip;q=0, *', 'deflate'],
    ['br', undefined],
    ['identity', undefined],
    ['', undefined],
    ['gzip;q=0', undefined],
    ['gzip;q=0, deflate;q=0.0', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=nonsense', undefined],
  ])('%s is answered with %s', (accepted, encoding) => {
    expect(encodingFor(accepted, LARGE)).toBe(encoding);
  });

  it('leaves small answers as they are', () => {
    expect(encodingFor('gzip', 16_383)).toBeUndefined();
    expect(encodingFor('gzip', 16_384)).toBe('gzip');
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect([undefined, 'gzip', 'deflate']).toContain(
          encodingFor(text, LARGE),
        );
      }),
    );
  });
});

it('compresses what can be read again', async () => {
  const body = 'a tensor '.repeat(10_000);
  const gzipped = await compress(body, 'gzip');
  const deflated = await compress(Buffer.from(body), 'deflate');
  expect(String(gunzipSync(gzipped))).toBe(body);
  expect(String(inflateSync(deflated))).toBe(body);
  expect(Math.max(gzipped.length, deflated.length)).toBeLessThan(2_000);
});
