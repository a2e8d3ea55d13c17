import { readFileSync } from 'node:fs';
import { errorMessage } from '../errors';

/** A token that was put in place of another one counts after this time at the latest. */
const FRESH_MILLIS = 1_000;
const LEAST_CHARACTERS = 8;

/**
 * The token with which the control plane is asked.
 *
 * @throws Error that names the file where there is none in it, and never was
 */
export type ControlPlaneToken = () => string;

/** Out of the settings: the token itself, or a file that is read again and again. */
export function createControlPlaneToken(options: {
  controlPlaneToken: string | undefined;
  controlPlaneTokenFile: string | undefined;
  nowMillis?: () => number;
}): ControlPlaneToken {
  const { controlPlaneToken: token, controlPlaneTokenFile: file } = options;
  if (token !== undefined) return () => token;
  const nowMillis = options.nowMillis ?? (() => performance.now());
  let known: { text: string; readMillis: number } | undefined;
  return () => {
    if (known && nowMillis() - known.readMillis < FRESH_MILLIS) {
      return known.text;
    }
    try {
      known = { text: readToken(file ?? ''), readMillis: nowMillis() };
    } catch (error) {
      // While a file is being replaced, the one before is as good as ever.
      if (!known) throw error;
      known = { ...known, readMillis: nowMillis() };
    }
    return known.text;
  };
}

function readToken(file: string): string {
  const where = `GREENROOM_CONTROL_PLANE_TOKEN_FILE names ${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(`${where}, which cannot be read: ${errorMessage(error)}`);
  }
  if (text.length < LEAST_CHARACTERS) {
    throw new Error(
      `${where}, which has no token: expected at least ${LEAST_CHARACTERS} characters`,
    );
  }
  return text;
}
