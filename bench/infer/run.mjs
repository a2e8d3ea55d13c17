// @ts-check
import { parseArgs } from 'node:util';
import { measureBrief } from './brief.mjs';
import { measureGrpc } from './grpc.mjs';
import { measurePeers } from './peers.mjs';
import { measureServers } from './servers.mjs';
import { buildDataPlane } from './sides.mjs';

/** What can be measured. Without an option it is the data plane beside its yardsticks. */
const MODES = {
  brief: measureBrief,
  grpc: measureGrpc,
  peers: measurePeers,
};

const { values } = parseArgs({
  options: Object.fromEntries(
    Object.keys(MODES).map(name => [name, { type: 'boolean' }]),
  ),
});
const seconds = process.env.SECONDS ? Number(process.env.SECONDS) : undefined;
const rounds = process.env.ROUNDS ? Number(process.env.ROUNDS) : undefined;
buildDataPlane();
const chosen = Object.keys(values).map(name => MODES[name]);
for (const measure of chosen.length > 0 ? chosen : [measureServers]) {
  await measure({
    ...(seconds !== undefined && { seconds }),
    ...(rounds !== undefined && { rounds }),
  });
}
