import { DIGEST_PATTERN } from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';

/** Versions are stored in four bytes. */
const MAX_VERSION = 2 ** 31 - 1;

export const HOUR_SECONDS = 60 * 60;
export const WEEK_SECONDS = 7 * 24 * HOUR_SECONDS;
export const MONTH_SECONDS = 30 * 24 * HOUR_SECONDS;

export const versionSchema = z
  .int()
  .min(1)
  .max(MAX_VERSION)
  .describe('Number of a version of the model.');

export const digestSchema = z
  .string()
  .regex(DIGEST_PATTERN, 'expected sha256: and 64 hexadecimal digits')
  .describe(
    'Digest of that version, from its page: sha256: and 64 hexadecimal digits. Neither number nor digest can change unnoticed.',
  );

/** More than nothing, up to everything. */
export const percentSchema = z.number().gt(0).max(100);

/** A name inside a manifest, or one that something else of the platform has. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'expected a name of 1 to 63 lower-case letters, digits and dashes that begins with a letter',
  );

export function secondsSchema(range: { min: number; max: number }) {
  return z.int().min(range.min).max(range.max);
}
