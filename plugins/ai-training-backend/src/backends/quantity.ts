import {
  QUANTITY_PATTERN,
  readQuantity,
} from '@greenroom/plugin-ai-training-common';

export { readQuantity };

/**
 * So much for each of several, in the same unit.
 *
 * @throws Error where it is none
 */
export function multiplyQuantity(text: string, times: number): string {
  const [, digits, suffix = ''] = QUANTITY_PATTERN.exec(text) ?? [];
  if (digits === undefined) {
    throw new Error(`'${text}' is no quantity of Kubernetes`);
  }
  // Digits after the point are as many as before, and not those of a sum in binary.
  return `${Number((Number(digits) * times).toFixed(6))}${suffix}`;
}

/** Of usage as metrics have it: `123456789n` and `12u`, too. */
export function readUsage(text: string | undefined): number | undefined {
  const [, digits, suffix] = /^(\d+)([nu])$/.exec(text ?? '') ?? [];
  if (digits === undefined) return readQuantity(text);
  return Number(digits) * (suffix === 'n' ? 1e-9 : 1e-6);
}
