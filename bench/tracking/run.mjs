// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { judgeTracking } from './judge.mjs';
import { measureTracking } from './measure.mjs';

const read = (name, fallback) => Number(process.env[name] ?? fallback);

const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-tracking-'));
let code = 1;
try {
  const { rows, broken } = judgeTracking(
    await measureTracking({
      directory,
      users: read('USERS', 20),
      seconds: read('SECONDS', 10),
      size: {
        runs: read('RUNS', 500),
        points: read('POINTS', 5_000),
        versions: read('VERSIONS', 100),
      },
      only: new RegExp(process.env.CASES ?? '.'),
      isAlone: process.env.ALONE !== undefined,
      say: line => console.log(line),
    }),
  );
  console.table(rows);
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
  code = broken.length > 0 ? 1 : 0;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(code);
