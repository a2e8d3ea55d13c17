import { Cell } from '@backstage/ui';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router-dom';
import { type ViewColumn, ViewTable } from './ViewTable';

interface Row {
  id: string;
  size: number;
}

const COLUMNS: ViewColumn<Row>[] = [
  {
    id: 'name',
    label: 'Name',
    isRowHeader: true,
    cell: row => <Cell>{row.id}</Cell>,
  },
  {
    id: 'size',
    label: 'Size',
    isOptional: true,
    sortBy: row => row.size,
    cell: row => <Cell>{row.size} MB</Cell>,
  },
];

function Address() {
  return <output>{useLocation().search}</output>;
}

const names = () =>
  screen.getAllByRole('rowheader').map(header => header.textContent);

describe('ViewTable', () => {
  const rows = [
    { id: 'middle', size: 9 },
    { id: 'large', size: 10 },
    { id: 'small', size: 1 },
  ];

  it('sorts, takes columns away, and keeps both in the address', async () => {
    renderInTestApp(
      <>
        <ViewTable name="files" columns={COLUMNS} rows={rows} />
        <Address />
      </>,
    );
    await screen.findByRole('grid');
    expect(names()).toEqual(['middle', 'large', 'small']);

    await userEvent.click(screen.getByRole('columnheader', { name: /Size/ }));
    expect(names()).toEqual(['small', 'middle', 'large']);
    expect(screen.getByRole('status')).toHaveTextContent(
      '?files.sort=size-asc',
    );

    await userEvent.click(screen.getByRole('button', { name: 'Columns' }));
    await userEvent.click(
      await screen.findByRole('menuitemcheckbox', { name: 'Size' }),
    );
    expect(screen.queryByText('9 MB')).not.toBeInTheDocument();
    expect(screen.getByText(/files\.hide=size/)).toBeInTheDocument();
  });

  it('goes to a page that the address names', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({
      id: `row ${index}`,
      size: index,
    }));
    renderInTestApp(<ViewTable name="files" columns={COLUMNS} rows={many} />, {
      initialRouteEntries: ['/?files.page=2'],
    });
    await screen.findByRole('grid');
    expect(names()).toEqual(['row 25', 'row 26', 'row 27', 'row 28', 'row 29']);
  });
});
