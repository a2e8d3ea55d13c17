// @ts-check
import autocannon from 'autocannon';

// Runs in a process of its own, so that its work is not taken for the server's.
const { url, headers, bodies, connections, seconds } = JSON.parse(
  process.env.LOAD ?? '{}',
);
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests: bodies.map(body => ({ method: 'POST', headers, body })),
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
