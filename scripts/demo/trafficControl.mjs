// @ts-check
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { demoDirectory } from './demoDirectory.mjs';

/** What the generator sends: held-out rows, rows that really differ, or broken requests among good ones. */
export const MODES = ['normal', 'drift', 'errors'];

const requestFile = path.join(demoDirectory, 'traffic-mode.json');
const processFile = path.join(demoDirectory, 'traffic.pid');

/** Asks the running generator for another mode, for a while. */
export function requestMode({ mode, seconds }) {
  const until = Date.now() + seconds * 1000;
  mkdirSync(demoDirectory, { recursive: true });
  writeFileSync(`${requestFile}.new`, `${JSON.stringify({ mode, until })}\n`);
  renameSync(`${requestFile}.new`, requestFile);
}

export function endRequestedMode() {
  rmSync(requestFile, { force: true });
}

/** The mode that was asked for and is not over; undefined for the generator's own. */
export function readRequestedMode() {
  const text = readIfThere(requestFile);
  if (text === undefined) return undefined;
  const { mode, until } = JSON.parse(text);
  return Date.now() < until ? mode : undefined;
}

/** Process id of the generator that takes requests for modes; undefined when none runs. */
export function findGenerator() {
  const processId = Number(readIfThere(processFile));
  return processId > 0 && isAlive(processId) ? processId : undefined;
}

/**
 * Makes this process the one that takes requests, unless another does.
 *
 * @returns {() => void} gives the place up again
 */
export function registerGenerator() {
  if (findGenerator() !== undefined) return () => {};
  mkdirSync(demoDirectory, { recursive: true });
  writeFileSync(processFile, String(process.pid));
  return () => {
    if (readIfThere(processFile) === String(process.pid)) {
      rmSync(processFile, { force: true });
    }
  };
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
