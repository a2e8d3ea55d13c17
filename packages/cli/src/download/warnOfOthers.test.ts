import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { warnOfOthers } from './warnOfOthers';

describe('warnOfOthers', () => {
  let folder: string;
  let said: string[];
  const warn = (paths: string[]) =>
    warnOfOthers(
      folder,
      paths.map(path => ({ path })),
      text => said.push(text),
    );

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'others-'));
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'model.onnx'), '');
    said = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('names files of folders in it that did not come', async () => {
    await warn(['data/model.onnx']);
    expect(said).toEqual([]);
    await warn([]);
    expect(said).toEqual([
      `warning: ${folder} also has 1 file that did not come: data/model.onnx`,
    ]);
  });

  it('does not count all that somebody has', async () => {
    await Promise.all(
      Array.from({ length: 1_001 }, (_, at) =>
        writeFile(join(folder, `f${at}`), ''),
      ),
    );
    await warn(['data/model.onnx']);
    expect(said).toEqual([
      expect.stringMatching(
        /also has more than 1000 files that did not come: (f\d+, ){5}…$/,
      ),
    ]);
  });

  it('says that a folder cannot be read, which is no failure', async () => {
    await rm(folder, { recursive: true });
    await warn(['data/model.onnx']);
    expect(said).toEqual([
      expect.stringMatching(/was not looked through .*ENOENT/),
    ]);
  });
});
