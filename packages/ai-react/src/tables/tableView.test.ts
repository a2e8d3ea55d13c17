import {
  pageRows,
  readTableView,
  sortRows,
  type TableView,
  writeTableView,
} from './tableView';

const view = (text: string) => readTableView(new URLSearchParams(text), 'v');

describe('the view of a table', () => {
  it('goes into the address and comes back, beside what else is there', () => {
    const asked: TableView = {
      sort: { column: 'metric', direction: 'descending' },
      page: 3,
      pageSize: 50,
      hidden: ['digest', 'aliases'],
    };
    const params = writeTableView(
      new URLSearchParams('search=digits&other.page=2'),
      'v',
      asked,
    );
    expect(readTableView(params, 'v')).toEqual(asked);
    expect(params.get('search')).toBe('digits');
    expect(readTableView(params, 'other').page).toBe(2);
  });

  it('leaves the usual out of the address', () => {
    const params = writeTableView(new URLSearchParams('v.page=2'), 'v', {
      page: 1,
      pageSize: 25,
      hidden: [],
    });
    expect(params.toString()).toBe('');
  });

  it('takes nonsense for nothing', () => {
    expect(view('v.sort=metric&v.page=-1&v.size=7&v.hide=,')).toEqual({
      page: 1,
      pageSize: 25,
      hidden: [],
    });
  });

  it('sorts numbers as numbers, versions in words too, and what is not known last', () => {
    const rows = [{ n: 10 }, { n: undefined }, { n: 9 }];
    const by = (direction: 'ascending' | 'descending') =>
      sortRows(rows, { column: 'n', direction }, row => row.n).map(r => r.n);
    expect(by('ascending')).toEqual([9, 10, undefined]);
    expect(by('descending')).toEqual([10, 9, undefined]);
    expect(
      sortRows(
        ['Version 10', 'Version 9'],
        { column: 'n', direction: 'ascending' },
        row => row,
      ),
    ).toEqual(['Version 9', 'Version 10']);
    expect(sortRows(rows, undefined, row => row.n)).toEqual(rows);
  });

  it('shows the last page where there are not so many', () => {
    const rows = Array.from({ length: 30 }, (_, index) => index);
    const last = pageRows(rows, view('v.page=9'));
    expect(last).toMatchObject({ page: 2, pages: 2, offset: 25 });
    expect(last.rows).toEqual([25, 26, 27, 28, 29]);
    expect(pageRows([], view('')).pages).toBe(1);
  });
});
