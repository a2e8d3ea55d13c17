import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlaneToken } from './controlPlaneToken';

describe('createControlPlaneToken', () => {
  let directory: string;
  let file: string;
  let nowMillis = 0;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'token-'));
    file = join(directory, 'token');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const fromFile = () =>
    createControlPlaneToken({
      controlPlaneToken: undefined,
      controlPlaneTokenFile: file,
      nowMillis: () => nowMillis,
    });

  it('is what the settings say', () => {
    const token = createControlPlaneToken({
      controlPlaneToken: 'a-token-for-tests',
      controlPlaneTokenFile: undefined,
    });
    expect(token()).toBe('a-token-for-tests');
  });

  it('is what the file has, also when that is another one later', async () => {
    const token = fromFile();
    await writeFile(file, 'the-first-one\n');
    expect(token()).toBe('the-first-one');
    await writeFile(file, 'the-second-one');
    expect(token()).toBe('the-first-one');
    nowMillis += 1_000;
    expect(token()).toBe('the-second-one');
  });

  it('stays what it was while there is no other one', async () => {
    const token = fromFile();
    await writeFile(file, 'the-first-one');
    token();
    nowMillis += 1_000;
    await writeFile(file, '');
    expect(token()).toBe('the-first-one');
    await rm(file);
    expect(token()).toBe('the-first-one');
  });

  it('says which file has none', async () => {
    expect(() => fromFile()()).toThrow(
      `GREENROOM_CONTROL_PLANE_TOKEN_FILE names ${file}, which cannot be read`,
    );
    await writeFile(file, 'short');
    expect(() => fromFile()()).toThrow('which has no token');
    expect(() => fromFile()()).not.toThrow(/short/);
  });
});
