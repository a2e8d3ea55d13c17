// @ts-check
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';

// gRPC calls with messages that are written already, over bare HTTP/2: what the generator does costs little, and the
// server sees what a client would send.
const {
  address,
  path,
  headers,
  messages,
  connections,
  callsPerConnection,
  seconds,
} = JSON.parse(await text(process.stdin));

const FRAME_HEAD_BYTES = 5;
const frames = messages.map(message => {
  const bytes = Buffer.from(message, 'base64');
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
});
const WINDOW_BYTES = 16 * 1024 * 1024;

const latencies = [];
let requests = 0;
let failed = 0;
let sent = 0;
const endMillis = performance.now() + seconds * 1_000;

function call(session) {
  return new Promise(resolve => {
    const startedMillis = performance.now();
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let status;
    stream.on('response', answer => {
      status = answer['grpc-status'] ?? status;
    });
    stream.on('trailers', trailers => {
      status = trailers['grpc-status'];
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      if (status === '0') {
        requests++;
        latencies.push(performance.now() - startedMillis);
      } else failed++;
      resolve(undefined);
    });
    stream.resume();
    stream.end(frames[sent % frames.length]);
    sent++;
  });
}

async function caller(session) {
  while (performance.now() < endMillis) await call(session);
}

const sessions = await Promise.all(
  Array.from({ length: connections }, async () => {
    const session = connect(`http://${address}`, {
      settings: { initialWindowSize: WINDOW_BYTES },
    });
    await new Promise((resolve, reject) => {
      session.once('connect', resolve);
      session.once('error', reject);
    });
    return session;
  }),
);
const startedMillis = performance.now();
await Promise.all(
  sessions.flatMap(session =>
    Array.from({ length: callsPerConnection }, () => caller(session)),
  ),
);
const sorted = Float64Array.from(latencies).sort();
const quantile = p =>
  Number((sorted[Math.floor(p * sorted.length)] ?? 0).toFixed(1));
for (const session of sessions) session.destroy();
process.stdout.write(
  JSON.stringify({
    requests,
    failed,
    seconds: (performance.now() - startedMillis) / 1_000,
    p50: quantile(0.5),
    p99: quantile(0.99),
  }),
);
