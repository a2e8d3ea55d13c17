import type uPlot from 'uplot';
import { createPlot, valueEnds } from './createPlot';

const at = (minute: number) =>
  new Date(Date.UTC(2026, 4, 3, 10, minute)).toISOString();

/** Remembers what it was told, and draws nothing. */
class FakePlot {
  static last: FakePlot;
  static rangeNum = (min: number, max: number) => [min, max];

  width: number;
  cursor: { idx?: number | null; left?: number } = {};
  redraws = 0;
  destroyed = false;

  constructor(readonly options: uPlot.Options, public data: uPlot.AlignedData) {
    this.width = options.width;
    FakePlot.last = this;
  }

  setData(data: uPlot.AlignedData) {
    this.data = data;
  }

  setSize({ width }: { width: number }) {
    this.width = width;
  }

  redraw() {
    this.redraws += 1;
  }

  destroy() {
    this.destroyed = true;
  }
}

describe('createPlot', () => {
  const original = global.ResizeObserver;
  let resized = () => {};

  beforeEach(() => {
    global.ResizeObserver = class {
      constructor(callback: ResizeObserverCallback) {
        resized = () => callback([], this);
      }

      observe() {}

      unobserve() {}

      disconnect() {}
    };
  });

  afterEach(() => {
    global.ResizeObserver = original;
  });

  function makePlot({ dashed }: { dashed?: boolean } = {}) {
    const host = document.createElement('div');
    document.body.append(host);
    let width = 400;
    Object.defineProperty(host, 'clientWidth', { get: () => width });
    const cursor: (number | undefined)[] = [];
    const input = {
      series: [
        {
          label: 'v1',
          color: 'var(--colour)',
          dashed,
          points: [
            { at: at(0), value: 1 },
            { at: at(1), value: 2 },
            { at: at(2), value: 3 },
          ],
        },
      ],
      range: { from: at(0), to: at(10) },
      axisAtLeast: 5,
      formatValue: (value: number) => `${value}/s`,
      onCursor: (index: number | undefined) => cursor.push(index),
    };
    const plot = createPlot({
      library: FakePlot as unknown as typeof uPlot,
      host,
      height: 100,
      syncKey: 'digits',
      lastUnfinished: true,
      input: () => input,
    });
    const fake = FakePlot.last;
    return {
      plot,
      fake,
      self: fake as unknown as uPlot,
      input,
      cursor,
      host,
      setWidth: (next: number) => {
        width = next;
        resized();
      },
    };
  }

  it('draws what is not measured with dashes', () => {
    const { fake } = makePlot({ dashed: true });
    // The axis of the times, the line, and its last part that is still filling.
    expect(fake.options.series.map(({ dash }) => dash)).toEqual([
      undefined,
      [7, 5],
      [4, 4],
    ]);
  });

  it('draws the window that is still filling as a line of its own, also after new data', () => {
    const { plot, fake, input } = makePlot();
    expect(fake.data.slice(1)).toEqual([
      [1, 2, null],
      [null, 2, 3],
    ]);
    expect(fake.options.series.map(({ dash }) => dash)).toEqual([
      undefined,
      undefined,
      [4, 4],
    ]);
    input.series[0].points.push({ at: at(3), value: 4 });
    plot.setData();
    expect(fake.data.slice(1)).toEqual([
      [1, 2, 3, null],
      [null, null, 3, 4],
    ]);
  });

  it('spans the whole range, starts at zero and does not blow up noise', () => {
    const { fake, self } = makePlot();
    const { x, y } = fake.options.scales ?? {};
    expect((x.range as uPlot.Range.Function)(self, 0, 1, 'x')).toEqual([
      Date.parse(at(0)) / 1000,
      Date.parse(at(10)) / 1000,
    ]);
    const yRange = y.range as uPlot.Range.Function;
    expect(yRange(self, 2, 0.1, 'y')).toEqual([0, 5]);
    expect(yRange(self, 2, 80, 'y')).toEqual([0, 80]);
  });

  it('labels the axes, in days, minutes or seconds', () => {
    const { fake, self } = makePlot();
    const [time, value] = fake.options.axes ?? [];
    const timeLabels = time.values as (
      ...args: [uPlot, number[], number, number, number]
    ) => string[];
    const noon = Date.UTC(2026, 4, 3, 12) / 1000;
    const label = (stepSeconds: number) =>
      timeLabels(self, [noon], 0, 0, stepSeconds)[0];
    expect(label(86_400)).toMatch(/\d+ May/);
    expect(label(300)).toMatch(/^\d\d:\d\d$/);
    expect(label(10)).toMatch(/^\d\d:\d\d:\d\d$/);
    const valueLabels = value.values as (
      ...args: [uPlot, number[]]
    ) => string[];
    expect(valueLabels(self, [1, 2])).toEqual(['1/s', '2/s']);
  });

  it('tells where the crosshair is, and when it is gone', () => {
    const { fake, self, cursor } = makePlot();
    const [moved] = fake.options.hooks?.setCursor ?? [];
    fake.cursor = { idx: 1, left: 20 };
    moved?.(self);
    fake.cursor = { idx: 1, left: -10 };
    moved?.(self);
    expect(cursor).toEqual([1, undefined]);
  });

  it('shows a value between two gaps as a dot', () => {
    const { fake, self } = makePlot();
    const show = fake.options.series[1].points?.show as (
      ...args: [uPlot, number, number, number]
    ) => boolean;
    fake.data = [
      [0, 1, 2],
      [null, 5, null],
      [1, 2, null],
    ];
    expect(show(self, 1, 0, 2)).toBe(true);
    expect(show(self, 2, 0, 2)).toBe(false);
  });

  it('follows the theme and the width, and cleans up', async () => {
    const { plot, fake, host, setWidth, self } = makePlot();
    setWidth(700);
    expect(fake.width).toBe(700);
    host.style.setProperty('--colour', 'rebeccapurple');
    const { stroke } = fake.options.series[1];
    expect((stroke as (plot: uPlot) => string)(self)).toBe('rebeccapurple');
    document.body.setAttribute('data-theme-mode', 'dark');
    await new Promise(resolve => setTimeout(resolve));
    expect(fake.redraws).toBe(1);
    plot.destroy();
    expect(fake.destroyed).toBe(true);
    document.body.setAttribute('data-theme-mode', 'light');
    await new Promise(resolve => setTimeout(resolve));
    expect(fake.redraws).toBe(1);
  });
});

describe('valueEnds', () => {
  it.each<[number | null, number | null, number, number[]]>([
    [0.2, 0.5, 1, [0, 1]],
    [0, 3, 1, [0, 3]],
    [-0.2, 0.1, 0.05, [-0.2, 0.1]],
    [-0.12, -0.02, 0.05, [-0.12, 0]],
    [-0.01, -0.005, 0.05, [-0.05, 0]],
    [null, null, 1, [0, 1]],
  ])('of %s to %s, at least %s', (min, max, atLeast, ends) => {
    expect(valueEnds(min, max, atLeast)).toEqual(ends);
  });
});
