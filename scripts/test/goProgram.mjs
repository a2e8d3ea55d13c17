// @ts-check
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../lib/cacheFolder.mjs';
import { step } from '../lib/output.mjs';
import { run } from '../lib/run.mjs';

/**
 * A program that tests need and others publish as Go source. It is built once for each change of
 * what it is built of, and for each kind of machine, and kept outside the clone.
 *
 * @param {object} options
 * @param {string} options.name - of its folder in the cache, and of its log
 * @param {string} options.sources - folder of the go.mod and go.sum that name it
 * @param {string} options.command - its import path, whose last part is its name
 * @param {string} options.title - said while it is built, with how long that takes
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export async function ensureGoProgram({ name, sources, command, title }) {
  const folder = path.join(cacheFolder(), `${name}-${versionOf(sources)}`);
  const program = path.join(folder, path.basename(command));
  if (existsSync(program)) return program;
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  mkdirSync(folder, { recursive: true });
  // Others may build it at the same time.
  const scratch = mkdtempSync(path.join(folder, 'build-'));
  const built = path.join(scratch, 'program');
  const flags = ['-trimpath', '-ldflags=-s -w'];
  try {
    await step(title, update =>
      run('nice', ['go', 'build', ...flags, '-o', built, command], {
        cwd: sources,
        env: {
          ...process.env,
          GOFLAGS: '-mod=readonly',
          GOTMPDIR: scratch,
        },
        log: `${name}-build`,
        onLine: update,
      }),
    );
    renameSync(built, program);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return program;
}

function versionOf(sources) {
  const hash = createHash('sha256').update(
    `${process.platform}-${process.arch}`,
  );
  for (const file of ['go.mod', 'go.sum']) {
    hash.update(readFileSync(path.join(sources, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
