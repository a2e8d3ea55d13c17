// @ts-check
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { demoDirectory } from './demoDirectory.mjs';

const file = path.join(demoDirectory, 'traffic-key.json');

/** The key that the traffic generator calls models with; undefined before the demo was loaded. */
export function readTrafficKey() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Keeps the key's id and secret, readable by the file's owner only. */
export function writeTrafficKey({ id, secret }) {
  mkdirSync(demoDirectory, { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify({ id, secret })}\n`, {
    mode: 0o600,
  });
  renameSync(`${file}.new`, file);
}
