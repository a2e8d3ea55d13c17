// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../scripts/lib/ports.mjs';

const READY_MILLIS = 300_000;

/**
 * MLflow's own server over a database of its own.
 *
 * @param {{ python: string, databaseUrl: string, directory: string }} options
 */
export async function startMlflow({ python, databaseUrl, directory }) {
  mkdirSync(directory, { recursive: true });
  const port = await findFreePort(15_000);
  const logFile = path.join(directory, 'mlflow.log');
  const log = openSync(logFile, 'w');
  const server = spawn(
    python,
    [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1'],
      ...['--port', String(port)],
      '--backend-store-uri',
      databaseUrl.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:'),
      ...['--artifacts-destination', path.join(directory, 'artifacts')],
    ],
    {
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
      stdio: ['ignore', log, log],
      detached: true,
    },
  );
  const url = `http://127.0.0.1:${port}`;
  const stop = () => {
    // Its workers are processes of its group.
    if (server.pid && server.exitCode === null) process.kill(-server.pid);
  };
  const end = Date.now() + READY_MILLIS;
  for (;;) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return { url, stop };
    if (Date.now() > end || server.exitCode !== null) {
      stop();
      throw new Error(`MLflow's server did not start: see ${logFile}`);
    }
    await sleep(500);
  }
}
