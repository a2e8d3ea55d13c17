import { findLines, logFiles, logLines } from './logFiles';

const file = (path: string, isFolder = false) => ({ path, isFolder, bytes: 1 });

describe('the logs of a run', () => {
  it('are files that end, are called or lie as logs do', () => {
    const paths = [
      'train.log',
      'stdout',
      'job-stderr.txt',
      'logs/worker-0.txt',
      'logs/worker-1',
      'slurm-123.out',
      'logs/curve.png',
      'notes.txt',
      'catalog.json',
      'standout.md',
    ];
    expect(
      logFiles([...paths.map(path => file(path)), file('logs.log', true)]).map(
        ({ path }) => path,
      ),
    ).toEqual(paths.slice(0, 6));
  });

  it('are lines without colours, and a progress bar is one of them', () => {
    expect(
      logLines('a\u001b[31mred\u001b[0m\r\n10 %\r50 %\r100 %\r\nend\n', false),
    ).toEqual(['ared', '100 %', 'end']);
  });

  it('are lines without the titles and links of a terminal', () => {
    expect(
      logLines(
        '\u001b]0;title\u0007a \u001b]8;;https://x.org\u001b\\link\u001b]8;;\u001b\\ b\u001b(B\u001b7\n\u001b]0;never ends\nnext',
        false,
      ),
    ).toEqual(['a link b', '\u001b]0;never ends', 'next']);
  });

  it('begin with a whole line', () => {
    expect(logLines('of a line\nnext', true)).toEqual(['next']);
    // One long line is better than none.
    expect(logLines('of a line', true)).toEqual(['of a line']);
    expect(logLines('', false)).toEqual([]);
  });

  it('are searched', () => {
    expect(findLines(['Epoch 1', 'Warning', 'epoch 2'], ' EPOCH ')).toEqual([
      'Epoch 1',
      'epoch 2',
    ]);
    expect(findLines(['a', ''], '')).toEqual(['a', '']);
  });
});
