import { readFileSync } from 'node:fs';
import path from 'node:path';

type Rgb = [number, number, number];

const css = readFileSync(path.join(__dirname, 'chart.module.css'), 'utf8');
const all = [...css.matchAll(/--greenroom-series-\d: (#[0-9a-f]{6})/g)].map(
  ([, color]) => color,
);
const THEMES = {
  light: {
    series: all.slice(0, 8),
    paper: '#ffffff',
    // The brand; Backstage UI's positive, warning and negative colours.
    taken: [
      '#0f7a56',
      '#1abc54',
      '#54a671',
      '#f18900',
      '#ff9400',
      '#ee3a4c',
      '#dc2626',
    ],
  },
  dark: {
    series: all.slice(8),
    paper: '#18201c',
    taken: [
      '#4fd6a0',
      '#21b656',
      '#1ed760',
      '#f18900',
      '#ff9400',
      '#ee3a4c',
      '#dc2626',
    ],
  },
};

/** What people see, as matrices on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISION: Record<string, number[]> = {
  'full colours': [1, 0, 0, 0, 1, 0, 0, 0, 1],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182,
    0.04294, 0.968881,
  ],
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882,
    -0.048116, 1.051998,
  ],
  tritanopia: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733,
    0.691367, 0.3039,
  ],
};

function linear(hex: string): Rgb {
  const [r, g, b] = [1, 3, 5].map(at => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [r, g, b];
}

function seen([r, g, b]: Rgb, m: number[]): Rgb {
  const [x, y, z] = [0, 3, 6].map(row =>
    Math.min(1, Math.max(0, m[row] * r + m[row + 1] * g + m[row + 2] * b)),
  );
  return [x, y, z];
}

/** OKLab: equal distances look equally different. */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** In hundredths of the way from black to white. */
function difference(one: string, other: string, vision: number[]): number {
  const [a, b] = [one, other].map(hex => oklab(seen(linear(hex), vision)));
  return 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function contrast(one: string, other: string): number {
  const [dark, light] = [one, other]
    .map(hex => {
      const [r, g, b] = linear(hex);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    })
    .sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(Object.entries(THEMES))('colours of series, %s', (_, theme) => {
  const { series, paper, taken } = theme;

  it('are eight, each seen on its background (WCAG 2.2, 1.4.11)', () => {
    expect(series).toHaveLength(8);
    for (const color of series) {
      expect(contrast(color, paper)).toBeGreaterThanOrEqual(3);
    }
  });

  it('look neither like a status nor like the brand', () => {
    for (const color of series) {
      for (const other of taken) {
        const apart = difference(color, other, VISION['full colours']);
        expect({ color, other, apart: apart > 12 }).toEqual({
          color,
          other,
          apart: true,
        });
      }
    }
  });

  it.each(Object.entries(VISION))('can be told apart with %s', (__, vision) => {
    for (let i = 0; i < series.length; i++) {
      for (let j = i + 1; j < series.length; j++) {
        // A version is compared with the next one more than with any other.
        const least = j === i + 1 ? 13 : 6;
        const apart = difference(series[i], series[j], vision);
        expect({ pair: [series[i], series[j]], apart: apart > least }).toEqual({
          pair: [series[i], series[j]],
          apart: true,
        });
      }
    }
  });
});
