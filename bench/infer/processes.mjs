// @ts-check
import { availableParallelism } from 'node:os';
import { loadModels } from './models.mjs';
import { cpuMicrosOf, runLoad } from './rounds.mjs';
import { describeMachine, restSide, say, Stage, table } from './sides.mjs';

/** As many as the processors have room for beside what calls them. */
const COUNTS = [1, 2, 4, 8].filter(
  count => count === 1 || 2 * count <= availableParallelism(),
);

/** Several serving processes on one port, each number of them with as many load generators, by turns. */
export async function measureProcesses({
  seconds = 3,
  rounds = 3,
  warmUpSeconds = 2,
  counts = COUNTS.length > 1 ? COUNTS : [1, 2],
}) {
  const stage = new Stage();
  try {
    const [digits] = await loadModels();
    /** @type {{ count: number, pid: number, load: (seconds: number) => Promise<any[]>, results: { perSecond: number, cpuMicros: number, p99: number, failed: number }[] }[]} */
    const sides = [];
    for (const count of counts) {
      const server = await stage.dataPlane(
        { models: [digits], hasSecondVersion: false },
        { GREENROOM_PROCESSES: String(count) },
      );
      const { options } = restSide('', server, digits);
      const load = loaded =>
        Promise.all(
          Array.from({ length: count }, () =>
            runLoad({ ...options, seconds: loaded }),
          ),
        );
      sides.push({ count, pid: server.pid, load, results: [] });
    }
    say(
      `${describeMachine()}; digits over JSON, a load generator for each process, best of ${rounds} rounds of ${seconds} s by turns`,
    );
    if (warmUpSeconds > 0) {
      for (const { load } of sides) await load(warmUpSeconds);
    }
    for (let round = 0; round < rounds; round++) {
      for (const { pid, load, results } of sides) {
        const before = cpuMicrosOf(pid);
        const loads = await load(seconds);
        const sum = of => loads.reduce((total, one) => total + of(one), 0);
        const requests = sum(one => one.requests);
        results.push({
          perSecond: sum(one => one.requests / one.seconds),
          cpuMicros: (cpuMicrosOf(pid) - before) / requests,
          p99: Math.max(...loads.map(({ p99 }) => p99)),
          failed: sum(({ failed }) => failed),
        });
      }
    }
    const most = ({ results }) =>
      results.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
    const alone = most(sides[0]);
    const rows = sides.map(side => {
      const { perSecond, cpuMicros, p99 } = most(side);
      return [
        side.count,
        Math.round(perSecond),
        (perSecond / alone.perSecond).toFixed(2),
        cpuMicros.toFixed(1),
        p99,
        side.results.reduce((total, { failed }) => total + failed, 0),
      ];
    });
    say(
      table([
        ['processes', 'req/s', 'times one', 'CPU us/req', 'p99 ms', 'failed'],
        ...rows,
      ]),
    );
    return rows;
  } finally {
    await stage.end();
  }
}
