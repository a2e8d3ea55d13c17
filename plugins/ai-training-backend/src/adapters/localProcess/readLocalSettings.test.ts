import { ConfigReader } from '@backstage/config';
import { readLocalSettings } from './readLocalSettings';

const read = (local: object | undefined, processors = 8) =>
  readLocalSettings(
    new ConfigReader({
      aiRegistry: { artifacts: { directory: '/var/lib/greenroom/artifacts' } },
      ...(local && { aiTraining: { local: { enabled: true, ...local } } }),
    }),
    processors,
  );

describe('readLocalSettings', () => {
  it('is nothing unless it is enabled, and needs nothing else', () => {
    expect(read(undefined)).toBeUndefined();
    expect(read({})).toEqual({
      directory: '/var/lib/greenroom/training',
      slots: 4,
      memoryBytes: undefined,
      python: 'python3',
      awaySeconds: 120,
    });
    expect(read({}, 1)?.slots).toBe(1);
    const alone = { aiTraining: { local: { enabled: true } } };
    expect(readLocalSettings(new ConfigReader(alone))?.directory).toBe(
      undefined,
    );
  });

  it('takes what is said', () => {
    expect(
      read({
        directory: '/data/training',
        slots: 3,
        memory: '2Gi',
        python: '/opt/python/bin/python3',
        awaySeconds: 600,
      }),
    ).toEqual({
      directory: '/data/training',
      slots: 3,
      memoryBytes: 2 * 1024 ** 3,
      python: '/opt/python/bin/python3',
      awaySeconds: 600,
    });
    expect(read({ enabled: false })).toBeUndefined();
  });

  it.each([
    [{ slots: 0 }, 'aiTraining.local.slots is 0'],
    [{ slots: 1.5 }, 'aiTraining.local.slots is 1.5'],
    [{ awaySeconds: 0 }, 'aiTraining.local.awaySeconds is 0'],
    [{ memory: 'much' }, "aiTraining.local.memory is 'much'"],
    [{ memory: '0' }, "aiTraining.local.memory is '0'"],
  ])('says what is wrong with %p', (local, message) => {
    expect(() => read(local)).toThrow(message);
  });
});
