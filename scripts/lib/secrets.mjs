// @ts-check
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { dataDirectory } from './paths.mjs';

/** What each secret of the local installation is for. */
const NAMES = [
  // the access of production's data plane to the control plane
  'dataPlane',
  // the demo loader's access to the control plane
  'demo',
  // people's own scripts on this machine
  'local',
  // the embedded PostgreSQL's superuser
  'database',
  // what secrets of web hooks are encrypted with in the database
  'webhooks',
];

/** Secrets of this installation, made on first use and readable by its owner only. */
export function loadSecrets() {
  const file = path.join(dataDirectory, 'secrets.json');
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const missing = NAMES.filter(name => !known[name]);
  if (missing.length > 0) {
    for (const name of missing)
      known[name] = randomBytes(32).toString('base64url');
    mkdirSync(dataDirectory, { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(known, null, 2)}\n`, {
      mode: 0o600,
    });
    renameSync(`${file}.new`, file);
  }
  return known;
}
