import { pickChosen, pickDropped } from './pickFiles';

const fileAt = (path: string) => {
  const file = new File([path], path.split('/').at(-1)!);
  Object.defineProperty(file, 'webkitRelativePath', {
    value: path.includes('/') ? path : '',
  });
  return file;
};

/** Entries as Chromium gives them for what was dropped. */
function entryOf(path: string, content: Record<string, object> | File) {
  const isFile = content instanceof File;
  let rest = isFile
    ? []
    : Object.entries(content).map(([name, inner]) =>
        entryOf(`${path}/${name}`, inner as File),
      );
  return {
    isFile,
    isDirectory: !isFile,
    fullPath: path,
    file: (resolve: (file: unknown) => void) => resolve(content),
    createReader: () => ({
      readEntries: (resolve: (entries: unknown[]) => void) => {
        // One at a time, as a folder of many files comes.
        resolve(rest.slice(0, 1));
        rest = rest.slice(1);
      },
    }),
  };
}

const drop = (...entries: object[]) =>
  pickDropped({
    items: entries.map(entry => ({ webkitGetAsEntry: () => entry })),
    files: [],
  } as unknown as DataTransfer);
const paths = (picked: { path: string }[]) => picked.map(({ path }) => path);

it('takes files as they are called, without clutter', () => {
  const picked = pickChosen(
    ['weights.bin', '.DS_Store', 'model.onnx'].map(fileAt),
  );
  expect(paths(picked)).toEqual(['model.onnx', 'weights.bin']);
});

it('takes the files of a folder by their path in it', () => {
  const picked = pickChosen(
    ['digits/model.onnx', 'digits/tokenizer/vocab.txt'].map(fileAt),
  );
  expect(paths(picked)).toEqual(['model.onnx', 'tokenizer/vocab.txt']);
});

it('writes names in one form of Unicode', () => {
  expect(paths(pickChosen([fileAt('gro\u0308sse.txt')]))).toEqual([
    'gr\u00f6sse.txt',
  ]);
});

it('goes through a folder that was dropped', async () => {
  const picked = await drop(
    entryOf('/digits', {
      'model.onnx': fileAt('model.onnx'),
      deep: { 'a.txt': fileAt('a.txt'), 'b.txt': fileAt('b.txt') },
      'Thumbs.db': fileAt('Thumbs.db'),
    }),
  );
  expect(paths(picked)).toEqual(['deep/a.txt', 'deep/b.txt', 'model.onnx']);
});

it('keeps the names of two folders', async () => {
  const picked = await drop(
    entryOf('/one', { 'a.txt': fileAt('a.txt') }),
    entryOf('/two', { 'a.txt': fileAt('a.txt') }),
  );
  expect(paths(picked)).toEqual(['one/a.txt', 'two/a.txt']);
});
