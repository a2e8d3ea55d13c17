/** A pod that serves from its first moment on, says what it was given, and ends at once. */
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');

const { GREENROOM_HOST, GREENROOM_PORT, GREENROOM_ADMIN_PORT } = process.env;
const tell = (_req, res) =>
  res.end(
    JSON.stringify({
      pid: process.pid,
      environment: process.env,
      token: readFileSync(
        process.env.GREENROOM_CONTROL_PLANE_TOKEN_FILE,
        'utf8',
      ),
    }),
  );
createServer(tell).listen(Number(GREENROOM_PORT), GREENROOM_HOST);
createServer((_req, res) => res.end()).listen(
  Number(GREENROOM_ADMIN_PORT),
  GREENROOM_HOST,
);
process.once('SIGTERM', () => process.exit(0));
console.log('one\ntwo\nthree');
