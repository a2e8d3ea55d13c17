// Says what it may do where it runs, and counts.
import { readFileSync, writeFileSync } from 'node:fs';

const [, capabilities] =
  /^CapEff:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
let writesRoot = true;
try {
  writeFileSync('/written', '');
} catch {
  writesRoot = false;
}
console.log(
  `contained ${JSON.stringify({
    user: process.getuid?.(),
    pid: process.pid,
    capabilities,
    writesRoot,
  })}`,
);
await import('./count.mjs');
