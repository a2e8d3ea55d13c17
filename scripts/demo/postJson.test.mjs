// @ts-check
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { closeConnections, postJson } from './postJson.mjs';

const seen = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  seen.push({ ...request.headers, body, port: request.socket.remotePort });
  if (request.url === '/slow') return;
  response.writeHead(request.url === '/bad' ? 400 : 200);
  response.end(`${body} über`);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
assert.ok(typeof address === 'object' && address);
const url = `http://127.0.0.1:${address.port}`;
after(() => {
  closeConnections();
  server.closeAllConnections();
  server.close();
});

const call = (path, timeoutMillis = 5000) =>
  postJson(`${url}${path}`, {
    headers: { 'x-test': '1' },
    body: '{"ä":1}',
    timeoutMillis,
  });

test('an answer comes back with its status, whatever it is', async () => {
  assert.deepEqual(await call('/'), { status: 200, text: '{"ä":1} über' });
  assert.equal((await call('/bad')).status, 400);
  assert.equal(seen[0]['content-type'], 'application/json');
  assert.equal(seen[0]['x-test'], '1');
});

test('the connection is kept for the next request', async () => {
  await call('/');
  await call('/');
  assert.equal(seen.at(-1).port, seen.at(-2).port);
});

test('a server that does not answer in time is an error', async () => {
  await assert.rejects(
    call('/slow', 50),
    (/** @type {Error & { cause: Error }} */ error) =>
      error.cause.name === 'TimeoutError',
  );
});

test('nobody listening is an error', async () => {
  await assert.rejects(
    postJson('http://127.0.0.1:1/', {
      headers: {},
      body: '',
      timeoutMillis: 5000,
    }),
    /ECONNREFUSED/,
  );
});
