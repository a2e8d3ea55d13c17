// @ts-check
import path from 'node:path';
import { bold, dim, fail, step } from '../lib/output.mjs';
import { dataDirectory } from '../lib/paths.mjs';
import { requireFreePorts } from '../lib/ports.mjs';
import { loadSecrets } from '../lib/secrets.mjs';
import { createSupervisor, untilHealthy } from '../lib/supervisor.mjs';
import { yarnPath } from '../lib/toolchain.mjs';
import { openDatabase } from './database.mjs';
import {
  configArguments,
  controlPlaneEnvironment,
  dataPlaneEnvironment,
  inferenceServerProgram,
  withParent,
} from './environment.mjs';
import { buildInferenceServer, controlPlaneHealthUrl } from './parts.mjs';
import { portsOf, readSettings } from './settings.mjs';

const supervisor = createSupervisor();
let database;
let stopping;

function stop() {
  stopping ??= (async () => {
    console.log('\nStopping …');
    await supervisor.stop();
    await database?.stop();
    console.log('Stopped.');
    process.exit(0);
  })();
}

/** The stack with hot reload: each part restarts, or reloads in the browser, when its sources change. */
async function main() {
  const settings = readSettings();
  const secrets = loadSecrets();
  const portalUrl = `http://${settings.host}:${settings.portalDevPort}`;
  await requireFreePorts([
    ...portsOf(settings),
    {
      port: settings.portalDevPort,
      purpose: 'the portal with hot reload',
      setting: 'GREENROOM_PORTAL_DEV_PORT',
    },
  ]);

  console.log(bold('\nGreenroom, with hot reload\n'));
  database = await openDatabase(settings, secrets);
  const env = {
    ...controlPlaneEnvironment(settings, secrets, database.url),
    NODE_ENV: 'development',
    // The browser loads the portal from another port than the API.
    APP_CONFIG_app_baseUrl: JSON.stringify(portalUrl),
    APP_CONFIG_backend_cors_origin: JSON.stringify(portalUrl),
  };
  // First, since the control plane runs data planes of this program itself.
  await buildInferenceServer();
  const controlPlane = supervisor.start({
    name: 'control plane',
    command: process.execPath,
    args: [
      ...withParent,
      yarnPath,
      'workspace',
      'backend',
      'start',
      ...configArguments(settings),
    ],
    env,
  });
  const portal = supervisor.start({
    name: 'portal',
    command: process.execPath,
    args: [
      ...withParent,
      yarnPath,
      'workspace',
      'app',
      'start',
      ...configArguments(settings),
    ],
    env,
  });
  supervisor.start({
    name: 'inference server build',
    command: process.execPath,
    args: [...withParent, 'packages/inference-server/build.mjs', '--watch'],
    env: process.env,
  });
  supervisor.start({
    name: 'inference server',
    command: process.execPath,
    args: [
      ...withParent,
      '--watch',
      '--enable-source-maps',
      inferenceServerProgram,
    ],
    env: dataPlaneEnvironment(settings, secrets),
  });
  await step('Starting the control plane', update =>
    untilHealthy({
      name: 'The control plane',
      url: controlPlaneHealthUrl(settings),
      child: controlPlane,
      onWait: update,
    }),
  );
  await step('Bundling the portal', update =>
    untilHealthy({
      name: 'The portal',
      url: portalUrl,
      child: portal,
      onWait: update,
    }),
  );
  console.log(`
  Portal ${bold(portalUrl)}, API ${settings.portalUrl}/api, inference server ${
    settings.dataPlaneUrl
  }
  ${dim(
    `The demo is loaded by \`npm start\`; its data is shared. Logs: ${path.relative(
      process.cwd(),
      dataDirectory,
    )}/logs. Stop with Ctrl-C.`,
  )}
`);
}

process.on('SIGINT', stop);
process.on('SIGTERM', stop);
process.on('SIGHUP', stop);

main().catch(async error => {
  if (stopping) return;
  await supervisor.stop();
  await database?.stop();
  fail(error);
});
