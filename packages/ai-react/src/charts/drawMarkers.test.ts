import type uPlot from 'uplot';
import { drawMarkers } from './drawMarkers';

const second = (value: number) => new Date(value * 1000).toISOString();

/** A plot of 100 pixels for 100 seconds, on which a letter is two pixels wide. */
function fakePlot() {
  const lines: number[] = [];
  const labels: [string, number][] = [];
  const ctx = {
    save: () => {},
    restore: () => {},
    beginPath: () => {},
    stroke: () => {},
    setLineDash: () => {},
    fillRect: () => {},
    lineTo: () => {},
    moveTo: (x: number) => lines.push(x),
    measureText: (text: string) => ({ width: text.length * 2 }),
    fillText: (text: string, x: number) => labels.push([text, x]),
  };
  const plot = {
    ctx,
    bbox: { left: 0, top: 0, width: 100, height: 50 },
    valToPos: (value: number) => value,
  } as unknown as uPlot;
  return { plot, lines, labels };
}

const look = {
  line: 'grey',
  text: 'black',
  background: 'white',
  font: '11px x',
};

describe('drawMarkers', () => {
  it('draws every line in view, and leaves out labels that would cover another', () => {
    const { plot, lines, labels } = fakePlot();
    drawMarkers(
      plot,
      [
        { at: second(12), title: 'second', kind: 'step' },
        { at: second(10), title: 'first', kind: 'step' },
        { at: second(60), title: 'third', kind: 'step' },
        { at: second(150), title: 'out of view', kind: 'step' },
      ],
      look,
    );
    expect(lines).toEqual([10, 12, 60]);
    expect(labels).toEqual([
      ['first', 14],
      ['third', 64],
    ]);
  });

  it('puts a label at the end of the axis to the left, shortened', () => {
    const { plot, labels } = fakePlot();
    drawMarkers(
      plot,
      [{ at: second(95), title: 'x'.repeat(40), kind: 'step' }],
      look,
    );
    expect(labels).toEqual([[`${'x'.repeat(25)}…`, 95 - 4 - 52]]);
  });
});
