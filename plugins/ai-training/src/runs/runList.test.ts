import { makeRun } from '../__testUtils__/fixtures';
import { appendPage, NO_RUNS, renewBeginning } from './runList';

const runs = (...ids: string[]) => ids.map(id => makeRun({ id }));
const ids = ({ items }: { items: { id: string }[] }) =>
  items.map(({ id }) => id).join('');

describe('a list of runs', () => {
  it('begins with its first page', () => {
    const list = renewBeginning(
      NO_RUNS,
      { items: runs('a', 'b'), nextCursor: '1' },
      [],
    );
    expect(ids(list)).toBe('ab');
    expect(list.cursor).toBe('1');
  });

  it('goes on without taking a run twice', () => {
    const list = appendPage(
      { items: runs('a', 'b'), cursor: '1' },
      { items: runs('b', 'c') },
    );
    expect(ids(list)).toBe('abc');
    expect(list.cursor).toBeUndefined();
  });

  const loaded = { items: runs('a', 'b', 'c', 'd'), cursor: '2' };

  it('takes new runs in at its beginning, and newer states of others', () => {
    const list = renewBeginning(
      loaded,
      { items: runs('n', 'a'), nextCursor: '1' },
      [makeRun({ id: 'd', status: 'FAILED' })],
    );
    expect(ids(list)).toBe('nabcd');
    expect(list.items[4].status).toBe('FAILED');
    expect(list.cursor).toBe('2');
  });

  it('starts anew where it does not know what is between', () => {
    const list = renewBeginning(
      loaded,
      { items: runs('x', 'y'), nextCursor: '1' },
      [],
    );
    expect(ids(list)).toBe('xy');
    expect(list.cursor).toBe('1');
  });

  it('has no more than there are', () => {
    expect(ids(renewBeginning(loaded, { items: runs('a') }, []))).toBe('a');
  });
});
