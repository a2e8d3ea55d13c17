// Counts, one step each 50 ms, and goes on from its checkpoint. Notes in a folder that it does, so that it is seen when
// two of one job count at once.
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [steps, place, saveMillis = '0'] = process.argv.slice(2);
// As a URL where paths are others for what runs in a pod.
const ledger = place.startsWith('file:') ? fileURLToPath(place) : place;
const job = process.env.GREENROOM_JOB_ID;
const note = text =>
  appendFileSync(path.join(ledger, 'notes'), `${job} ${text}\n`);
const counts = path.join(ledger, `${job}.counts`);
const checkpoint = path.join(process.env.GREENROOM_CHECKPOINTS ?? '', 'step');

if (existsSync(counts) && isAlive(Number(readFileSync(counts, 'utf8')))) {
  note('double');
}
writeFileSync(counts, String(process.pid));
note('begin');
// It takes its time, as who saves something large does.
process.on('SIGTERM', () => {
  note('told');
  setTimeout(() => {
    rmSync(counts, { force: true });
    process.exit(143);
  }, Number(saveMillis));
});

let step = existsSync(checkpoint)
  ? Number(readFileSync(checkpoint, 'utf8'))
  : 0;
for (; step < Number(steps); step++) {
  console.log(`step ${step}`);
  await sleep(50);
  writeFileSync(`${checkpoint}.new`, String(step + 1));
  renameSync(`${checkpoint}.new`, checkpoint);
}
note('end');
rmSync(counts);

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
