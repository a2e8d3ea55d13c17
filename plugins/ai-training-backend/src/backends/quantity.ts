const PATTERN = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const FACTORS: Record<string, number> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** What an amount of memory or processors is, as Kubernetes writes it: `512Mi`, `2`, `500m`. Undefined for what is none. */
export function readQuantity(text: string | undefined): number | undefined {
  const [, digits, suffix = ''] = PATTERN.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * FACTORS[suffix];
}

/**
 * So much for each of several, in the same unit.
 *
 * @throws Error where it is none
 */
export function multiplyQuantity(text: string, times: number): string {
  const [, digits, suffix = ''] = PATTERN.exec(text) ?? [];
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
