import { mockServices } from '@backstage/backend-test-utils';
import { type Loop, runLoops } from './runLoops';

describe('runLoops', () => {
  it('starts all with the plugin, and lets it end when the last has ended', async () => {
    const lifecycle = mockServices.lifecycle.mock();
    const happened: string[] = [];
    const ends: (() => void)[] = [];
    const loop = (name: string): Loop => ({
      start: () => happened.push(`${name} started`),
      async stop() {
        happened.push(`${name} stops`);
        await new Promise<void>(resolve => {
          ends.push(resolve);
        });
        happened.push(`${name} stopped`);
      },
    });

    runLoops(lifecycle, [loop('a'), loop('b')]);
    expect(happened).toEqual([]);
    await lifecycle.addStartupHook.mock.calls[0][0]();
    expect(happened.splice(0)).toEqual(['a started', 'b started']);

    const stopped = Promise.resolve(
      lifecycle.addShutdownHook.mock.calls[0][0](),
    ).then(() => happened.push('all stopped'));
    expect(happened.splice(0)).toEqual(['a stops', 'b stops']);
    ends[1]();
    await new Promise(setImmediate);
    expect(happened).toEqual(['b stopped']);
    ends[0]();
    await stopped;
    expect(happened).toEqual(['b stopped', 'a stopped', 'all stopped']);
  });
});
