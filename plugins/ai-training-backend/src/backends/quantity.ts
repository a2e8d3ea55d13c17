const PATTERN = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const FACTORS: Record<string, number> = {
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
export function readQuantity(text: string): number | undefined {
  const [, digits, suffix = ''] = PATTERN.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (FACTORS[suffix] ?? 1);
}
