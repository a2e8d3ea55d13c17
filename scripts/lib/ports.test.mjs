// @ts-check
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { findFreePort, requireFreePorts } from './ports.mjs';

async function occupy(t) {
  const server = net.createServer();
  const port = await findFreePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return port;
}

test('all taken ports are named at once, with a command that goes around them', async t => {
  const portal = {
    port: await occupy(t),
    purpose: 'the portal',
    setting: 'GREENROOM_PORT',
  };
  const database = {
    port: await occupy(t),
    purpose: 'the database',
    setting: 'GREENROOM_DATABASE_PORT',
  };
  const free = {
    port: await findFreePort(),
    purpose: 'nothing',
    setting: 'GREENROOM_FREE_PORT',
  };
  await assert.rejects(
    requireFreePorts([portal, free, database]),
    (/** @type {Error} */ error) => {
      const { message } = error;
      assert.match(
        message,
        new RegExp(
          `port ${portal.port} \\(the portal\\), port ${database.port} \\(the database\\)`,
        ),
      );
      const command = message.match(
        /GREENROOM_PORT=(\d+) GREENROOM_DATABASE_PORT=(\d+) npm start/,
      );
      assert.ok(command);
      assert.notEqual(Number(command[1]), portal.port);
      assert.doesNotMatch(message, /GREENROOM_FREE_PORT/);
      return true;
    },
  );
  await requireFreePorts([free]);
});
