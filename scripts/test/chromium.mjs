// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { step } from '../lib/output.mjs';
import { run } from '../lib/run.mjs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Program of an installed Chromium; on Debian, root gets one installed. */
export async function findChromium() {
  const found = installed();
  if (found || process.getuid?.() !== 0 || !hasApt()) return found;
  await step('Installing Chromium', async update => {
    await run('apt-get', ['update'], { log: 'apt-update', onLine: update });
    await run(
      'apt-get',
      [
        'install',
        '--yes',
        '--no-install-recommends',
        'chromium',
        'fonts-dejavu-core',
      ],
      {
        log: 'apt-install',
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        onLine: update,
      },
    );
  });
  return installed();
}

function installed() {
  return [process.env.GREENROOM_CHROMIUM, ...PLACES].find(
    file => file && existsSync(file),
  );
}

function hasApt() {
  return spawnSync('apt-get', ['--version']).status === 0;
}
