import {
  addRow,
  addToDdSketch,
  type BaselineProfile,
  emptyProfile,
} from '@greenroom/ml-kit';
import type {
  RecordBatch,
  RecordGroup,
  RefusedRecords,
} from '@greenroom/plugin-ai-inference-common';
import { isFailure } from './isFailure';
import { emptyTraffic, type Window, windowStart } from '../windows/window';

const LIVE_WINDOW_SECONDS = 10;

/** The frozen profile of a version; undefined when it was registered without one. */
export type FindBaseline = (
  model: string,
  version: number,
) => BaselineProfile | undefined;

/**
 * Rolls a batch up into 10-second windows by the time of each record, so that records which
 * arrive late count where they belong. Samples that {@link unfitSamples} names are left out.
 */
export function rollUp(
  batch: RecordBatch,
  findBaseline: FindBaseline,
): Window[] {
  const windows = new Map<string, Window>();
  for (const group of batch.groups) {
    const windowAt = (atMillis: number): Window => {
      const startMillis = windowStart(atMillis, LIVE_WINDOW_SECONDS);
      const key = `${group.model}/${group.version}/${startMillis}`;
      let window = windows.get(key);
      if (!window) {
        window = {
          environment: batch.environment,
          model: group.model,
          version: group.version,
          windowSeconds: LIVE_WINDOW_SECONDS,
          startMillis,
          ...emptyTraffic(),
        };
        windows.set(key, window);
      }
      return window;
    };
    countRequests(group, windowAt);
    countSamples(group, windowAt, findBaseline);
  }
  return [...windows.values()];
}

function countRequests(
  group: RecordGroup,
  windowAt: (atMillis: number) => Window,
): void {
  const { at, latencyMicros, status, rows } = group;
  const { inputTokens, outputTokens, fallbacks, limited } = group;
  let window: Window | undefined;
  for (let index = 0; index < at.length; index++) {
    // Neighbours nearly always share a window: ten thousand look-ups a second are saved.
    if (!window || !isWithin(window, at[index])) window = windowAt(at[index]);
    window.lastRecordMillis = Math.max(window.lastRecordMillis, at[index]);
    window.requests += 1;
    window.rows += rows[index];
    if (inputTokens) window.inputTokens += inputTokens[index];
    if (outputTokens) window.outputTokens += outputTokens[index];
    if (fallbacks) window.fallbacks += fallbacks[index];
    if (limited?.[index]) {
      // Nothing was asked of the model, whatever the status.
      window.limited += 1;
      continue;
    }
    if (isFailure(status[index])) window.serverErrors += 1;
    else if (status[index] >= 400) window.clientErrors += 1;
    addToDdSketch(window.latencyMicros, latencyMicros[index]);
  }
}

function isWithin({ startMillis }: Window, atMillis: number): boolean {
  const sinceStartMillis = atMillis - startMillis;
  return (
    sinceStartMillis >= 0 && sinceStartMillis < LIVE_WINDOW_SECONDS * 1_000
  );
}

function countSamples(
  group: RecordGroup,
  windowAt: (atMillis: number) => Window,
  findBaseline: FindBaseline,
): void {
  const baseline = findBaseline(group.model, group.version);
  if (!baseline) return;
  for (const { at, features, prediction } of group.samples) {
    if (features.length !== baseline.features.length) continue;
    const window = windowAt(at);
    window.lastRecordMillis = Math.max(window.lastRecordMillis, at);
    window.profile ??= emptyProfile(baseline);
    addRow(window.profile, features, prediction);
  }
}

/** Sampled rows that have another number of features than their version's baseline. */
export function unfitSamples(
  { groups }: RecordBatch,
  findBaseline: FindBaseline,
): RefusedRecords[] {
  return groups.flatMap(({ model, version, samples }) => {
    const expected = findBaseline(model, version)?.features.length;
    const unfit = samples.filter(
      ({ features }) => expected !== undefined && features.length !== expected,
    );
    if (unfit.length === 0) return [];
    const reason = `Copied rows of model '${model}' version ${version} have ${unfit[0].features.length} values, but its baseline has ${expected}`;
    return [{ model, version, records: 0, samples: unfit.length, reason }];
  });
}
