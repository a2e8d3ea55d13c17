// @ts-check
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

// Requests come when they are due, whether those before them are answered or not, and wait where no
// connection is free: latency counts from when a request was due. Bare sockets, since the generator shares
// the machine with the server.
const { url, headers, bodies, connections, seconds, perSecond } = JSON.parse(
  await text(process.stdin),
);
const { hostname, port, pathname } = new URL(url);
const messages = bodies.map(body =>
  Buffer.from(
    [
      `POST ${pathname} HTTP/1.1`,
      `Host: ${hostname}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  ),
);
const HEAD_END = Buffer.from('\r\n\r\n');
/** Longest wait for the last answers. */
const LAST_MILLIS = 5_000;

const latencies = [];
const serverMillis = [];
const free = [];
const waiting = [];
let requests = 0;
let failed = 0;
let sent = 0;

function open() {
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const caller = { socket, dueMillis: 0, sentMillis: 0, received: [] };
  socket.on('data', chunk => onData(caller, chunk));
  socket.on('error', () => {
    failed++;
  });
  return new Promise(resolve => socket.once('connect', () => resolve(caller)));
}

function onData(caller, chunk) {
  caller.received.push(chunk);
  const all =
    caller.received.length === 1 ? chunk : Buffer.concat(caller.received);
  const headEnd = all.indexOf(HEAD_END);
  if (headEnd < 0) return;
  const head = all.latin1Slice(0, headEnd);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (all.length < headEnd + HEAD_END.length + Number(length)) return;
  caller.received = [];
  const now = performance.now();
  if (head.startsWith('HTTP/1.1 200')) {
    requests++;
    latencies.push(now - caller.dueMillis);
    serverMillis.push(now - caller.sentMillis);
  } else failed++;
  const due = waiting.shift();
  if (due === undefined) free.push(caller);
  else send(caller, due);
}

function send(caller, dueMillis) {
  caller.dueMillis = dueMillis;
  caller.sentMillis = performance.now();
  caller.socket.write(messages[sent % messages.length]);
  sent++;
}

for (let i = 0; i < connections; i++) free.push(await open());
const startMillis = performance.now();
const total = Math.round(perSecond * seconds);
let begun = 0;
await new Promise(resolve => {
  const tick = () => {
    const now = performance.now();
    while (begun < total) {
      const dueMillis = startMillis + (begun * 1_000) / perSecond;
      if (dueMillis > now) break;
      begun++;
      const caller = free.pop();
      if (caller) send(caller, dueMillis);
      else waiting.push(dueMillis);
    }
    const over = now - startMillis > seconds * 1_000;
    const isDone = begun === total && free.length === connections;
    if (isDone || (over && now - startMillis > seconds * 1_000 + LAST_MILLIS)) {
      resolve(undefined);
    } else setTimeout(tick, 1);
  };
  tick();
});
const wallSeconds = (performance.now() - startMillis) / 1_000;
const sort = values => Float64Array.from(values).sort();
const quantile = (sorted, p) =>
  sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
const all = sort(latencies);
const own = sort(serverMillis);
process.stdout.write(
  JSON.stringify({
    requests,
    // What was due and never answered is an error too.
    failed: Math.max(failed, total - requests),
    seconds: Math.max(seconds, wallSeconds),
    p50: quantile(all, 0.5),
    p95: quantile(all, 0.95),
    p99: quantile(all, 0.99),
    worst: all.at(-1) ?? 0,
    inferP95: quantile(own, 0.95),
  }),
  () => process.exit(),
);
