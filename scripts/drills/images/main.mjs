// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bold, fail, step, UserError } from '../../lib/output.mjs';
import { root } from '../../lib/paths.mjs';
import { findFreePort } from '../../lib/ports.mjs';
import { startPostgres } from '../../lib/postgres.mjs';
import { Invariants } from '../lib/Invariants.mjs';
import { findEngine, runArguments } from './engine.mjs';

const TARGETS = ['data-plane', 'control-plane'];
const START_MILLIS = 180_000;
const STOP_SECONDS = 40;
const COMPOSE = path.join(root, 'deploy/compose');
const CONFIGS = [
  '/greenroom/app-config.yaml',
  '/greenroom/app-config.production.yaml',
  '/etc/greenroom/app-config.compose.yaml',
].flatMap(file => ['--config', file]);

/**
 * Builds both images as the how-to does, and starts them as the compose file does: the database is migrated, the
 * control plane serves, and the data plane follows it, as a user without rights and with nothing writable.
 */
async function main() {
  const engine = findEngine(process.env);
  const tag = process.env.GREENROOM_DRILL_TAG ?? 'drill';
  const images = Object.fromEntries(
    TARGETS.map(target => [target, `localhost/greenroom-${target}:${tag}`]),
  );
  console.log(bold(`\nThe images, built and started by ${engine[0]}`));
  if (!process.env.GREENROOM_DRILL_BUILT) {
    for (const target of TARGETS) {
      await step(`Building ${target} (5 to 15 minutes)`, () =>
        build(engine, { target, image: images[target] }),
      );
    }
  }
  const invariants = new Invariants();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-images-'));
  // The database server may run as another user, and so do containers.
  chmodSync(folder, 0o755);
  try {
    for (const target of TARGETS) {
      invariants.say(`${target}: ${sizeOf(engine, images[target])} MB`);
    }
    await play({ engine, images, folder, invariants });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${invariants.held} passed, ${invariants.broken} failed`);
  process.exit(invariants.broken > 0 ? 1 : 0);
}

function build(engine, { target, image }) {
  const base = process.env.GREENROOM_NODE_IMAGE;
  return run(engine, [
    'build',
    '--file',
    path.join(root, 'deploy/containers/Dockerfile'),
    '--target',
    target,
    '--tag',
    image,
    ...(base ? ['--build-arg', `NODE_IMAGE=${base}`] : []),
    ...optionsOf('GREENROOM_CONTAINER_BUILD_OPTIONS'),
    root,
  ]);
}

async function play({ engine, images, folder, invariants }) {
  const password = randomBytes(16).toString('hex');
  const token = randomBytes(32).toString('hex');
  const secret = (name, text) => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o444 });
    return file;
  };
  const secrets = {
    '/run/secrets/database-password': secret('database-password', password),
    '/run/secrets/data-plane-token': secret('data-plane-token', token),
    '/run/secrets/github-client-secret': secret('client-secret', 'none'),
  };
  const [databasePort, port, http, admin, grpc] = await freePorts(5);
  const database = await startPostgres({
    directory: path.join(folder, 'postgres'),
    port: databasePort,
    password,
    durable: false,
  });
  const user = new URL(database.url);
  const url = `http://127.0.0.1:${port}`;
  const controlPlane = operands => ({
    name: `greenroom-drill-control-plane-${process.pid}`,
    image: images['control-plane'],
    mounts: {
      ...secrets,
      '/etc/greenroom/app-config.compose.yaml': path.join(
        COMPOSE,
        'app-config.compose.yaml',
      ),
    },
    variables: {
      GREENROOM_URL: url,
      GREENROOM_PORT: String(port),
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: String(databasePort),
      POSTGRES_USER: decodeURIComponent(user.username),
      POSTGRES_DATABASE: user.pathname.slice(1),
      AUTH_GITHUB_CLIENT_ID: 'none',
    },
    operands: [...CONFIGS, ...operands],
    extra: optionsOf('GREENROOM_CONTAINER_RUN_OPTIONS'),
  });
  const started = [];
  try {
    const migration = start(engine, controlPlane(['--migrate-only']));
    invariants.check(
      'the database is migrated by a container that ends',
      (await migration.ended) === 0,
      migration.lastWords(),
    );
    const portal = start(engine, controlPlane([]));
    started.push(portal);
    invariants.check(
      'the control plane serves the portal',
      (await answers(`${url}/.backstage/health/v1/readiness`, portal)) &&
        (await textOf(`${url}/`)).includes('<html'),
      portal.lastWords(),
    );
    const server = start(engine, {
      name: `greenroom-drill-data-plane-${process.pid}`,
      image: images['data-plane'],
      mounts: {
        '/run/secrets/data-plane-token':
          secrets['/run/secrets/data-plane-token'],
      },
      variables: {
        GREENROOM_ENVIRONMENT: 'production',
        GREENROOM_CONTROL_PLANE_URL: url,
        GREENROOM_CONTROL_PLANE_TOKEN_FILE: '/run/secrets/data-plane-token',
        GREENROOM_PUBLIC_URL: `http://127.0.0.1:${http}`,
        GREENROOM_PORT: String(http),
        GREENROOM_ADMIN_PORT: String(admin),
        GREENROOM_GRPC_PORT: String(grpc),
      },
      extra: optionsOf('GREENROOM_CONTAINER_RUN_OPTIONS'),
    });
    started.push(server);
    invariants.check(
      'the data plane follows the control plane, and is ready',
      await answers(`http://127.0.0.1:${admin}/v2/health/ready`, server),
      server.lastWords(),
    );
    const refused = await fetch(
      `http://127.0.0.1:${http}/v2/models/digits/infer`,
      {
        method: 'POST',
        body: '{}',
      },
    );
    invariants.check(
      'who has no key is told so',
      refused.status === 401,
      `status ${refused.status}`,
    );
    for (const container of [portal, server]) {
      checkInside(engine, container, invariants);
    }
    for (const container of started.splice(0).reverse()) {
      await stopInOrder(engine, container, invariants);
    }
  } finally {
    for (const { name } of started) {
      spawnSync(engine[0], [...engine.slice(1), 'rm', '--force', name]);
    }
    await database.stop();
    for (const name of ['control-plane', 'data-plane']) {
      const volume = `greenroom-drill-${name}-${process.pid}`;
      spawnSync(engine[0], [...engine.slice(1), 'volume', 'rm', volume]);
    }
  }
}

function checkInside(engine, { name }, invariants) {
  const inside = command =>
    spawnSync(
      engine[0],
      [...engine.slice(1), 'exec', name, 'sh', '-c', command],
      {
        encoding: 'utf8',
      },
    );
  const user = inside('id -u').stdout.trim();
  invariants.check(`${name} runs as nobody's user`, user === '65532', user);
  invariants.check(
    `${name} cannot write what it is made of`,
    inside('touch /greenroom/x').status !== 0 &&
      inside('touch /var/lib/greenroom/x').status === 0,
  );
}

async function stopInOrder(engine, container, invariants) {
  const { name, ended } = container;
  spawnSync(engine[0], [
    ...engine.slice(1),
    'stop',
    '--time',
    String(STOP_SECONDS),
    name,
  ]);
  const code = await ended;
  invariants.check(
    `${name} ends in order when it is told to`,
    code === 0,
    code === 0 ? '' : `exit code ${code}: ${container.lastWords()}`,
  );
}

function start(engine, container) {
  const child = spawn(
    engine[0],
    [...engine.slice(1), ...runArguments(container)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let log = '';
  const keep = chunk => {
    log = (log + chunk).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const state = { hasEnded: false };
  const ended = new Promise(resolve =>
    child.once('close', code => {
      state.hasEnded = true;
      resolve(code);
    }),
  );
  return {
    name: container.name,
    ended,
    hasEnded: () => state.hasEnded,
    lastWords: () => log.trim().split('\n').slice(-2).join(' | ').slice(-300),
  };
}

async function answers(url, { hasEnded }) {
  const endMillis = Date.now() + START_MILLIS;
  while (Date.now() < endMillis && !hasEnded()) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(500);
  }
  return false;
}

async function textOf(url) {
  return (await fetch(url)).text();
}

async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) ports.add(await findFreePort());
  return [...ports];
}

function sizeOf(engine, image) {
  const { stdout } = spawnSync(
    engine[0],
    [...engine.slice(1), 'image', 'inspect', '--format', '{{.Size}}', image],
    { encoding: 'utf8' },
  );
  return Math.round(Number(stdout) / 1e6);
}

function optionsOf(variable) {
  return (process.env[variable] ?? '').split(/\s+/).filter(Boolean);
}

function run(engine, words) {
  return new Promise((resolve, reject) => {
    const child = spawn(engine[0], [...engine.slice(1), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    const keep = chunk => {
      log = (log + chunk).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', code =>
      code === 0
        ? resolve(undefined)
        : reject(
            new UserError(
              `${engine[0]} ${words[0]} failed:\n${log
                .trim()
                .split('\n')
                .slice(-15)
                .join('\n')}`,
            ),
          ),
    );
  });
}

main().catch(fail);
