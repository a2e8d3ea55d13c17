// @ts-check
import { loadModels } from './models.mjs';
import { best, medianRatio, takeTurns } from './rounds.mjs';
import {
  CONNECTIONS,
  describeMachine,
  here,
  restSide,
  say,
  Stage,
  table,
} from './sides.mjs';

/** Share of requests for a second version, as during a rollout. */
const CANARY_PERCENT = Number(process.env.CANARY_PERCENT ?? 0);
/** Far more than anybody sends: what the limits cost is measured, and not that they bite. */
const REQUEST_LIMITS = {
  requestsPerSecond: 1_000_000,
  requestsInFlight: 10_000,
  rowsPerMinute: 1_000_000_000,
  mode: 'soft',
};

/** The data plane beside a bare echo and a plain Fastify server, with the same bodies in the same run. */
export async function measureServers({
  seconds = 2,
  rounds = 9,
  warmUpSeconds = 2,
}) {
  const stage = new Stage();
  try {
    const models = await loadModels();
    const common = { models, canaryPercent: CANARY_PERCENT };
    const greenroom = await stage.dataPlane(common);
    const served = port => ({
      PORT: String(port),
      MODELS: JSON.stringify(
        models.map(({ model, file }) => ({ model, file })),
      ),
    });
    const servers = {
      'data plane': greenroom,
      'with key limits': await stage.dataPlane({
        ...common,
        requestLimits: REQUEST_LIMITS,
      }),
      'bare echo': await stage.echo(),
      'least server': await stage.server(
        here('leastServer.mjs'),
        served,
        '/metrics',
      ),
      'Fastify + onnxruntime': await stage.server(
        here('fastifyServer.mjs'),
        served,
        '/metrics',
      ),
    };
    say(
      `${describeMachine()}; ${CONNECTIONS} connections, best of ${rounds} rounds of ${seconds} s by turns`,
    );
    const rows = [];
    const notes = [];
    for (const model of models) {
      const results = await takeTurns(
        Object.entries(servers).map(([name, server]) =>
          restSide(name, server, model),
        ),
        { seconds, rounds, warmUpSeconds },
      );
      for (const [name, all] of Object.entries(results)) {
        const { perSecond, cpuMicros, p50, p99 } = best(all);
        const failed = all.reduce((sum, round) => sum + round.failed, 0);
        rows.push([
          model.model,
          name,
          perSecond,
          cpuMicros.toFixed(1),
          p50,
          p99,
          failed,
        ]);
      }
      const { 'data plane': own, 'bare echo': echo } = results;
      const fastify = results['Fastify + onnxruntime'];
      const least = results['least server'];
      const ofBest = best(echo).cpuMicros / best(own).cpuMicros;
      const ofMedian = medianRatio(echo, own);
      notes.push(
        `${model.model}: ${(100 * ofBest).toFixed(
          0,
        )} % of the echo's throughput per CPU second (${(
          100 * ofMedian
        ).toFixed(0)} % in the median of the rounds; ${(
          100 * medianRatio(least, own)
        ).toFixed(0)} % of what the least server does, which itself does ${(
          100 * medianRatio(echo, least)
        ).toFixed(0)} % of the echo), ${medianRatio(fastify, own).toFixed(
          2,
        )} times Fastify's by CPU, ${medianRatio(
          own,
          fastify,
          'perSecond',
        ).toFixed(2)} by requests a second`,
      );
    }
    say(
      table([
        [
          'model',
          'server',
          'req/s',
          'CPU us/req',
          'p50 ms',
          'p99 ms',
          'failed',
        ],
        ...rows,
      ]),
    );
    for (const note of notes) say(note);
    const { records, samples } = greenroom.controlPlane.counts();
    say(
      `records that arrived at the control plane: ${records}, with ${samples} sampled rows`,
    );
    return rows;
  } finally {
    await stage.end();
  }
}
