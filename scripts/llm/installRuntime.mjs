// @ts-check
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { step, UserError } from '../lib/output.mjs';
import { run } from '../lib/run.mjs';
import { runtimeSources } from './pinned.mjs';

const SCOPE = '@node-llama-cpp';
const ALTERNATIVE =
  'Run a server that speaks the API of OpenAI instead, such as Ollama or the one of llama.cpp, and make a connection of the kind openai-compatible to it.';

/** Main module of the runtime, below the folder that it is installed into. */
export const RUNTIME_MODULE = 'node_modules/node-llama-cpp/dist/index.js';

/** Builds of llama.cpp for processors alone; those for GPUs have hundreds of megabytes. */
export function buildFor(platform, arch) {
  const lock = readLock();
  const name = `${SCOPE}/${platform}-${arch}`;
  const build = lock.packages[`node_modules/${name}`];
  if (platform !== 'linux' || build === undefined) {
    throw new UserError(
      `A local model runs on Linux, on x64 and arm64; this is ${platform}-${arch}. ${ALTERNATIVE}`,
    );
  }
  return { name, version: build.version, integrity: build.integrity };
}

/**
 * Installs what runs local models. No script of a package is run, and nothing is built.
 *
 * @param {string} folder
 * @param {string} scratch
 */
export async function installRuntime(folder, scratch) {
  const build = buildFor(process.platform, process.arch);
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(path.join(runtimeSources, name), path.join(folder, name));
  }
  await step('Installing node-llama-cpp (80 MiB)', async update => {
    const npm = (args, log) =>
      run('npm', [...args, '--prefix', folder], {
        log,
        cwd: folder,
        onLine: update,
        explain: explainNpm,
      });
    await npm(
      ['ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'],
      'llm-runtime',
    );
    await npm(
      [
        'pack',
        `${build.name}@${build.version}`,
        '--ignore-scripts',
        '--pack-destination',
        scratch,
      ],
      'llm-runtime-build',
    );
    const packed = readdirSync(scratch).find(name => name.endsWith('.tgz'));
    if (packed === undefined) throw new Error('npm has packed nothing');
    const archive = path.join(scratch, packed);
    checkIntegrity(readFileSync(archive), build);
    const target = path.join(folder, 'node_modules', build.name);
    mkdirSync(target, { recursive: true });
    await run('tar', ['-xzf', archive, '-C', target, '--strip-components=1'], {
      log: 'llm-runtime-unpack',
      cwd: scratch,
    });
  });
}

/** @param {Buffer} content */
export function checkIntegrity(content, { name, version, integrity }) {
  const [algorithm] = integrity.split('-');
  const found = createHash(algorithm).update(content).digest('base64');
  if (`${algorithm}-${found}` !== integrity) {
    throw new UserError(
      `${name}@${version} is not the package that was tried: its ${algorithm} is ${found}, where ${integrity} is expected. Nothing is installed.`,
    );
  }
}

function readLock() {
  const file = path.join(runtimeSources, 'package-lock.json');
  return JSON.parse(readFileSync(file, 'utf8'));
}

function explainNpm(output) {
  if (!/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|E404/.test(output)) {
    return undefined;
  }
  return `The package registry could not be reached or does not have it: check the network, or npm's settings. ${ALTERNATIVE}`;
}
