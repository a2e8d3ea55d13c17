import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adoptSecrets } from './adoptSecrets';

describe('adoptSecrets', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'secrets-'));
    await mkdir(join(directory, 'secrets'));
    await writeFile(join(directory, 'secrets/openai'), 'sk-1', { mode: 0o644 });
    await writeFile(join(directory, 'secrets/other'), 'sk-2');
  });
  afterEach(() => rm(directory, { recursive: true }));

  const adopt = (names: string[]) =>
    adoptSecrets({ directory, environment: 'dev', names });
  const own = join('dev', 'secrets');

  it('copies what the environment names, for its owner alone, and nothing else', async () => {
    const said = await adopt(['openai', 'absent']);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^The secret 'openai' .* was copied to .*dev.secrets/,
    );
    expect(said[0]).not.toContain('sk-1');
    expect(await readdir(join(directory, own))).toEqual(['openai']);
    const { mode } = await stat(join(directory, own, 'openai'));
    expect((mode % 0o1000).toString(8)).toBe('600');
    expect(await adopt(['openai'])).toEqual([]);
  });

  it('leaves what the environment has as it is', async () => {
    await mkdir(join(directory, own), { recursive: true });
    await writeFile(join(directory, own, 'openai'), 'its own');
    expect(await adopt(['openai'])).toEqual([]);
    expect(await readFile(join(directory, own, 'openai'), 'utf8')).toBe(
      'its own',
    );
  });

  it('says why it could not', async () => {
    await writeFile(join(directory, 'dev'), 'in the way');
    expect(await adopt(['openai'])).toEqual([
      expect.stringMatching(/^The secret 'openai' could not be copied/),
    ]);
  });
});
