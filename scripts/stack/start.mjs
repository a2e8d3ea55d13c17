// @ts-check
import { existsSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bold, dim, fail, step, UserError } from '../lib/output.mjs';
import { dataDirectory } from '../lib/paths.mjs';
import { buildPortal } from '../lib/portal.mjs';
import { loadSecrets } from '../lib/secrets.mjs';
import { createSupervisor, untilHealthy } from '../lib/supervisor.mjs';
import { checkBeforeStart } from './checkBeforeStart.mjs';
import { openDatabase } from './database.mjs';
import {
  bundleConfigFiles,
  demoEnvironment,
  withParent,
} from './environment.mjs';
import {
  buildInferenceServer,
  controlPlanePart,
  dataPlanePart,
  loadDemo,
} from './parts.mjs';
import { readSettings } from './settings.mjs';

const LEAST_FREE_DISK_BYTES = 1024 ** 3;

const supervisor = createSupervisor();
let database;
let stopping;

/** Ends everything in the order that loses nothing: callers first, the database last. */
function stop(code = 0) {
  stopping ??= (async () => {
    console.log('\nStopping …');
    await supervisor.stop();
    await database?.stop();
    console.log('Stopped.');
    process.exit(code);
  })();
  return stopping;
}

async function main() {
  const settings = readSettings();
  const secrets = prepareDataDirectory();
  // `npm start` checked before it installed; minutes may have passed, and tests start here.
  await checkBeforeStart();

  console.log(bold('\nGreenroom\n'));
  await buildPortal(process.env, bundleConfigFiles(settings));
  await step('Building the inference server', () => buildInferenceServer());
  // First what answers callers: it needs nobody but its own snapshot.
  const dataPlane = startDataPlane(settings, secrets);
  database = await openDatabase(settings, secrets);
  await startControlPlane(settings, secrets, database.url);
  await untilDataPlaneAnswers(settings, secrets, dataPlane);
  if (settings.demo) await loadDemoOnce(settings, secrets);
  if (settings.demo && settings.demoTraffic)
    startDemoTraffic(settings, secrets);
  greet(settings);
}

function prepareDataDirectory() {
  mkdirSync(dataDirectory, { recursive: true });
  const disk = statfsSync(dataDirectory);
  if (disk.bavail * disk.bsize < LEAST_FREE_DISK_BYTES) {
    throw new UserError(
      `The disk that holds ${dataDirectory} has less than 1 GiB free. Make room, or put the data elsewhere: GREENROOM_DATA_DIR=<folder> npm start.`,
    );
  }
  return loadSecrets();
}

function startControlPlane(settings, secrets, databaseUrl) {
  const part = controlPlanePart(settings, secrets, databaseUrl);
  return step('Starting the control plane', async update => {
    const child = supervisor.start({
      name: 'control plane',
      // The inference server tells it that it stops, and hands its records over.
      stopsLast: true,
      ...part,
    });
    await untilHealthy({
      name: 'The control plane',
      url: part.healthUrl,
      child,
      onWait: update,
    });
  });
}

function startDataPlane(settings, secrets) {
  return supervisor.start({
    name: 'inference server',
    ...dataPlanePart(settings, secrets),
  });
}

function untilDataPlaneAnswers(settings, secrets, child) {
  return step('Starting the inference server', update =>
    untilHealthy({
      name: 'The inference server',
      url: dataPlanePart(settings, secrets).healthUrl,
      child,
      onWait: update,
    }),
  );
}

/** The first run only. */
async function loadDemoOnce(settings, secrets) {
  const stamp = path.join(dataDirectory, 'demo-loaded');
  if (existsSync(stamp)) return;
  await step('Loading the demo models', update =>
    loadDemo(settings, secrets, update),
  );
  writeFileSync(stamp, new Date().toISOString());
}

function startDemoTraffic(settings, secrets) {
  supervisor.start({
    name: 'demo traffic',
    command: process.execPath,
    args: [
      ...withParent,
      '--max-semi-space-size=1',
      '--max-old-space-size=64',
      'scripts/demo/traffic.mjs',
    ],
    env: demoEnvironment(settings, secrets),
  });
}

function greet({
  host,
  portalUrl,
  dataPlaneUrl,
  dataPlaneGrpcPort,
  environmentsRepository,
  demo,
}) {
  const short = file => path.relative(process.cwd(), file) || file;
  console.log(`
  ${bold('Greenroom is ready:')} ${bold(portalUrl)}

  Sign in as    ${bold('Ada')} (trains and owns the demo models) or ${bold(
    'Grace',
  )} (reviews promotions)
  Models are    served at ${dataPlaneUrl}/v2 (Open Inference Protocol; keys: ${portalUrl}/ai-inference/keys)
                and by gRPC at ${host}:${dataPlaneGrpcPort}
  Promotions    are merged in ${short(
    environmentsRepository,
  )} (clone it, push to it); dev and staging run while somebody needs them
${
  demo
    ? `
  Try first     1. As Ada, open AI registry > Handwritten digits > Version 2 and choose Promote to production.
                2. As Grace, open the promotion, read its evidence and approve it.
                3. Watch the rollout under Inference and the traffic under Monitoring.
                4. ${bold(
                  'npm run demo:drift',
                )} sends shifted data; Monitoring shows the drift within a minute.
`
    : ''
}
  ${dim(`Logs and data are in ${short(dataDirectory)}. Stop with Ctrl-C.`)}
`);
}

process.on('SIGINT', () => stop());
process.on('SIGTERM', () => stop());
// The shell that started everything is gone: nobody could stop the children any more.
process.on('SIGHUP', () => stop());

main().catch(async error => {
  if (stopping) return;
  await supervisor.stop();
  await database?.stop();
  fail(error);
});
