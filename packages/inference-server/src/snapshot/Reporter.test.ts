import type { SentDataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import { createLogger } from '../logger';
import { waitFor } from '../testing/waitFor';
import { Reporter } from './Reporter';

const VERSION = {
  model: 'm',
  version: 1,
  digest: 'sha256:1',
  state: 'ready' as const,
  placement: 'inline' as const,
};

it('tells at once what is loaded, and what is in memory no oftener than every ten seconds', async () => {
  const sent: SentDataPlaneReport[] = [];
  const state = { nowMillis: 60_000, models: [{ ...VERSION, inMemory: true }] };
  const reporter = new Reporter({
    client: {
      report: async report => {
        sent.push(report);
        return { known: true };
      },
    },
    describe: () => ({
      producer: 'p',
      publicUrl: 'http://localhost',
      models: state.models,
    }),
    keyUsage: { takeUsedKeys: () => [], giveBackUsedKeys: () => {} },
    onReceipt: () => {},
    intervalMillis: 60_000,
    logger: createLogger({ level: 'error', write: () => undefined }),
    now: () => state.nowMillis,
  });
  const tell = async (afterMillis: number, inMemory: boolean, version = 1) => {
    state.nowMillis += afterMillis;
    state.models = [{ ...VERSION, version, inMemory }];
    const { length } = sent;
    reporter.wake();
    await waitFor(() => sent.length > length);
    return sent.at(-1)?.models;
  };
  await reporter.start();
  expect(sent[0].models).toEqual(state.models);
  await waitFor(async () => (await tell(0, true)) === undefined);
  expect(await tell(9_000, false)).toBeUndefined();
  expect(await tell(2_000, false)).toEqual(state.models);
  expect(await tell(2_000, true)).toBeUndefined();
  // What is to be told at once takes it along.
  expect(await tell(0, true, 2)).toEqual(state.models);
  expect(await tell(20_000, true, 2)).toBeUndefined();
  await reporter.stop();
});
