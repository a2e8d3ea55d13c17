// @ts-check
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths.mjs';

const WIDTH = 8;
const FULL_INK = 16;
/** Share of the patients, by body mass index from below, that the shifted subgroup leaves out. */
const SUBGROUP_QUANTILE = 0.7;
const BODY_MASS_INDEX = 2;

/** Feature rows of a model's held-out set, without the answer in the last column. */
export function readHeldOutRows(model) {
  const file = path.join(root, 'examples', model, 'data/held-out.csv');
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map(line => line.split(',').slice(0, -1).map(Number));
}

/**
 * Rows that really differ from those the models were evaluated on: digits turned by 20 to 40
 * degrees with noise, and only the patients whose body mass index is above the 70th percentile.
 */
export function createDriftedRows(model, rows, random) {
  return model === 'digits'
    ? rows.map(pixels => turnWithNoise(pixels, random))
    : selectHeavyPatients(rows);
}

function turnWithNoise(pixels, random) {
  const degrees = 20 + 20 * random.next();
  const direction = random.next() < 0.5 ? -1 : 1;
  return rotateImage(pixels, direction * degrees).map(ink => {
    const noisy = ink + 2 * random.normal();
    return Math.round(Math.min(FULL_INK, Math.max(0, noisy)));
  });
}

/**
 * Turns a square grey image around its centre; what comes in from outside is empty.
 *
 * @param {number[]} pixels - row by row
 * @param {number} degrees - anticlockwise, as seen with the first row on top
 */
export function rotateImage(pixels, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const centre = (WIDTH - 1) / 2;
  const at = (x, y) =>
    x < 0 || y < 0 || x >= WIDTH || y >= WIDTH ? 0 : pixels[y * WIDTH + x];
  return pixels.map((_, index) => {
    const dx = (index % WIDTH) - centre;
    const dy = Math.floor(index / WIDTH) - centre;
    const x = centre + cosine * dx - sine * dy;
    const y = centre + sine * dx + cosine * dy;
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, bottom] = [x - left, y - top];
    return (
      at(left, top) * (1 - right) * (1 - bottom) +
      at(left + 1, top) * right * (1 - bottom) +
      at(left, top + 1) * (1 - right) * bottom +
      at(left + 1, top + 1) * right * bottom
    );
  });
}

function selectHeavyPatients(rows) {
  const sorted = rows.map(row => row[BODY_MASS_INDEX]).sort((a, b) => a - b);
  const threshold = sorted[Math.floor(SUBGROUP_QUANTILE * sorted.length)];
  return rows.filter(row => row[BODY_MASS_INDEX] > threshold);
}
