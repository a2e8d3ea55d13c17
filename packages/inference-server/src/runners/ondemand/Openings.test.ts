import { setTimeout as sleep } from 'node:timers/promises';
import { Openings } from './Openings';

/** Something that is being opened until it is told to be open. */
function opening() {
  const state = { hasBegun: false, end: () => {} };
  const ended = new Promise<void>(resolve => {
    state.end = resolve;
  });
  const open = async () => {
    state.hasBegun = true;
    await ended;
  };
  return { state, open };
}

it('tells whether another one was opened meanwhile', async () => {
  const openings = new Openings();
  const [first, second] = [opening(), opening()];
  const both = [openings.watch(first.open), openings.watch(second.open)];
  second.state.end();
  first.state.end();
  const seen = await Promise.all(both);
  expect(seen.map(({ wasAlone }) => wasAlone)).toEqual([false, false]);
  const alone = await openings.watch(async () => 'it');
  expect(alone).toEqual({ opened: 'it', wasAlone: true });
});

it('waits for its turn to be alone, also after one that failed', async () => {
  const openings = new Openings();
  const [eager, first, second] = [opening(), opening(), opening()];
  const others = [
    openings.watch(eager.open),
    openings
      .watchAlone(async () => {
        await first.open();
        throw new Error('broken');
      })
      .catch(() => undefined),
  ];
  const last = openings.watchAlone(second.open);
  await sleep(0);
  expect([first.state.hasBegun, second.state.hasBegun]).toEqual([false, false]);
  eager.state.end();
  await others[0];
  await sleep(0);
  expect([first.state.hasBegun, second.state.hasBegun]).toEqual([true, false]);
  first.state.end();
  second.state.end();
  expect(await last).toMatchObject({ wasAlone: true });
});

it('does not wait for ever for one that hangs', async () => {
  const openings = new Openings({ mostWaitMillis: 10 });
  const hung = opening();
  void openings.watchAlone(hung.open);
  const next = await openings.watchAlone(async () => 'it');
  expect(next).toEqual({ opened: 'it', wasAlone: false });
  hung.state.end();
});
