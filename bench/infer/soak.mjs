// @ts-check
import { readFileSync } from 'node:fs';
import { loadModels } from './models.mjs';
import { runLoad } from './rounds.mjs';
import { describeMachine, restSide, say, Stage } from './sides.mjs';

const MEBIBYTE = 1024 * 1024;

function residentMebibytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return (Number(kibibytes) * 1024) / MEBIBYTE;
}

/** Full load for a long time; says each minute what memory the process has. */
export async function measureSoak({ seconds = 600, periodSeconds = 60 }) {
  const stage = new Stage();
  try {
    const models = await loadModels();
    const server = await stage.dataPlane({ models });
    say(`${describeMachine()}; full load for ${seconds} s`);
    const sizes = [];
    let failed = 0;
    for (let at = 0; at < seconds; at += periodSeconds) {
      const period = Math.min(periodSeconds, seconds - at);
      const model = models[sizes.length % models.length];
      const { options } = restSide('soak', server, model);
      const result = await runLoad({ ...options, seconds: period });
      failed += result.failed;
      sizes.push(residentMebibytes(server.pid));
      say(
        `after ${at + period} s: ${sizes.at(-1)?.toFixed(0)} MiB resident; ${
          model.model
        } ${Math.round(result.requests / result.seconds)} req/s, p99 ${
          result.p99
        } ms, ${result.failed} failed`,
      );
    }
    return { sizes, failed };
  } finally {
    await stage.end();
  }
}
