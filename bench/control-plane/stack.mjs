// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../scripts/lib/ports.mjs';
import { startPostgres } from '../../scripts/lib/postgres.mjs';
import { smallHeap, typescript } from '../../scripts/stack/environment.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const READY_MILLIS = 180_000;

export const OWNER = 'group:default/bench';
/** Of whom reads lists and issues keys. */
export const TOKEN = 'bench-token-of-whom-reads-and-issues';
/** Of the data planes of production. */
export const DATA_PLANE_TOKEN = 'bench-token-of-the-data-planes';

const GROUP = `apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: bench
spec:
  type: team
  children: []
`;

/**
 * A database and a control plane of their own, in a folder.
 *
 * @param {string} directory
 * @param {{ settings?: object, scopes?: object[] }} [options] - `settings` are put over those of app-config;
 *   `scopes` are what the benchmark's token may do besides
 */
export async function startStack(
  directory,
  { settings = {}, scopes = [] } = {},
) {
  mkdirSync(directory, { recursive: true });
  const postgres = await startPostgres({
    directory: path.join(directory, 'postgres'),
    port: await findFreePort(15_432),
    password: 'bench',
    durable: false,
  });
  const port = await findFreePort(17_007);
  const url = `http://127.0.0.1:${port}`;
  const repository = path.join(directory, 'environments.git');
  writeFileSync(path.join(directory, 'group.yaml'), GROUP);
  const config = path.join(directory, 'app-config.json');
  writeFileSync(
    config,
    JSON.stringify(
      configOf({ directory, url, port, repository, postgres, scopes }),
    ),
  );
  const more = path.join(directory, 'app-config.more.json');
  writeFileSync(more, JSON.stringify(settings));
  const logFile = path.join(directory, 'backend.log');
  const log = openSync(logFile, 'w');
  const backend = spawn(
    process.execPath,
    [
      ...smallHeap,
      ...typescript,
      'backend.cjs',
      ...['--config', config, '--config', more],
    ],
    {
      cwd: here,
      env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn' },
      stdio: ['ignore', log, log],
    },
  );
  const stop = async () => {
    backend.kill('SIGKILL');
    await postgres.stop();
  };
  try {
    await untilReady(url, backend);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    databaseUrl: postgres.url,
    repository,
    logFile,
    pids: { controlPlane: backend.pid, database: postgres.pid },
    stop,
  };
}

function configOf({
  directory,
  url,
  port,
  repository,
  postgres,
  scopes: more,
}) {
  const token = (name, secret, scopes) => ({
    type: 'greenroom',
    options: { name, owner: OWNER, token: secret, scopes },
  });
  return {
    app: { title: 'bench', baseUrl: url },
    backend: {
      baseUrl: url,
      listen: { host: '127.0.0.1', port },
      database: {
        client: 'pg',
        connection: postgres.url,
        pluginDivisionMode: 'schema',
        knexConfig: { pool: { min: 0, max: 10 } },
      },
      auth: {
        externalAccess: [
          token('data-plane', DATA_PLANE_TOKEN, [
            { permission: 'ai-inference.snapshot.read', on: 'production/*' },
            { permission: 'ai-registry.artifact.read', on: 'production/*' },
            { permission: 'ai-monitoring.record.write', on: 'production/*' },
          ]),
          token('bench', TOKEN, [
            { permission: 'catalog.entity.read' },
            { permission: 'ai-registry.model.read' },
            { permission: 'ai-registry.model.update' },
            { permission: 'ai-inference.deployment.read' },
            { permission: 'ai-inference.key.create' },
            { permission: 'ai-inference.model.invoke', on: '*/*' },
            { permission: 'ai-monitoring.read' },
            ...more,
          ]),
        ],
      },
    },
    permission: { enabled: true },
    aiRegistry: {
      artifacts: { directory: path.join(directory, 'artifacts') },
      environments: { directory: repository },
    },
    catalog: {
      rules: [{ allow: ['Group', 'Resource', 'User'] }],
      // As in app-config.yaml.
      processingInterval: { minutes: 30 },
      locations: [{ type: 'file', target: path.join(directory, 'group.yaml') }],
    },
  };
}

async function untilReady(url, backend) {
  const end = Date.now() + READY_MILLIS;
  for (;;) {
    const answer = await fetch(`${url}/.backstage/health/v1/readiness`).catch(
      () => undefined,
    );
    if (answer?.ok) return;
    if (Date.now() > end || backend.exitCode !== null) {
      throw new Error('the control plane did not start: see backend.log');
    }
    await sleep(250);
  }
}
