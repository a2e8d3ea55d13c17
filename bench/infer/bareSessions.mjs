// @ts-check
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// Runs one session, and many of the same model in turn, with nothing else in the process: what the second takes
// more is the runtime's and the processor's memory.
const { file, bodies, count, rounds, runs } = JSON.parse(
  await text(process.stdin),
);
/** As the data plane opens them. */
const OPTIONS = /** @type {InferenceSession.SessionOptions} */ ({
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
});

const bytes = readFileSync(file);
const sessions = [];
for (let i = 0; i < count; i++) {
  sessions.push(await InferenceSession.create(bytes, OPTIONS));
}
const rows = bodies.map(body => JSON.parse(body).inputs[0]);

async function microsOfRun(among) {
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) {
    const { name, data, shape } = rows[i % rows.length];
    const session = sessions[i % among];
    await session.run(
      { [name]: new Tensor('float32', Float32Array.from(data), shape) },
      session.outputNames,
    );
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

/** @type {{ one: number[], many: number[] }} */
const micros = { one: [], many: [] };
await microsOfRun(1);
await microsOfRun(count);
for (let round = 0; round < rounds; round++) {
  micros.one.push(await microsOfRun(1));
  micros.many.push(await microsOfRun(count));
}
const least = values => Math.min(...values);
const ratios = micros.many
  .map((value, i) => value / micros.one[i])
  .sort((a, b) => a - b);
process.stdout.write(
  JSON.stringify({
    one: least(micros.one),
    many: least(micros.many),
    ratio: ratios[ratios.length >> 1],
  }),
);
