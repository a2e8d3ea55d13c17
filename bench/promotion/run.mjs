// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildInferenceServer } from '../../scripts/stack/parts.mjs';
import { measureInFlight } from './inFlight.mjs';
import { judgeInFlight, judgeMerges } from './judge.mjs';
import { measureMerges } from './merges.mjs';

const read = (name, fallback) => Number(process.env[name] ?? fallback);
const ROUNDS = read('ROUNDS', 10);
const PROMOTIONS = read('PROMOTIONS', 500);
const PARTS = ['merges', 'in-flight'];

const parts = process.argv.slice(2);
const unknown = parts.find(part => !PARTS.includes(part));
if (unknown) {
  console.error(`There is no part '${unknown}'; there are ${PARTS.join(', ')}`);
  process.exit(1);
}
const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-promotion-'));
const say = line => console.log(line);
let failed = true;
try {
  await buildInferenceServer();
  const isAsked = part => parts.length === 0 || parts.includes(part);
  const broken = [];
  if (isAsked('merges')) {
    const merges = await measureMerges({ directory, rounds: ROUNDS, say });
    broken.push(...report(judgeMerges(merges)));
  }
  if (isAsked('in-flight')) {
    const flight = await measureInFlight({
      directory,
      promotions: PROMOTIONS,
      say,
    });
    broken.push(...report(judgeInFlight(flight)));
  }
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
  failed = broken.length > 0;
} finally {
  if (failed) console.error(`The logs are in ${directory}.`);
  else rmSync(directory, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

function report({ lines, broken }) {
  for (const line of lines) console.log(line);
  return broken;
}
