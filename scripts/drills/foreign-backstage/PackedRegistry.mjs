// @ts-check
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { publicPackages, tarballName } from '../../pack/publicPackages.mjs';
import { manifestOf } from './tarball.mjs';

/**
 * The packed packages as a registry would serve them, so that the page's own commands install them.
 * It listens on the loopback address only.
 */
export class PackedRegistry {
  #folder;
  #server;
  /** Path of a tarball, by the path that it is served at. */
  #tarballs = new Map();
  url = '';

  /** @param {string} folder - of the tarballs */
  constructor(folder) {
    this.#folder = folder;
    this.#server = http.createServer((request, response) =>
      this.#answer(request, response),
    );
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (
      this.#server.address()
    );
    this.url = `http://127.0.0.1:${port}`;
    return this;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request, response) {
    const wanted = decodeURIComponent(request.url.split('?')[0]).slice(1);
    const tarball = this.#tarballs.get(wanted);
    const known = publicPackages().some(({ name }) => name === wanted);
    if (tarball) {
      createReadStream(tarball).pipe(response);
    } else if (known) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(this.#describe(wanted)));
    } else {
      response.writeHead(404).end();
    }
  }

  #describe(name) {
    const file = path.join(this.#folder, tarballName(name));
    const manifest = manifestOf(file);
    const { version } = manifest;
    const place = `${name}/-/${name.split('/')[1]}-${version}.tgz`;
    this.#tarballs.set(place, file);
    const digest = createHash('sha512').update(readFileSync(file));
    return {
      name,
      'dist-tags': { latest: version },
      versions: {
        [version]: {
          ...manifest,
          dist: {
            tarball: `${this.url}/${place}`,
            integrity: `sha512-${digest.digest('base64')}`,
          },
        },
      },
      time: { [version]: '2020-01-01T00:00:00.000Z' },
    };
  }
}
