// @ts-check
/**
 * Lets the demo traffic send rows that really differ from the models' baselines, for a while:
 * turned and noisy digits, and only the patients with a high body mass index.
 *
 *   npm run demo:drift [-- --seconds <how long>] [-- --off]
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fail, UserError } from '../lib/output.mjs';
import {
  endRequestedMode,
  findGenerator,
  requestMode,
} from './trafficControl.mjs';

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '300' },
      off: { type: 'boolean', default: false },
    },
  });
  if (values.off) {
    endRequestedMode();
    console.log(
      'The demo traffic goes back to rows like those of the baseline.',
    );
    return;
  }
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) {
    throw new UserError(
      `--seconds is \`${values.seconds}\`; it must be a number above 0.`,
    );
  }
  if (findGenerator() === undefined) {
    await runGenerator(seconds);
    return;
  }
  requestMode({ mode: 'drift', seconds });
  console.log(
    `The demo traffic sends shifted rows for ${seconds} s: turned and noisy digits, and only patients whose body mass index is above the 70th percentile. Monitoring shows the drift within a minute. Back to normal earlier: npm run demo:drift -- --off`,
  );
}

/** `npm start` runs no traffic here: send it from this terminal. */
async function runGenerator(seconds) {
  const traffic = fileURLToPath(new URL('traffic.mjs', import.meta.url));
  const child = spawn(
    process.execPath,
    [traffic, '--mode', 'drift', '--seconds', String(seconds)],
    { stdio: 'inherit' },
  );
  // Ctrl-C reaches the child too; wait for its last report.
  process.on('SIGINT', () => {});
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve(code ?? 1));
  });
}

main().catch(fail);
