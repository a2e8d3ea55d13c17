#!/usr/bin/env node
// @ts-check
import { cpus, loadavg } from 'node:os';
import { measureCluster } from './cluster.mjs';
import { judgeCluster, judgePasses, judgeQueue } from './judge.mjs';
import { measurePasses } from './pass.mjs';
import { measureQueue } from './queue.mjs';

const read = (name, fallback) => Number(process.env[name] ?? fallback);

const say = line => console.log(line);

/** By their names: what each measures, held against its bounds. */
const PARTS = {
  queue: async () =>
    judgeQueue(
      await measureQueue({
        queued: [100, 1_000, 10_000],
        rounds: read('ROUNDS', 200),
        say,
      }),
    ),
  pass: async () =>
    judgePasses(
      await measurePasses({
        queued: read('QUEUED', 10_000),
        passes: read('PASSES', 30),
        say,
      }),
    ),
  cluster: async () =>
    judgeCluster(
      await measureCluster({
        jobs: read('JOBS', 150),
        changes: read('CHANGES', 30),
        say,
      }),
    ),
};

const names = process.argv.slice(2);
const unknown = names.find(name => !(name in PARTS));
if (unknown) {
  console.error(
    `There is no part '${unknown}'; there are ${Object.keys(PARTS).join(', ')}`,
  );
  process.exit(1);
}
say(
  `${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(
    1,
  )}`,
);
for (const name of names.length > 0 ? names : Object.keys(PARTS)) {
  const { lines, broken } = await PARTS[name]();
  for (const line of lines) say(line);
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
  if (broken.length > 0) process.exitCode = 1;
}
