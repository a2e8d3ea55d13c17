// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** Starts a server in a process of its own; resolves when it is ready. */
export async function startServer(file, env, readyPath) {
  const port = await freePort();
  const adminPort = await freePort();
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env(port, adminPort) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(`${url}${readyPath}`).catch(() => undefined);
    if (answer?.ok) {
      const admin = `http://127.0.0.1:${adminPort}`;
      const own = await fetch(`${url}/metrics`);
      return {
        url,
        metricsUrl: `${own.ok ? url : admin}/metrics`,
        stop: () => child.kill('SIGTERM'),
      };
    }
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`${file} did not start`);
}
