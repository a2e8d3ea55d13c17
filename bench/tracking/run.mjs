// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { judgeArtifact } from './artifact.mjs';
import { judgeTracking } from './judge.mjs';
import { measureTracking } from './measure.mjs';

const read = (name, fallback) => Number(process.env[name] ?? fallback);

const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-tracking-'));
let code = 1;
try {
  const { measured, artifact } = await measureTracking({
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
    ...(process.env.FULL && {
      full: { runs: 100_000, points: 10_000_000, versions: 100_000 },
    }),
    artifactMib: read('ARTIFACT_MIB', 2_048),
    say: line => console.log(line),
  });
  const { rows, broken } = judgeTracking(measured);
  console.table(rows);
  if (artifact) {
    console.table(artifact);
    broken.push(...judgeArtifact(artifact));
  }
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
  code = broken.length > 0 ? 1 : 0;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(code);
