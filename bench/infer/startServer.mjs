// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Some servers take their time: a minute in all. */
const MOST_ATTEMPTS = 1_200;

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

/**
 * Starts a server in a process of its own; resolves when it is ready.
 *
 * @param {string} file
 * @param {(port: number, adminPort: number, grpcPort: number) => Record<string, string>} env
 * @param {string} readyPath
 * @param {string[]} [command] - what runs the file, and what goes before it
 */
export async function startServer(
  file,
  env,
  readyPath,
  [program, ...before] = [process.execPath],
) {
  const port = await freePort();
  const adminPort = await freePort();
  const grpcPort = await freePort();
  const child = spawn(program, [...before, file], {
    env: { ...process.env, ...env(port, adminPort, grpcPort) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`${url}${readyPath}`).catch(() => undefined);
    if (answer?.ok) {
      const admin = `http://127.0.0.1:${adminPort}`;
      const own = await fetch(`${url}/metrics`);
      return {
        url,
        grpcAddress: `127.0.0.1:${grpcPort}`,
        metricsUrl: `${own.ok ? url : admin}/metrics`,
        pid: child.pid ?? 0,
        stop: () => child.kill('SIGTERM'),
      };
    }
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`${file} did not start`);
}
