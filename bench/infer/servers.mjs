// @ts-check
import { compareServers } from './compare.mjs';
import { loadModels } from './models.mjs';
import { best, medianRatio } from './rounds.mjs';
import { CONNECTIONS, describeMachine, here, say, Stage } from './sides.mjs';

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
    const rows = await compareServers(
      servers,
      models,
      { seconds, rounds, warmUpSeconds },
      describeShare,
    );
    const { records, samples } = greenroom.controlPlane.counts();
    say(
      `records that arrived at the control plane: ${records}, with ${samples} sampled rows`,
    );
    return rows;
  } finally {
    await stage.end();
  }
}

/** What of others' throughput it has by CPU time. */
function describeShare(_model, results) {
  const {
    'data plane': own,
    'bare echo': echo,
    'least server': least,
    'Fastify + onnxruntime': fastify,
  } = results;
  const percent = ratio => `${(100 * ratio).toFixed(0)} %`;
  return [
    `${percent(
      best(echo).cpuMicros / best(own).cpuMicros,
    )} of the echo's throughput per CPU second (${percent(
      medianRatio(echo, own),
    )} in the median of the rounds)`,
    `${percent(
      medianRatio(least, own),
    )} of the least server's, which itself has ${percent(
      medianRatio(echo, least),
    )} of the echo's`,
    `${medianRatio(fastify, own).toFixed(
      2,
    )} times Fastify's by CPU, ${medianRatio(own, fastify, 'perSecond').toFixed(
      2,
    )} by requests a second`,
  ].join('; ');
}
