// @ts-check
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';

/** A question for a document that has not changed is answered after so long, as the real one does. */
const LONG_POLL_MILLIS = 1_000;
const environment = 'production';
const artifacts = new Map();
/** Known from the start: a data plane that asks for the keys before there is a model gets them, too. */
const [key] = process.argv.slice(2);
let models = [];

const sha256 = content => createHash('sha256').update(content).digest('hex');

/** The version of an external model: a bundle of its descriptor alone. */
function externalVariant({ descriptor, connection }) {
  const bytes = Buffer.from(
    JSON.stringify({ formatVersion: 1, ...descriptor }),
  );
  const file = {
    digest: keep(bytes),
    path: 'external.json',
    sizeBytes: bytes.length,
  };
  const list = JSON.stringify({ files: [file], format: 'external' });
  const digest = keep(Buffer.from(list));
  return {
    kind: 'external',
    version: 1,
    weightPercent: 100,
    digest,
    sizeBytes: bytes.length,
    files: 1,
    artifactPath: `/api/ai-registry/artifacts/${digest}`,
    connection,
  };
}

/** @param {Buffer} bytes */
function keep(bytes) {
  const digest = `sha256:${sha256(bytes)}`;
  artifacts.set(digest, bytes);
  return digest;
}

function onnxVariant({ file, signature }) {
  const digest = `sha256:${sha256(readFileSync(file))}`;
  artifacts.set(digest, file);
  return {
    kind: 'onnx',
    version: 1,
    weightPercent: 100,
    digest,
    sizeBytes: statSync(file).size,
    artifactPath: `/api/ai-registry/artifacts/${digest}`,
    signature,
  };
}

function routes() {
  const content = { formatVersion: 2, environment, models, connections: [] };
  const id = sha256(JSON.stringify(content));
  return { ...content, id, createdAt: '2026-01-01T00:00:00.000Z' };
}

const access = () => ({
  formatVersion: 2,
  environment,
  cursor: '1',
  content: 'all',
  keys: [{ id: 'k', name: 'drill', sha256: sha256(key), models: ['*'] }],
  revoked: [],
});

/** @param {string | undefined} known - id of the routes that the data plane has */
function answerRoutes(known, response) {
  const send = () => {
    const document = routes();
    if (known?.includes(document.id)) response.writeHead(304).end();
    else response.end(JSON.stringify(document));
  };
  if (known?.includes(routes().id)) setTimeout(send, LONG_POLL_MILLIS);
  else send();
}

function answerAccess(isKnown, response) {
  if (!isKnown) response.end(JSON.stringify(access()));
  else setTimeout(() => response.writeHead(304).end(), LONG_POLL_MILLIS);
}

/** A control plane in a process of its own: what it sends must not hold up who measures. */
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(
    request.url ?? '',
    'http://localhost',
  );
  const kind = decodeURIComponent(pathname.split('/').at(-1) ?? '');
  const file = artifacts.get(kind);
  request.resume();
  if (Buffer.isBuffer(file)) response.end(file);
  else if (file) createReadStream(file).pipe(response);
  else if (kind === 'routes') {
    answerRoutes(request.headers['if-none-match'], response);
  } else if (kind === 'access') {
    answerAccess(searchParams.has('since'), response);
  } else if (kind === 'reports') response.end('{"known":true}');
  else response.end('{"accepted":0,"duplicate":false}');
});

process.on('message', (/** @type {any} */ message) => {
  models = message.models.map(
    ({ model, external, placement, file, signature }) => ({
      model,
      salt: model,
      variants: [
        external ? externalVariant(external) : onnxVariant({ file, signature }),
      ],
      batching: { maxRows: 64, maxDelayMicros: 0 },
      recordedRowsPerSecond: 0,
      placement,
    }),
  );
  process.send?.({ type: 'published' });
});

server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  process.send?.({ type: 'listening', port: address.port });
});
