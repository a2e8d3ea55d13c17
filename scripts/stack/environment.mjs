// @ts-check
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { dataDirectory, root } from '../lib/paths.mjs';
import { localModelsDirectory } from '../llm/pinned.mjs';

const require = createRequire(import.meta.url);

/** Program of the data plane; versions are tried with it, too. */
export const inferenceServerProgram = path.join(
  root,
  'packages/inference-server/dist/main.cjs',
);

/** Where `npm run llm:local` installs a model; it need not be there yet. */
function localModels() {
  return {
    GREENROOM_LOCAL_MODELS_DIR:
      process.env.GREENROOM_LOCAL_MODELS_DIR ?? localModelsDirectory(),
  };
}

/** Environment of the control plane: what app-config.yaml refers to. */
export function controlPlaneEnvironment(settings, secrets, databaseUrl) {
  return {
    ...process.env,
    NODE_ENV: 'production',
    GREENROOM_DATA_DIR: dataDirectory,
    GREENROOM_LISTEN_HOST: settings.listenHost,
    GREENROOM_PORT: String(settings.portalPort),
    GREENROOM_URL: settings.portalUrl,
    GREENROOM_DATABASE_URL: databaseUrl,
    GREENROOM_ENVIRONMENTS_REPOSITORY: settings.environmentsRepository,
    GREENROOM_INFERENCE_SERVER: inferenceServerProgram,
    // Passed on to the data planes that it runs itself.
    ...localModels(),
    GREENROOM_DATA_PLANE_TOKEN: secrets.dataPlane,
    GREENROOM_DEMO_TOKEN: secrets.demo,
    GREENROOM_LOCAL_TOKEN: secrets.local,
    GREENROOM_WEBHOOK_KEY: secrets.webhooks,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
  };
}

export function dataPlaneEnvironment(settings, secrets) {
  return {
    ...process.env,
    NODE_ENV: 'production',
    GREENROOM_CONTROL_PLANE_URL: `http://localhost:${settings.portalPort}`,
    GREENROOM_CONTROL_PLANE_TOKEN: secrets.dataPlane,
    GREENROOM_ENVIRONMENT: 'production',
    GREENROOM_DATA_DIR: path.join(dataDirectory, 'data-plane'),
    ...localModels(),
    GREENROOM_HOST: settings.listenHost,
    GREENROOM_PORT: String(settings.dataPlanePort),
    GREENROOM_ADMIN_PORT: String(settings.dataPlaneAdminPort),
    GREENROOM_GRPC_PORT: String(settings.dataPlaneGrpcPort),
    GREENROOM_PUBLIC_URL: settings.dataPlaneUrl,
  };
}

export function demoEnvironment(settings, secrets) {
  return {
    ...process.env,
    GREENROOM_URL: `http://localhost:${settings.portalPort}`,
    GREENROOM_DATA_PLANE_URL: `http://localhost:${settings.dataPlanePort}`,
    GREENROOM_TOKEN: secrets.demo,
    GREENROOM_DATA_DIR: dataDirectory,
    GREENROOM_ENVIRONMENTS_REPOSITORY: settings.environmentsRepository,
  };
}

/** Node arguments that make a child end with its parent. */
export const withParent = [
  '--require',
  path.join(root, 'scripts/lib/child.cjs'),
];

/**
 * Node arguments that keep the control plane small: without a limit V8 lets garbage from start-up
 * (the compiler that reads configuration schemas, above all) stay for ever.
 */
export const smallHeap = [
  `--max-old-space-size=${process.env.GREENROOM_CONTROL_PLANE_HEAP_MIB ?? 512}`,
  '--max-semi-space-size=8',
];

/** Node arguments that load TypeScript sources, as Backstage's own development server does. */
export const typescript = [
  '--enable-source-maps',
  '--require',
  require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
];

const DEMO_CONFIG = 'app-config.demo.yaml';
const OWN_CONFIG = 'app-config.local.yaml';

/**
 * Names of the configuration files, the later ones on top: what each clone sets for itself comes last.
 *
 * @param {{ ownConfig: boolean }} settings
 */
export function configFiles({ ownConfig }, folder = root) {
  return [
    'app-config.yaml',
    DEMO_CONFIG,
    ...(ownConfig && existsSync(path.join(folder, OWN_CONFIG))
      ? [OWN_CONFIG]
      : []),
  ];
}

/**
 * Those that the browser bundle is built with. What the demo sets comes from the control plane when a page is loaded.
 *
 * @param {{ ownConfig: boolean }} settings
 */
export function bundleConfigFiles(settings, folder = root) {
  return configFiles(settings, folder).filter(file => file !== DEMO_CONFIG);
}

/**
 * Arguments that name the configuration files, as seen from packages/backend and packages/app.
 *
 * @param {{ ownConfig: boolean }} settings
 */
export function configArguments(settings, folder = root) {
  return configFiles(settings, folder).flatMap(file => [
    '--config',
    `../../${file}`,
  ]);
}
