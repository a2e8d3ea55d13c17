import * as fc from 'fast-check';
import { createByteReader, createByteWriter } from '../numerics/bytes';
import { addRow, emptyProfile } from '../profile/addRow';
import { freezeBaseline } from '../profile/freezeBaseline';
import { decodeProfile, encodeProfile } from '../profile/profileBinary';
import { addToDdSketch, createDdSketch } from './ddSketch';
import { addToHyperLogLog, createHyperLogLog } from './hyperLogLog';
import { addToKll, createKll } from './kll';
import {
  decodeDdSketch,
  decodeHyperLogLog,
  decodeKll,
  decodeTopValues,
  encodeDdSketch,
  encodeHyperLogLog,
  encodeKll,
  encodeTopValues,
} from './sketchBinary';
import { addToTopValues, createTopValues } from './topValues';

const anyValues = fc.array(fc.double({ noNaN: false }), { maxLength: 60 });

describe('binary forms', () => {
  it('give back the same object', () => {
    const baseline = freezeBaseline({
      featureNames: ['ä', 'b'],
      features: [
        [1, 2],
        [3, NaN],
      ],
      predictions: ['yes', 'nö'],
      task: 'classification',
    });
    fc.assert(
      fc.property(anyValues, values => {
        const profile = emptyProfile(baseline);
        const dd = createDdSketch();
        const kll = createKll(8, 1);
        const hll = createHyperLogLog(4);
        const top = createTopValues(5);
        for (const value of values) {
          addRow(profile, [value, -value], `${value}`);
          addToDdSketch(dd, value);
          addToKll(kll, value);
          addToHyperLogLog(hll, value);
          addToTopValues(top, value);
        }
        expect(decodeProfile(encodeProfile(profile))).toEqual(profile);
        expect(decodeDdSketch(encodeDdSketch(dd))).toEqual(dd);
        expect(decodeKll(encodeKll(kll))).toEqual(kll);
        expect(decodeHyperLogLog(encodeHyperLogLog(hll))).toEqual(hll);
        expect(decodeTopValues(encodeTopValues(top))).toEqual(top);
      }),
      { seed: 9, numRuns: 100 },
    );
  });

  it('are much smaller than JSON', () => {
    const baseline = freezeBaseline({
      featureNames: ['x'],
      features: Array.from({ length: 500 }, (_, i) => [Math.sqrt(i)]),
      task: 'regression',
    });
    expect(encodeProfile(baseline).length).toBeLessThan(
      JSON.stringify(baseline).length / 1.8,
    );
  });

  it('refuse other kinds, versions, cut and extended bytes', () => {
    const bytes = encodeDdSketch(createDdSketch());
    expect(() => decodeKll(bytes)).toThrow('not a kll');
    expect(() => decodeDdSketch(Uint8Array.of(...bytes, 0))).toThrow(
      '1 bytes too many',
    );
    const newer = bytes.slice();
    newer[2] = 9;
    expect(() => decodeDdSketch(newer)).toThrow('format version 9');
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeDdSketch(bytes.subarray(0, length))).toThrow(
        'cut off',
      );
    }
  });

  it('refuse a length that the bytes cannot hold, instead of allocating it', () => {
    const writer = createByteWriter('kll');
    writer.count(2 ** 40);
    const reader = createByteReader('kll', writer.finish());
    expect(() => reader.doubles()).toThrow('cut off');
  });

  it('hold integers up to 2^53 and nothing else', () => {
    const writer = createByteWriter('kll');
    const integers = [0, 1, -1, 127, 128, -64, 2 ** 51, -(2 ** 51)];
    for (const value of integers) writer.integer(value);
    const reader = createByteReader('kll', writer.finish());
    expect(integers.map(() => reader.integer())).toEqual(integers);
    expect(() => writer.count(-1)).toThrow('integer of 0 or more');
    expect(() => writer.count(0.5)).toThrow('integer of 0 or more');
  });
});
