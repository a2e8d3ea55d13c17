import type { RequestHandler } from 'express';

/** The bundler names these by a hash of what is in them: under one name there is never anything else. */
const HASHED = /^\/static\/.*\.[0-9a-f]{8,}\.[a-z0-9.]+$/;

const ONE_YEAR = `public, max-age=${365 * 24 * 60 * 60}, immutable`;

/**
 * Lets browsers keep the portal's assets for a year instead of Backstage's two weeks. What Backstage
 * does not want to be kept that long, such as the file that it writes the configuration into, stays
 * as it is.
 */
export const cacheHashedAssets: RequestHandler = (req, res, next) => {
  if (HASHED.test(req.path)) {
    const writeHead = res.writeHead.bind(res) as (
      ...args: unknown[]
    ) => typeof res;
    res.writeHead = ((...args: unknown[]) => {
      const asked = res.getHeader('Cache-Control');
      if (typeof asked === 'string' && /^public, max-age=\d+$/.test(asked)) {
        res.setHeader('Cache-Control', ONE_YEAR);
      }
      return writeHead(...args);
    }) as typeof res.writeHead;
  }
  next();
};
