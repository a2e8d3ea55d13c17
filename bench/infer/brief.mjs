// @ts-check
import { loadModels } from './models.mjs';
import { cpuMicrosOf, runLoad } from './rounds.mjs';
import {
  CONNECTIONS,
  describeMachine,
  here,
  HEADERS,
  say,
  Stage,
  table,
} from './sides.mjs';

const RATES = [1_000, 10_000];
const MOST_API_MILLIS = 200;
const MOST_INFERENCE_MILLIS = 500;
const MOST_ERRORS = 0.001;
/** Of a rate that counts as reached: an open loop ends a little after its last request. */
const REACHED = 0.98;

/**
 * What the platform promises, held against a run: a row for each promise, with what was measured.
 *
 * @param {{ perSecond: number, requests: number, failed: number, seconds: number, p95: number, inferP95: number }[]} runs
 */
export function judge(runs) {
  const verdict = holds => (holds ? 'holds' : 'does not hold');
  return runs.flatMap(run => {
    const at = `at ${run.perSecond} requests a second`;
    const reached = run.requests / run.seconds;
    const errors = run.failed / (run.requests + run.failed);
    return [
      [
        `answered ${at}`,
        `${Math.round(reached)} req/s`,
        verdict(reached >= REACHED * run.perSecond),
      ],
      [
        `API p95 < ${MOST_API_MILLIS} ms ${at}`,
        `${run.p95.toFixed(1)} ms`,
        verdict(run.p95 < MOST_API_MILLIS),
      ],
      [
        `inference p95 < ${MOST_INFERENCE_MILLIS} ms ${at}`,
        `${run.inferP95.toFixed(1)} ms`,
        verdict(run.inferP95 < MOST_INFERENCE_MILLIS),
      ],
      [
        `errors < ${MOST_ERRORS * 100} % ${at}`,
        `${(100 * errors).toFixed(3)} %`,
        verdict(errors < MOST_ERRORS),
      ],
    ];
  });
}

/** Open loops against one process of the data plane, and the table of what was promised. */
export async function measureBrief({ seconds = 10, rates = RATES }) {
  const stage = new Stage();
  try {
    const [digits, diabetes] = await loadModels();
    const server = await stage.dataPlane({ models: [digits, diabetes] });
    const options = {
      url: `${server.url}/v2/models/${digits.model}/infer`,
      headers: HEADERS,
      bodies: digits.bodies,
      connections: CONNECTIONS,
    };
    await runLoad({ ...options, seconds: Math.min(2, seconds) });
    say(
      `${describeMachine()}; one process, digits over JSON, open loop, ${seconds} s a rate`,
    );
    const runs = [];
    for (const perSecond of rates) {
      const before = cpuMicrosOf(server.pid);
      const result = await runLoad(
        { ...options, seconds, perSecond },
        here('openLoad.mjs'),
      );
      const cpu = (cpuMicrosOf(server.pid) - before) / 1e6 / result.seconds;
      runs.push({ ...result, perSecond });
      say(
        `${perSecond} a second: p50 ${result.p50.toFixed(
          1,
        )} ms, p99 ${result.p99.toFixed(1)} ms, longest ${result.worst.toFixed(
          1,
        )} ms; the process used ${(100 * cpu).toFixed(0)} % of a core`,
      );
    }
    const rows = judge(runs);
    say(table([['promise', 'measured', ''], ...rows]));
    return rows;
  } finally {
    await stage.end();
  }
}
