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
 * @param {string} options.command - its import path, whose last part is its name; `.` for a
 *   program of our own in `sources`
 * @param {string[]} [options.linkFlags] - to the linker, as a version that the program says
 * @param {string} options.title - said while it is built, with how long that takes
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export async function ensureGoProgram({
  name,
  sources,
  command,
  linkFlags = [],
  title,
}) {
  const version = versionOf(sources, linkFlags);
  const folder = path.join(cacheFolder(), `${name}-${version}`);
  const program = path.join(
    folder,
    command === '.' ? name : path.basename(command),
  );
  if (existsSync(program)) return program;
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  mkdirSync(folder, { recursive: true });
  // Others may build it at the same time.
  const scratch = mkdtempSync(path.join(folder, 'build-'));
  const built = path.join(scratch, 'program');
  const flags = ['-trimpath', `-ldflags=${['-s -w', ...linkFlags].join(' ')}`];
  try {
    await step(title, update =>
      run('nice', ['go', 'build', ...flags, '-o', built, command], {
        cwd: sources,
        env: {
          ...process.env,
          // Without a C compiler it is the same program.
          CGO_ENABLED: '0',
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

function versionOf(sources, linkFlags) {
  const hash = createHash('sha256').update(
    [`${process.platform}-${process.arch}`, ...linkFlags].join(' '),
  );
  for (const file of ['go.mod', 'go.sum', 'main.go']) {
    const source = path.join(sources, file);
    if (existsSync(source)) hash.update(readFileSync(source));
  }
  return hash.digest('hex').slice(0, 16);
}
