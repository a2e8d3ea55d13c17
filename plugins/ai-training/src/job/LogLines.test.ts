import { LogLines } from './LogLines';

const part = (text: string, fromByte: number) => ({
  text,
  fromByte,
  nextByte: fromByte + Buffer.byteLength(text),
});

describe('LogLines', () => {
  it('puts parts together, and shows a line before it is whole', () => {
    const log = new LogLines();
    log.append(part('epoch 1\nepo', 0));
    expect(log.view().lines).toEqual(['epoch 1', 'epo']);
    log.append(part('ch 2\n', 11));
    expect(log.view()).toEqual({
      lines: ['epoch 1', 'epoch 2'],
      firstLine: 1,
      dropped: 0,
    });
  });

  it('keeps the last lines, and counts those before them', () => {
    const log = new LogLines({ mostLines: 3 });
    log.append(part('1\n2\n3\n4\n5\n', 0));
    expect(log.view()).toEqual({
      lines: ['3', '4', '5'],
      firstLine: 3,
      dropped: 2,
    });
  });

  it('cuts a line that never ends', () => {
    const log = new LogLines({ mostLines: 3, mostCharacters: 4 });
    log.append(part('abcdefghij', 0));
    expect(log.view().lines).toEqual(['abcd', 'efgh', 'ij']);
    log.append(part('klmnop\n', 10));
    expect(log.view().lines).toEqual(['efgh', 'ijkl', 'mnop']);
  });

  it('shows nothing twice, and says where something is missing', () => {
    const log = new LogLines();
    log.append(part('é1\n', 0));
    log.append(part('é1\n', 0));
    log.append(part('2\n', 4));
    log.append(part('3\n', 2006));
    expect(log.view().lines).toEqual([
      'é1',
      '2',
      '... 2 kB of the log were not kept ...',
      '3',
    ]);
  });

  it('draws what terminals draw over as it was last drawn', () => {
    const log = new LogLines();
    log.append(part('\u001b[32m10 %\r50 %\r100 %\u001b[0m\n', 0));
    expect(log.view().lines).toEqual(['100 %']);
  });
});
