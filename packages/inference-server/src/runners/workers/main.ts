import { parentPort } from 'node:worker_threads';
import type { OnnxRunner } from '../onnx/OnnxRunner';
import { openOnnx } from '../onnx/openOnnx';
import { startRuntime } from '../onnx/openSession';
import type { Order, OpenedModel, Reply, RunResult } from './messages';
import { packTensors } from './packTensors';
import { toPlainError } from './plainErrors';

/**
 * The program of a worker thread: opens, runs and frees models, one order after the other. It ends
 * when it is told to and never while a model runs, since the runtime cannot be stopped midway.
 */
const port = parentPort;
if (port === null) {
  throw new Error('expected to be started as a worker thread');
}

const runners = new Map<number, OnnxRunner>();
let last: Promise<unknown> = startRuntime();

function find(model: number): OnnxRunner {
  const runner = runners.get(model);
  if (runner === undefined) throw new Error(`there is no model ${model} here`);
  return runner;
}

async function open({
  model,
  file,
}: Extract<Order, { kind: 'open' }>): Promise<OpenedModel> {
  const { runner, ...facts } = await openOnnx(file);
  runners.set(model, runner);
  const { signature, rowWise, dimensions, worked } = runner;
  return { signature, rowWise, dimensions, worked, ...facts };
}

async function run(order: Extract<Order, { kind: 'run' }>): Promise<RunResult> {
  const runner = find(order.model);
  const startedMillis = performance.now();
  const outputs = await runner.run(order);
  return { outputs, millis: performance.now() - startedMillis };
}

async function release(model: number): Promise<undefined> {
  const runner = find(model);
  runners.delete(model);
  await runner.release();
}

async function answer(
  order: Order,
): Promise<{ reply: Reply; moved: ArrayBuffer[] } | undefined> {
  switch (order.kind) {
    case 'open':
      return { reply: { ok: true, result: await open(order) }, moved: [] };
    case 'run': {
      const { outputs, millis } = await run(order);
      const { tensors, moved } = packTensors(outputs, { mayMove: true });
      const result = { outputs: tensors, millis };
      return { reply: { ok: true, result }, moved };
    }
    case 'release':
      return {
        reply: { ok: true, result: await release(order.model) },
        moved: [],
      };
    default:
      port!.close();
      return undefined;
  }
}

async function perform(order: Order): Promise<void> {
  try {
    const answered = await answer(order);
    if (answered) port!.postMessage(answered.reply, answered.moved);
  } catch (error) {
    const reply: Reply = { ok: false, error: toPlainError(error) };
    port!.postMessage(reply);
  }
}

port.on('message', (order: Order) => {
  last = last.then(() => perform(order));
});
