// @ts-check
import { parseArgs } from 'node:util';
import { measureBrief } from './brief.mjs';
import { measureGrpc } from './grpc.mjs';
import { measureMany } from './many.mjs';
import { measureParts } from './parts.mjs';
import { measurePeers } from './peers.mjs';
import { measureProcesses } from './processes.mjs';
import { measureServers } from './servers.mjs';
import { buildDataPlane } from './sides.mjs';
import { measureSoak } from './soak.mjs';

/** What can be measured. Without an option it is the data plane beside its yardsticks. */
const MODES = {
  brief: measureBrief,
  grpc: measureGrpc,
  peers: measurePeers,
  parts: measureParts,
  many: measureMany,
  processes: measureProcesses,
};

const { values } = parseArgs({
  options: {
    ...Object.fromEntries(
      Object.keys(MODES).map(name => [
        name,
        { type: /** @type {const} */ ('boolean') },
      ]),
    ),
    // For so many seconds.
    soak: { type: 'string' },
  },
});
const seconds = process.env.SECONDS ? Number(process.env.SECONDS) : undefined;
const rounds = process.env.ROUNDS ? Number(process.env.ROUNDS) : undefined;
buildDataPlane();
const { soak, ...modes } = values;
const chosen = Object.keys(modes).map(name => MODES[name]);
if (soak !== undefined) await measureSoak({ seconds: Number(soak) });
else if (chosen.length === 0) chosen.push(measureServers);
for (const measure of chosen) {
  await measure({
    ...(seconds !== undefined && { seconds }),
    ...(rounds !== undefined && { rounds }),
  });
}
