// @ts-check
import path from 'node:path';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import {
  configArguments,
  controlPlaneEnvironment,
  dataPlaneEnvironment,
  demoEnvironment,
  inferenceServerProgram,
  smallHeap,
  typescript,
  withParent,
} from './environment.mjs';

/**
 * How a part of the stack is started, whoever starts it and watches over it.
 *
 * @typedef {object} Part
 * @property {string} command
 * @property {string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {string} healthUrl - answers with a 2xx status while it works
 */

/** @returns {Part} */
export function controlPlanePart(settings, secrets, databaseUrl) {
  return {
    command: process.execPath,
    args: [
      ...withParent,
      ...smallHeap,
      ...typescript,
      'src/index.ts',
      ...configArguments(settings),
    ],
    cwd: path.join(root, 'packages/backend'),
    env: controlPlaneEnvironment(settings, secrets, databaseUrl),
    healthUrl: controlPlaneHealthUrl(settings),
  };
}

/** Answers with a 2xx status when the control plane takes requests. */
export function controlPlaneHealthUrl({ portalPort }) {
  return `http://localhost:${portalPort}/.backstage/health/v1/readiness`;
}

/** @returns {Part} */
export function dataPlanePart(settings, secrets) {
  return {
    command: process.execPath,
    args: [...withParent, '--enable-source-maps', inferenceServerProgram],
    cwd: root,
    env: dataPlaneEnvironment(settings, secrets),
    healthUrl: `http://localhost:${settings.dataPlanePort}/v2/health/live`,
  };
}

export function buildInferenceServer() {
  return run(process.execPath, ['packages/inference-server/build.mjs'], {
    cwd: root,
    log: 'inference-server-build',
  });
}

/**
 * Registers the demo models and deploys their first versions.
 *
 * @param {(line: string) => void} [onLine]
 */
export function loadDemo(settings, secrets, onLine) {
  return run(process.execPath, ['scripts/demo/load.mjs'], {
    cwd: root,
    env: demoEnvironment(settings, secrets),
    log: 'demo-load',
    onLine,
  });
}
