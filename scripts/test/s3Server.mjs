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
import { step } from '../lib/output.mjs';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { cacheFolder } from '../lib/cacheFolder.mjs';

const sources = path.join(root, 'scripts/test/s3-server');
const PROGRAM = 'github.com/versity/versitygw/cmd/versitygw';

/**
 * Program of the S3 server that tests are run against. It is built once for each version, which
 * takes minutes, and kept outside the clone.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export async function ensureS3Server() {
  const folder = path.join(cacheFolder(), `s3-server-${versionOf()}`);
  const program = path.join(folder, 'versitygw');
  if (existsSync(program)) return program;
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  mkdirSync(folder, { recursive: true });
  // Others may build it at the same time.
  const scratch = mkdtempSync(path.join(folder, 'build-'));
  try {
    await step(
      'Building the S3 server for tests (once: 2 to 6 minutes)',
      update =>
        run(
          'nice',
          [
            'go',
            'build',
            '-trimpath',
            '-ldflags=-s -w',
            '-o',
            path.join(scratch, 'program'),
            PROGRAM,
          ],
          {
            cwd: sources,
            env: {
              ...process.env,
              GOFLAGS: '-mod=readonly',
              GOTMPDIR: scratch,
            },
            log: 's3-server-build',
            onLine: update,
          },
        ),
    );
    renameSync(path.join(scratch, 'program'), program);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return program;
}

/** Another one for each change of what it is built of, and for each kind of machine. */
function versionOf() {
  const hash = createHash('sha256').update(
    `${process.platform}-${process.arch}`,
  );
  for (const name of ['go.mod', 'go.sum']) {
    hash.update(readFileSync(path.join(sources, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
