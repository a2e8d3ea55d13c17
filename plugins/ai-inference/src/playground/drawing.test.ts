import { rasterize } from './drawing';

const image = { width: 8, height: 8, maxValue: 16 };
const row = (pixels: number[], index: number) =>
  pixels.slice(index * 8, index * 8 + 8);

describe('rasterize', () => {
  it('makes an empty page without strokes', () => {
    expect(rasterize([], image)).toEqual(new Array(64).fill(0));
  });

  it('puts a line into the middle and fills the height, wherever and however small it was drawn', () => {
    const line = (x: number, top: number, bottom: number) => [
      [
        { x, y: top },
        { x, y: bottom },
      ],
    ];
    const pixels = rasterize(line(0.1, 0.1, 0.2), image);
    expect(pixels).toEqual(rasterize(line(0.8, 0.1, 0.9), image));
    for (const index of [1, 3, 6]) {
      const [left, right] = row(pixels, index).slice(3, 5);
      expect(left).toBe(right);
      expect(left).toBeGreaterThan(10);
      expect(row(pixels, index).filter(value => value > 0)).toHaveLength(2);
    }
    expect(Math.max(...row(pixels, 0))).toBeGreaterThan(0);
    expect(Math.max(...row(pixels, 7))).toBeGreaterThan(0);
  });

  it('keeps proportions and leaves the margins at the sides free', () => {
    const pixels = rasterize(
      [
        [
          { x: 0, y: 0.5 },
          { x: 1, y: 0.5 },
        ],
      ],
      image,
    );
    expect(row(pixels, 0).every(value => value === 0)).toBe(true);
    for (let index = 0; index < 8; index++) {
      expect(row(pixels, index)[0]).toBe(0);
      expect(row(pixels, index)[7]).toBe(0);
    }
    expect(Math.max(...pixels)).toBeLessThanOrEqual(16);
  });

  it('keeps a dot a dot', () => {
    const pixels = rasterize([[{ x: 0.3, y: 0.3 }]], image);
    expect(pixels.filter(value => value > 0)).toHaveLength(4);
  });
});
