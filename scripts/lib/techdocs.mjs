import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { step } from './output.mjs';
import { toolsDirectory } from './paths.mjs';
import { lastLines, run } from './run.mjs';

/** Renders Markdown into the portal's documentation pages. */
const GENERATOR = 'mkdocs-techdocs-core==1.7.1';

const home = path.join(toolsDirectory, 'techdocs');
const stamp = path.join(home, 'installed');

/**
 * Makes `mkdocs` available, which the portal runs when somebody opens a documentation page. A
 * machine on which that fails has no documentation pages, and everything else.
 *
 * @returns {Promise<string | undefined>} folder to put on the PATH
 */
export async function prepareTechDocs() {
  if (isInstalled()) return path.join(home, 'bin');
  try {
    await step('Installing the documentation generator', async update => {
      rmSync(home, { recursive: true, force: true });
      const options = { log: 'techdocs-install', onLine: update };
      await run('python3', ['-m', 'venv', home], options);
      const pip = path.join(home, 'bin/pip');
      await run(
        pip,
        ['install', '--disable-pip-version-check', GENERATOR],
        options,
      );
      writeFileSync(stamp, GENERATOR);
    });
  } catch (error) {
    console.warn(
      `    The portal's documentation pages will be empty; all else works. They need Python 3 with venv (Debian: apt-get install python3-venv) and the package ${GENERATOR}.\n${lastLines(
        error.message,
        5,
      )}`,
    );
    return undefined;
  }
  return path.join(home, 'bin');
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === GENERATOR;
}
