// @ts-check
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const sha256 = content => createHash('sha256').update(content).digest('hex');

/**
 * A control plane that publishes one snapshot and counts the records that come back.
 *
 * @param {{ models: { model: string, bytes: Buffer, signature: object, schema: object }[], key: string, canaryPercent?: number, maxRows?: number, shadowPercent?: number, hasSecondVersion?: boolean, requestLimits?: object }} options
 */
export async function startControlPlane({
  models,
  key,
  canaryPercent = 0,
  maxRows = 64,
  shadowPercent = 0,
  hasSecondVersion = true,
  requestLimits,
}) {
  const artifacts = new Map();
  let records = 0;
  let samples = 0;
  const copies = { made: 0, agree: 0, leftOut: 0 };
  const routeOf = ({ model, bytes, signature, schema }) => {
    const digest = `sha256:${sha256(bytes)}`;
    artifacts.set(digest, bytes);
    const variant = {
      version: 2,
      weightPercent: 100 - canaryPercent,
      digest,
      sizeBytes: bytes.length,
      artifactPath: `/api/ai-registry/artifacts/${digest}`,
      signature,
      schema,
    };
    return {
      model,
      salt: `${model}-bench`,
      variants: [
        variant,
        ...(hasSecondVersion
          ? [{ ...variant, version: 3, weightPercent: canaryPercent }]
          : []),
      ],
      batching: { maxRows, maxDelayMicros: 0 },
      recordedRowsPerSecond: 50,
      ...(shadowPercent > 0 && {
        shadow: {
          comparison: 'bench.1',
          version: 3,
          samplePercent: shadowPercent,
          maxCopiesInFlight: 64,
        },
      }),
    };
  };
  const environment = 'production';
  const common = { formatVersion: 2, environment };
  const routesOf = wanted => {
    const routes = wanted.map(routeOf);
    return {
      ...common,
      id: sha256(JSON.stringify(routes)),
      createdAt: new Date().toISOString(),
      models: routes,
    };
  };
  const documents = {
    routes: routesOf(models),
    access: {
      ...common,
      cursor: '1',
      content: 'all',
      keys: [
        {
          id: 'bench',
          name: 'bench',
          sha256: sha256(key),
          models: ['*'],
          ...(requestLimits && { requestLimits }),
        },
      ],
      revoked: [],
    },
  };
  /** When the present routes were fetched for the first time. */
  let fetchedAtMillis;

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(
      request.url ?? '/',
      'http://localhost',
    );
    const url = decodeURIComponent(pathname);
    const kind = url.split('/').at(-1) ?? '';
    if (kind === 'reports') {
      await text(request);
      response.end(JSON.stringify({ known: true }));
    } else if (kind in documents) {
      const known =
        request.headers['if-none-match']?.replaceAll('"', '') ??
        searchParams.get('since');
      const document = documents[kind];
      if (known === (document.cursor ?? document.id)) {
        response.writeHead(304).end();
      } else {
        if (kind === 'routes') fetchedAtMillis ??= performance.now();
        response.end(JSON.stringify(document));
      }
    } else if (url.endsWith('/records')) {
      const batch = JSON.parse(await text(request));
      for (const group of batch.groups) {
        records += group.at.length;
        samples += group.samples.length;
        copies.made += group.copies?.at.length ?? 0;
        copies.leftOut += group.copies?.leftOut ?? 0;
        copies.agree += (group.copies?.agrees ?? []).filter(
          agrees => agrees === 1,
        ).length;
      }
      response.end(JSON.stringify({ accepted: records, duplicate: false }));
    } else {
      response.end(artifacts.get(kind));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  return {
    url: `http://127.0.0.1:${port}`,
    counts: () => ({ records, samples, copies }),
    /** Wants other models served; a data plane asks every two seconds. */
    publish: wanted => {
      documents.routes = routesOf(wanted);
      fetchedAtMillis = undefined;
    },
    fetchedAtMillis: () => fetchedAtMillis,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
