import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

interface Look {
  count: number;
  memoryBytes: number;
  cpuCores?: number;
}

const { Family } = jest.requireActual<{
  Family: new (marker: string, group?: number) => { look(): Look };
}>(
  resolvePackagePath(
    '@greenroom/plugin-ai-training-backend',
    'workers/attempt/Family.js',
  ),
);

describe('the processes of an attempt', () => {
  let program: ChildProcess | undefined;

  afterEach(() => program?.kill('SIGKILL'));

  it('says how many processors they use as it is, also when somebody has looked a moment before', async () => {
    program = spawn(process.execPath, ['-e', 'for (;;);'], {
      detached: true,
      stdio: 'ignore',
    });
    const family = new Family('GREENROOM_TEST=nobody', program.pid);
    const told: number[] = [];
    const until = performance.now() + 4_000;
    while (performance.now() < until) {
      // As for the bound of memory, and then for the status.
      family.look();
      told.push(...[family.look().cpuCores ?? []].flat());
      await pause(50);
    }
    expect(told.length).toBeGreaterThan(20);
    // One thread; the machine may have others to serve.
    expect(Math.max(...told)).toBeLessThan(1.5);
    expect(Math.min(...told)).toBeGreaterThan(0.02);
  });
});
