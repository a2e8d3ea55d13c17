// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { DrillStack } from '../../scripts/drills/lib/DrillStack.mjs';
import { untilPeopleAreKnown } from '../../scripts/drills/lib/untilPeopleAreKnown.mjs';
import { someAtOnce } from '../../scripts/drills/training/GpuNodes.mjs';
import { CLUSTER } from '../../scripts/drills/training/TrainingStage.mjs';

const TEMPLATE = 'gpu-ml-platform';
const LOOK_MILLIS = 10;
const PATIENCE_MILLIS = 120_000;
/** Longer than the benchmark: nothing ends by itself. */
const RUN_SECONDS = 3_600;
const [jobs, changes] = process.argv.slice(2).map(Number);

async function main() {
  const say = line => process.send?.({ line });
  const stack = await DrillStack.start({
    training: true,
    simulatedGpus: true,
    // Room for all of them.
    smoke: jobs <= 10,
    demo: false,
  });
  try {
    await untilPeopleAreKnown(stack);
    const grace = stack.as('grace');
    const nodes = stack.training?.gpuNodes;
    if (!nodes) throw new Error('expected simulated nodes');
    const submit = (seconds, requestId) =>
      grace.insist('/ai-training/jobs', {
        method: 'POST',
        body: {
          template: TEMPLATE,
          parameters: { seconds },
          backend: CLUSTER,
          requestId,
        },
      });
    // Whatever is done once is done.
    await untilCreated(nodes, (await submit(0, 'warm')).id);
    const begun = performance.now();
    const asked = new Map();
    const numbers = Array.from({ length: jobs }, (_, index) => index);
    await someAtOnce(numbers, async index => {
      const at = performance.now();
      const { id } = await submit(RUN_SECONDS, `bench-${index}`);
      asked.set(id, at);
    });
    const submitSeconds = (performance.now() - begun) / 1_000;
    const createdMillis = [];
    for (const [id, at] of asked) {
      createdMillis.push((await untilCreated(nodes, id)) - at);
    }
    const createdSeconds =
      (Math.max(...[...asked.keys()].map(id => createdAt(nodes, id) ?? 0)) -
        begun) /
      1_000;
    say(`${jobs} jobs have their Jobs after ${createdSeconds.toFixed(1)} s.`);
    const lagMillis = [];
    for (const id of [...asked.keys()].slice(0, changes)) {
      lagMillis.push(await measureLag({ grace, nodes, id }));
    }
    process.send?.({
      result: { jobs, submitSeconds, createdSeconds, createdMillis, lagMillis },
    });
  } finally {
    await stack.stop();
  }
}

function createdAt(nodes, id) {
  return nodes.createdMillis.get(`training-${id}-1`);
}

async function untilCreated(nodes, id) {
  const endMillis = performance.now() + PATIENCE_MILLIS;
  for (;;) {
    const at = createdAt(nodes, id);
    if (at !== undefined) return at;
    if (performance.now() > endMillis) throw new Error(`no Job of ${id}`);
    await sleep(LOOK_MILLIS);
  }
}

/** Has a job's program end, and waits until the portal says so. */
async function measureLag({ grace, nodes, id }) {
  const endMillis = performance.now() + PATIENCE_MILLIS;
  const phase = async () => {
    const job = await grace.call(`/ai-training/jobs/${id}`);
    return job.state.phase;
  };
  while ((await phase()) !== 'running') {
    if (performance.now() > endMillis) throw new Error(`${id} does not run`);
    await sleep(LOOK_MILLIS);
  }
  const toldMillis = await nodes.endNow(id);
  while ((await phase()) !== 'succeeded') {
    if (performance.now() > endMillis) throw new Error(`${id} does not end`);
    await sleep(LOOK_MILLIS);
  }
  return performance.now() - toldMillis;
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error);
    process.exit(1);
  },
);
