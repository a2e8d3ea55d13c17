import { createByteReader, createByteWriter } from '../numerics/bytes';
import type { ByteReader, ByteWriter } from '../numerics/bytes';
import type {
  FeatureHistogram,
  FeatureProfile,
  Moments,
  Profile,
} from './types';

function writeHistogram(to: ByteWriter, histogram: FeatureHistogram): void {
  if (histogram.kind === 'numeric') {
    to.count(0);
    to.doubles(histogram.edges);
    to.counts(histogram.counts);
    to.count(histogram.underflow);
    to.count(histogram.overflow);
    to.count(histogram.nulls);
    to.count(histogram.nans);
    return;
  }
  to.count(1);
  to.count(histogram.categories.length);
  for (const category of histogram.categories) to.text(category);
  to.counts(histogram.counts);
  to.count(histogram.unseen);
  to.count(histogram.nulls);
}

function readHistogram(from: ByteReader): FeatureHistogram {
  if (from.count() === 0) {
    return {
      kind: 'numeric',
      edges: from.doubles(),
      counts: from.counts(),
      underflow: from.count(),
      overflow: from.count(),
      nulls: from.count(),
      nans: from.count(),
    };
  }
  const size = from.count();
  const categories: string[] = [];
  while (categories.length < size) categories.push(from.text());
  return {
    kind: 'categorical',
    categories,
    counts: from.counts(),
    unseen: from.count(),
    nulls: from.count(),
  };
}

function writeMoments(to: ByteWriter, moments: Moments | undefined): void {
  to.count(moments ? 1 : 0);
  if (!moments) return;
  to.count(moments.count);
  for (const name of ['mean', 'm2', 'min', 'max'] as const) {
    to.double(moments[name]);
  }
}

function readMoments(from: ByteReader): Moments | undefined {
  if (from.count() === 0) return undefined;
  return {
    count: from.count(),
    mean: from.double(),
    m2: from.double(),
    min: from.double(),
    max: from.double(),
  };
}

function writeFeature(to: ByteWriter, feature: FeatureProfile): void {
  to.text(feature.name);
  writeHistogram(to, feature.histogram);
  writeMoments(to, feature.moments);
}

function readFeature(from: ByteReader): FeatureProfile {
  const name = from.text();
  const histogram = readHistogram(from);
  const moments = readMoments(from);
  return { name, histogram, ...(moments && { moments }) };
}

/** Compact binary form of a profile; unlike JSON it keeps the infinities of empty moments. */
export function encodeProfile(profile: Profile): Uint8Array {
  const to = createByteWriter('profile');
  to.count(profile.rows);
  to.count(profile.features.length);
  for (const feature of profile.features) writeFeature(to, feature);
  to.count(profile.prediction ? 1 : 0);
  if (profile.prediction) writeFeature(to, profile.prediction);
  return to.finish();
}

/** The profile that {@link encodeProfile} wrote. Throws InvalidArgumentError for anything else. */
export function decodeProfile(bytes: Uint8Array): Profile {
  const from = createByteReader('profile', bytes);
  const rows = from.count();
  const size = from.count();
  const features: FeatureProfile[] = [];
  while (features.length < size) features.push(readFeature(from));
  const prediction = from.count() === 1 ? readFeature(from) : undefined;
  from.end();
  return {
    formatVersion: 1,
    rows,
    features,
    ...(prediction && { prediction }),
  };
}
