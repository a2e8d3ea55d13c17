// @ts-check
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bold, dim, fail, UserError } from '../../lib/output.mjs';
import { root } from '../../lib/paths.mjs';
import { pack } from '../../pack/main.mjs';
import { publicPackages, tarballName } from '../../pack/publicPackages.mjs';
import { findChromium } from '../../test/chromium.mjs';
import { Invariants } from '../lib/Invariants.mjs';
import { PackedRegistry } from './PackedRegistry.mjs';
import { play } from './story.mjs';
import { missingEntries } from './tarball.mjs';

/**
 * Adds Greenroom to a fresh Backstage app of each frontend system as
 * `docs/how-to/add-to-an-existing-backstage.md` says, from the packed tarballs, and sees whether it
 * works there:
 *
 *     npm run drill:foreign-backstage                     twenty minutes
 *     npm run drill:foreign-backstage -- --packed --old   with the tarballs of the last time, one app only
 */
async function main() {
  const invariants = new Invariants();
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'greenroom-foreign-'));
  // The database server may run as another user.
  chmodSync(scratch, 0o755);
  const undo = [];
  process.once('SIGTERM', () => stopAll(undo).finally(() => process.exit(1)));
  try {
    await playAll({ invariants, scratch, undo });
  } finally {
    await stopAll(undo);
    if (process.env.GREENROOM_DRILL_KEEP) {
      console.log(dim(`  Logs and pictures are kept in ${scratch}`));
    } else {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  const { held, broken } = invariants;
  console.log(`\n${held} passed, ${broken} failed`);
  process.exit(broken > 0 ? 1 : 0);
}

async function playAll({ invariants, scratch, undo }) {
  const chosen = process.argv.find(argument => /^--(new|old)$/.test(argument));
  /** @type {import('./freshApp.mjs').FrontendSystem[]} */
  const systems =
    chosen === undefined
      ? ['new', 'old']
      : [chosen === '--new' ? 'new' : 'old'];
  const program = await findChromium();
  if (!program) {
    throw new UserError(
      'This drill opens pages in Chromium and found none: install it, or set GREENROOM_CHROMIUM to its program.',
    );
  }
  const packed = path.join(root, '.cache/pack');
  if (!process.argv.includes('--packed') || !existsSync(packed)) {
    await pack(packed);
  }
  const missing = publicPackages().flatMap(({ name }) =>
    missingEntries(path.join(packed, tarballName(name))).map(
      entry => `${entry} of ${name}`,
    ),
  );
  invariants.check(
    'every tarball has what its manifest names',
    missing.length === 0,
    missing.join(', '),
  );
  const registry = await new PackedRegistry(packed).start();
  undo.push(() => registry.stop());
  const env = commandEnvironment({ scratch, registry });
  for (const system of systems) {
    console.log(bold(`\nIn an app of the ${system} frontend system`));
    const undoStory = [];
    undo.push(() => stopAll(undoStory));
    await play({
      system,
      program,
      invariants,
      registry,
      env,
      scratch: path.join(scratch, system),
      undo: undoStory,
    });
    await stopAll(undoStory);
  }
}

/** In the order that is right: the newest first. */
async function stopAll(undo) {
  for (const stop of undo.splice(0).reverse()) await stop();
}

/** What a reader has before the page begins: Yarn, and the packages at a registry. */
function commandEnvironment({ scratch, registry }) {
  const npmrc = path.join(scratch, 'npmrc');
  writeFileSync(npmrc, `@greenroom:registry=${registry.url}/\n`);
  return {
    ...process.env,
    PATH: `${makeYarn(scratch)}${path.delimiter}${process.env.PATH}`,
    NPM_CONFIG_GLOBALCONFIG: npmrc,
    YARN_ENABLE_TELEMETRY: '0',
    // A fresh lock file is allowed to change, in CI too.
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    // Publish dates in a registry mirror are not the real ones.
    YARN_NPM_MINIMAL_AGE_GATE: '0',
    // Yarn 4.13 on Node 24 ends with an error of its HTTP client where it asks something again.
    YARN_HTTP_RETRY: '0',
  };
}

function makeYarn(scratch) {
  const folder = mkdtempSync(path.join(scratch, 'bin-'));
  const yarn = path.join(root, '.yarn/releases/yarn-4.13.0.cjs');
  const program = path.join(folder, 'yarn');
  writeFileSync(program, `#!/bin/sh\nexec node '${yarn}' "$@"\n`);
  chmodSync(program, 0o755);
  return folder;
}

console.log(bold('\nGreenroom in a foreign Backstage'));
main().catch(fail);
