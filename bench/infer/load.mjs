// @ts-check
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

// Runs in a process of its own, so that its work is not taken for the server's.
const { url, paths, headers, bodies, encoding, connections, seconds } =
  JSON.parse(await text(process.stdin));
// With paths, each is called in turn.
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests: (paths ?? bodies).map((_, i) => ({
    method: 'POST',
    ...(paths && { path: paths[i] }),
    headers,
    body: Buffer.from(bodies[i % bodies.length], encoding),
  })),
});
process.stdout.write(
  JSON.stringify({
    requests: result['2xx'],
    failed: result.non2xx + result.errors + result.timeouts,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  }),
);
