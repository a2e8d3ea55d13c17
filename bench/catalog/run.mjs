// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { judgeCatalog } from './judge.mjs';
import { measureCatalog } from './measure.mjs';

const read = (name, fallback) => Number(process.env[name] ?? fallback);

const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-catalog-'));
let failed = true;
try {
  const measured = await measureCatalog({
    directory,
    models: read('MODELS', 10_000),
    deployed: read('DEPLOYED', 200),
    changes: read('CHANGES', 10),
    pauseSeconds: read('PAUSE_SECONDS', 10),
    say: line => console.log(line),
  });
  const { lines, broken } = judgeCatalog(measured);
  for (const line of lines) console.log(line);
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
  failed = broken.length > 0;
} finally {
  if (failed) console.error(`The logs are in ${directory}.`);
  else rmSync(directory, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
