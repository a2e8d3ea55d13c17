import { InputError } from '@backstage/errors';
import {
  addRow,
  addToDdSketch,
  type BaselineProfile,
  emptyProfile,
} from '@greenroom/ml-kit';
import type {
  RecordBatch,
  RecordGroup,
} from '@greenroom/plugin-ai-inference-common';
import { emptyTraffic, type Window, windowStart } from '../windows/window';

const LIVE_WINDOW_SECONDS = 10;

/** The frozen profile of a version; undefined when it was registered without one. */
export type FindBaseline = (
  model: string,
  version: number,
) => BaselineProfile | undefined;

/**
 * Checks what the OpenAPI document cannot say: that the columns of a group belong together.
 *
 * @throws InputError that names the group and the column
 */
export function checkRecordBatch({ groups }: RecordBatch): void {
  for (const group of groups) {
    const expected = group.at.length;
    for (const column of ['latencyMicros', 'status', 'rows'] as const) {
      if (group[column].length !== expected) {
        throw new InputError(
          `The column '${column}' of model '${group.model}' version ${group.version} has ${group[column].length} entries, but 'at' has ${expected}: send one entry a request in each column`,
        );
      }
    }
  }
}

/**
 * Rolls a batch up into 10-second windows by the time of each record, so that records which
 * arrive late count where they belong.
 *
 * @returns the windows, and the number of sampled rows that do not fit their baseline
 */
export function rollUp(
  batch: RecordBatch,
  findBaseline: FindBaseline,
): { windows: Window[]; unusableSamples: number } {
  const windows = new Map<string, Window>();
  let unusableSamples = 0;
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
    unusableSamples += countSamples(group, windowAt, findBaseline);
  }
  return { windows: [...windows.values()], unusableSamples };
}

function countRequests(
  group: RecordGroup,
  windowAt: (atMillis: number) => Window,
): void {
  const { at, latencyMicros, status, rows } = group;
  let window: Window | undefined;
  for (let index = 0; index < at.length; index++) {
    // Neighbours nearly always share a window: ten thousand look-ups a second are saved.
    if (!window || !isWithin(window, at[index])) window = windowAt(at[index]);
    window.lastRecordMillis = Math.max(window.lastRecordMillis, at[index]);
    window.requests += 1;
    window.rows += rows[index];
    if (status[index] >= 500) window.serverErrors += 1;
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

/** @returns the number of samples that do not fit */
function countSamples(
  group: RecordGroup,
  windowAt: (atMillis: number) => Window,
  findBaseline: FindBaseline,
): number {
  const baseline = findBaseline(group.model, group.version);
  if (!baseline) return 0;
  let unusable = 0;
  for (const { at, features, prediction } of group.samples) {
    if (features.length !== baseline.features.length) {
      unusable += 1;
      continue;
    }
    const window = windowAt(at);
    window.lastRecordMillis = Math.max(window.lastRecordMillis, at);
    window.profile ??= emptyProfile(baseline);
    addRow(window.profile, features, prediction);
  }
  return unusable;
}
