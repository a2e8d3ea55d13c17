// Writes 10 MB of a log in each second, in lines of 1,000 bytes that say their number.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const LINE_BYTES = 1_000;
const LINES_A_TICK = 1_000;
const TICK_MILLIS = 100;
const [ticks] = process.argv.slice(2).map(Number);

const begun = performance.now();
for (let tick = 0; tick < ticks; tick++) {
  const lines = Array.from(
    { length: LINES_A_TICK },
    (_, index) =>
      `${String(tick * LINES_A_TICK + index).padEnd(LINE_BYTES - 1, '.')}\n`,
  );
  if (!process.stdout.write(lines.join('')))
    await once(process.stdout, 'drain');
  const next = begun + (tick + 1) * TICK_MILLIS;
  await sleep(Math.max(0, next - performance.now()));
}
