// @ts-check
import path from 'node:path';
import { root } from '../lib/paths.mjs';
import { ensureGoProgram } from './goProgram.mjs';

/**
 * Program of the S3 server that tests are run against.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export function ensureS3Server() {
  return ensureGoProgram({
    name: 's3-server',
    sources: path.join(root, 'scripts/test/s3-server'),
    command: 'github.com/versity/versitygw/cmd/versitygw',
    title: 'Building the S3 server for tests (once: 2 to 6 minutes)',
  });
}
