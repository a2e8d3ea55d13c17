import { createByteReader, createByteWriter } from '../numerics/bytes';
import type { ByteReader, ByteWriter } from '../numerics/bytes';
import type { DdSketch, LogBins } from './ddSketch';
import { createHyperLogLog } from './hyperLogLog';
import type { HyperLogLog } from './hyperLogLog';
import type { KllSketch } from './kll';
import { createTopValues, listTopValues } from './topValues';
import type { TopValues } from './topValues';

// Every decoder throws InvalidArgumentError for bytes that its encoder did not write.

function writeBins(to: ByteWriter, bins: LogBins): void {
  to.integer(bins.offset);
  to.counts(bins.counts);
}

function readBins(from: ByteReader): LogBins {
  return { offset: from.integer(), counts: from.counts() };
}

/** Bytes of a DDSketch: a few bytes for each bin that is used. */
export function encodeDdSketch(sketch: DdSketch): Uint8Array {
  const to = createByteWriter('ddSketch');
  to.double(sketch.relativeAccuracy);
  to.count(sketch.count);
  to.double(sketch.sum);
  to.optional(sketch.min);
  to.optional(sketch.max);
  to.count(sketch.zeros);
  writeBins(to, sketch.positive);
  writeBins(to, sketch.negative);
  to.count(sketch.rejected);
  return to.finish();
}

/** The sketch that {@link encodeDdSketch} wrote. */
export function decodeDdSketch(bytes: Uint8Array): DdSketch {
  const from = createByteReader('ddSketch', bytes);
  const relativeAccuracy = from.double();
  const count = from.count();
  const sum = from.double();
  const min = from.optional();
  const max = from.optional();
  const sketch: DdSketch = {
    formatVersion: 1,
    relativeAccuracy,
    count,
    sum,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    zeros: from.count(),
    positive: readBins(from),
    negative: readBins(from),
    rejected: from.count(),
  };
  from.end();
  return sketch;
}

/** Bytes of a KLL sketch: eight for each value that it keeps. */
export function encodeKll(sketch: KllSketch): Uint8Array {
  const to = createByteWriter('kll');
  to.count(sketch.k);
  to.count(sketch.count);
  to.optional(sketch.min);
  to.optional(sketch.max);
  to.count(sketch.levels.length);
  for (const level of sketch.levels) to.doubles(level);
  for (const word of sketch.random.words) to.count(word);
  return to.finish();
}

/** The sketch that {@link encodeKll} wrote, its generator included. */
export function decodeKll(bytes: Uint8Array): KllSketch {
  const from = createByteReader('kll', bytes);
  const k = from.count();
  const count = from.count();
  const min = from.optional();
  const max = from.optional();
  const depth = from.count();
  const levels: number[][] = [];
  while (levels.length < depth) levels.push(from.doubles());
  const sketch: KllSketch = {
    formatVersion: 1,
    k,
    count,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    levels,
    random: {
      words: [from.count(), from.count(), from.count(), from.count()],
    },
  };
  from.end();
  return sketch;
}

/** Bytes of a HyperLogLog sketch: one a register. */
export function encodeHyperLogLog(sketch: HyperLogLog): Uint8Array {
  const to = createByteWriter('hyperLogLog');
  to.count(sketch.precision);
  to.counts(sketch.registers);
  return to.finish();
}

/** The sketch that {@link encodeHyperLogLog} wrote. */
export function decodeHyperLogLog(bytes: Uint8Array): HyperLogLog {
  const from = createByteReader('hyperLogLog', bytes);
  const sketch = createHyperLogLog(from.count());
  sketch.registers = from.counts();
  from.end();
  return sketch;
}

/** Bytes of a counter of top values. */
export function encodeTopValues(top: TopValues): Uint8Array {
  const to = createByteWriter('topValues');
  to.count(top.capacity);
  to.count(top.total);
  const listed = listTopValues(top);
  to.count(listed.length);
  for (const { value, count, error } of listed) {
    to.text(value);
    to.count(count);
    to.count(error);
  }
  return to.finish();
}

/** The counter that {@link encodeTopValues} wrote. */
export function decodeTopValues(bytes: Uint8Array): TopValues {
  const from = createByteReader('topValues', bytes);
  const top = createTopValues(from.count());
  top.total = from.count();
  top.size = from.count();
  const entries: [string, { count: number; error: number }][] = [];
  while (entries.length < top.size) {
    entries.push([from.text(), { count: from.count(), error: from.count() }]);
  }
  top.entries = Object.fromEntries(entries);
  from.end();
  return top;
}
