const QUANTITY = /^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

const FACTORS: Record<string, number> = {
  m: 0.001,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** Of what Kubernetes writes as `500m` or `32Gi`: 0.5, and bytes; undefined where it is none. */
export function parseQuantity(text: string | undefined): number | undefined {
  const [, number, unit = ''] = QUANTITY.exec(text ?? '') ?? [];
  return number === undefined ? undefined : Number(number) * FACTORS[unit];
}

/** So much for each of several, in the same unit. */
export function multiplyQuantity(text: string, times: number): string {
  const [, number, unit = ''] = QUANTITY.exec(text) ?? [];
  if (number === undefined) {
    throw new Error(`'${text}' is no quantity of Kubernetes`);
  }
  // Digits after the point are as many as before, and not those of a sum in binary.
  return `${Number((Number(number) * times).toFixed(6))}${unit}`;
}

/** Of usage as metrics have it: `123456789n` and `12u`, too. */
export function parseUsage(text: string | undefined): number | undefined {
  const [, number, unit] = /^([0-9]+)([nu])$/.exec(text ?? '') ?? [];
  if (number === undefined) return parseQuantity(text);
  return Number(number) * (unit === 'n' ? 1e-9 : 1e-6);
}
