// @ts-check
// A small program that a test runs in place of the data plane: it starts, tells, answers and stops as that one does.
const { createServer } = require('node:http');

const server = createServer((_request, response) => {
  response.end(
    JSON.stringify({
      pid: process.pid,
      arguments: process.argv.slice(2),
      environment: process.env,
    }),
  );
});
server.on('error', () => {
  const error = `port ${process.env.GREENROOM_PORT} is taken`;
  console.log(JSON.stringify({ level: 'info', message: 'starting' }));
  console.log(
    JSON.stringify({ level: 'error', message: 'not started', error }),
  );
  process.exit(1);
});
server.listen(Number(process.env.GREENROOM_PORT), '127.0.0.1', () => {
  const address = server.address();
  const port = Object(address).port;
  // What a data plane never does: the log must not show it all the same.
  console.log(`serving with ${process.env.GREENROOM_CONTROL_PLANE_TOKEN}`);
  process.send?.({ type: 'serving', url: `http://127.0.0.1:${port}` });
});
const stop = () => server.close(() => process.exit(0));
process.once('SIGTERM', stop);
process.once('disconnect', stop);
