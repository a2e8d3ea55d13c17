import { NotFoundError } from '@backstage/errors';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { unpackSource } from './unpackSource';

const DIGEST = 'sha256:of-the-source';

interface Entry {
  path: string;
  type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'Directory';
  content?: string;
  linkpath?: string;
}

/** As anybody could write it, and no program that packs folders would. */
function archiveOf(entries: Entry[]): Buffer {
  const blocks = entries.flatMap(
    ({ path, type = 'File', content, linkpath }) => {
      const bytes = Buffer.from(content ?? '');
      const header = new Header({
        path,
        type,
        linkpath,
        size: bytes.length,
        mode: 0o644,
      });
      header.encode();
      const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
      return [header.block!, bytes, padding];
    },
  );
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

describe('unpackSource', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'unpack-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const unpack = async (content: Buffer, maxBytes?: number) => {
    const folder = await mkdtemp(join(root, 'in-'));
    await unpackSource({
      artifacts: { open: async () => Readable.from([content]) },
      digest: DIGEST,
      folder,
      signal: new AbortController().signal,
      maxBytes,
    });
    return folder;
  };

  it('puts files and folders into the folder', async () => {
    const folder = await unpack(
      archiveOf([
        { path: 'a/', type: 'Directory' },
        { path: 'a/b.py', content: 'print(1)' },
        { path: 'c.py', content: '' },
      ]),
    );
    expect(await readFile(join(folder, 'a/b.py'), 'utf8')).toBe('print(1)');
    expect(await readdir(folder)).toEqual(['a', 'c.py']);
  });

  it.each<[string, Entry]>([
    ['../out.py', { path: '../out.py', content: 'x' }],
    ['a/../../out.py', { path: 'a/../../out.py', content: 'x' }],
    ['/tmp/out.py', { path: '/tmp/out.py', content: 'x' }],
    ['link', { path: 'link', type: 'SymbolicLink', linkpath: '/etc' }],
    ['link', { path: 'link', type: 'Link', linkpath: '../in' }],
    ['device', { path: 'device', type: 'CharacterDevice' }],
  ])('takes nothing that lies or points outside: %s', async (path, entry) => {
    await expect(unpack(archiveOf([entry]))).rejects.toThrow(path);
    expect(await readdir(root)).toHaveLength(1);
  });

  it('takes no more than it may have', async () => {
    const bomb = archiveOf([
      { path: 'small', content: 'x' },
      { path: 'large', content: '0'.repeat(100_000) },
    ]);
    expect(bomb.length).toBeLessThan(2_000);
    await expect(unpack(bomb, 50_000)).rejects.toThrow('larger than 50000');
    const [folder] = await readdir(root);
    expect(await readdir(join(root, folder))).not.toContain('large');
  });

  it.each([
    ['no archive', Buffer.from('hello')],
    [
      'cut off',
      archiveOf([{ path: 'a', content: 'x'.repeat(5_000) }]).subarray(0, 60),
    ],
  ])('says that it is damaged: %s', async (_, content) => {
    await expect(unpack(content)).rejects.toThrow(
      `The source ${DIGEST} is damaged`,
    );
  });

  it('does not call it damaged when the disk is full', async () => {
    const open = async () => Readable.from(failing());
    async function* failing() {
      yield archiveOf([{ path: 'a', content: 'x' }]).subarray(0, 20);
      throw new Error('TAR_ENTRY_ERROR: ENOSPC: no space left on device');
    }
    await expect(
      unpackSource({
        artifacts: { open },
        digest: DIGEST,
        folder: root,
        signal: new AbortController().signal,
      }),
    ).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it('says that it is not there', async () => {
    const open = async () => {
      throw new NotFoundError('unknown artifact');
    };
    await expect(
      unpackSource({
        artifacts: { open },
        digest: DIGEST,
        folder: root,
        signal: new AbortController().signal,
      }),
    ).rejects.toThrow('not in the artifact store any more');
  });
});
