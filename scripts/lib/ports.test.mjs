import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { findFreePort, requireFreePort } from './ports.mjs';

test('a taken port is refused with the setting that changes it', async () => {
  const port = await findFreePort();
  const server = net.createServer();
  await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));
  await assert.rejects(
    requireFreePort(port, { purpose: 'the portal', setting: 'GREENROOM_PORT' }),
    new RegExp(
      `Port ${port} \\(the portal\\) is taken.*GREENROOM_PORT=<port> npm start`,
    ),
  );
  await new Promise(resolve => server.close(resolve));
  await requireFreePort(port, {
    purpose: 'the portal',
    setting: 'GREENROOM_PORT',
  });
});
