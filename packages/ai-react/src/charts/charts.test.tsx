import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { BarList } from './BarList';
import { HistogramChart } from './HistogramChart';
import { Sparkline } from './Sparkline';
import { TimeSeriesChart } from './TimeSeriesChart';
import { TrafficSplit } from './TrafficSplit';

const cells = (row: HTMLElement) =>
  within(row)
    .getAllByRole('cell')
    .map(cell => cell.textContent);

describe('TimeSeriesChart', () => {
  const points = [
    { at: '2026-05-03T10:00:00Z', value: 1.5 },
    { at: '2026-05-03T10:01:00Z', value: undefined },
  ];

  it('offers the same numbers and events as a table', async () => {
    render(
      <TimeSeriesChart
        title="Requests"
        unit="per second"
        series={[{ label: 'v1', points }]}
        formatValue={value => `${value}/s`}
        markers={[
          {
            at: '2026-05-03T10:00:30Z',
            title: 'Version 2 promoted',
            kind: 'promotion',
          },
        ]}
      />,
    );
    expect(
      screen.getByRole('figure', { name: 'Requests per second' }),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Show Requests as a table' }),
    );
    const [, first, second] = screen.getAllByRole('row');
    expect(cells(first).slice(1)).toEqual(['1.5/s', 'Version 2 promoted']);
    expect(cells(second).slice(1)).toEqual(['–', '']);
    await userEvent.click(
      screen.getByRole('button', { name: 'Show Requests as a chart' }),
    );
    expect(screen.queryByRole('table')).not.toBeInTheDocument();
  });

  it('says why it is empty', () => {
    render(
      <TimeSeriesChart title="Requests" series={[]} emptyText="Send one." />,
    );
    expect(screen.getByText('Send one.')).toBeInTheDocument();
  });
});

describe('HistogramChart', () => {
  it('says in words where the difference is, and has it as a table', async () => {
    const baseline = {
      kind: 'categorical' as const,
      categories: ['0', '1'],
      counts: [50, 50],
      unseen: 0,
      nulls: 0,
    };
    render(
      <HistogramChart
        title="Answers"
        baseline={baseline}
        current={{ ...baseline, counts: [30, 10] }}
      />,
    );
    expect(
      screen.getByRole('img', {
        name: 'Answers: largest difference at 0, Baseline 50 %, Now 75 %.',
      }),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /as a table/ }));
    expect(cells(screen.getAllByRole('row')[1])).toEqual([
      '0',
      '50 %',
      '75 %',
      '30',
    ]);
  });
});

describe('Sparkline', () => {
  it('breaks the line at gaps, and shows a lone value as a dot', () => {
    render(
      <Sparkline label="Requests" values={[1, 2, null, 3, undefined, 4, 5]} />,
    );
    const image = screen.getByRole('img', { name: 'Requests' });
    expect(image.getElementsByTagName('polyline')).toHaveLength(2);
    expect(image.getElementsByTagName('circle')).toHaveLength(1);
  });
});

describe('BarList', () => {
  it('lists labels with values and their part of the maximum', () => {
    render(
      <BarList
        label="Probabilities"
        maximum={1}
        items={[{ label: '3', value: 0.25, detail: 'maybe' }]}
      />,
    );
    expect(
      within(screen.getByRole('list', { name: 'Probabilities' })).getByRole(
        'listitem',
      ),
    ).toHaveTextContent('30.25 maybe');
  });
});

describe('TrafficSplit', () => {
  it('names each version that gets traffic, in order', () => {
    render(
      <TrafficSplit
        variants={[
          { version: 2, weightPercent: 10 },
          { version: 1, weightPercent: 90 },
          { version: 3, weightPercent: 0 },
        ]}
      />,
    );
    expect(
      screen.getByRole('img', {
        name: 'Traffic: version 1 90 %, version 2 10 %',
      }),
    ).toBeInTheDocument();
  });
});
