import express from 'express';
import request from 'supertest';
import { cacheHashedAssets } from './cacheHashedAssets';

const YEAR = 'public, max-age=31536000, immutable';

/** As Backstage serves the portal. */
function portal() {
  const app = express();
  app.use(cacheHashedAssets);
  app.get('/static/injected.0123456789ab.js', (_req, res) => {
    res.set('Cache-Control', 'no-cache').send('the configuration');
  });
  app.get('/static/gone.0123456789ab.js', (_req, res) => {
    res.status(404).end();
  });
  app.use((_req, res) => {
    res.set('Cache-Control', 'public, max-age=1209600').send('an asset');
  });
  return request(app);
}

const cacheControlOf = async (path: string) =>
  (await portal().get(path)).headers['cache-control'];

describe('cacheHashedAssets', () => {
  it('keeps what has a hash in its name for a year', async () => {
    for (const path of [
      '/static/2110.544459f1a0f2.chunk.js',
      '/static/main.5444ab59f1a0.css',
    ]) {
      expect(await cacheControlOf(path)).toBe(YEAR);
    }
  });

  it('leaves everything else as it is', async () => {
    expect(await cacheControlOf('/static/injected.0123456789ab.js')).toBe(
      'no-cache',
    );
    expect(
      await cacheControlOf('/static/gone.0123456789ab.js'),
    ).toBeUndefined();
    expect(await cacheControlOf('/static/logo.svg')).toBe(
      'public, max-age=1209600',
    );
    expect(await cacheControlOf('/api/static/a.544459f1a0f2.js')).toBe(
      'public, max-age=1209600',
    );
  });
});
