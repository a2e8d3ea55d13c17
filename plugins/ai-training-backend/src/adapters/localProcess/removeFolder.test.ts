import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyTrash } from './removeFolder';

it('removes what can be removed beside what cannot', async () => {
  const trash = await fs.mkdtemp(join(tmpdir(), 'trash-'));
  for (const name of ['a', 'b', 'c']) await fs.mkdir(join(trash, name));
  const { rm } = fs;
  // Such as a file of a network disk that somebody else has open.
  const spy = jest.spyOn(fs, 'rm').mockImplementation(async (path, options) => {
    if (String(path).endsWith('/b')) throw new Error('EBUSY: b');
    await rm(path, options);
  });
  const troubles: string[] = [];
  try {
    await emptyTrash(trash, error => troubles.push(String(error)));
    expect(await fs.readdir(trash)).toEqual(['b']);
    expect(troubles).toEqual(['Error: EBUSY: b']);
  } finally {
    spy.mockRestore();
    await fs.rm(trash, { recursive: true });
  }
});
