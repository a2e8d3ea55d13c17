/** An amount of memory or processors, as Kubernetes writes it: digits, and a suffix. */
export const QUANTITY_PATTERN = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
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
const LONGEST = 30;
/** Less than any program starts in: whoever writes less has left out a suffix. */
const LEAST_MEMORY = '16Mi';

/** What an amount of memory or processors is, as Kubernetes writes it: `512Mi`, `2`, `500m`. Undefined for what is none. */
export function readQuantity(text: string | undefined): number | undefined {
  const [, digits, suffix = ''] = QUANTITY_PATTERN.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * FACTORS[suffix];
}

/** Why an amount is none that a program of a job can have, in words; undefined where it is one. */
export function problemWithQuantity(
  what: 'memory' | 'cpu',
  text: string,
): string | undefined {
  const amount = readQuantity(text);
  if (amount === undefined || text.length > LONGEST) {
    return `expected a quantity of Kubernetes: ${
      what === 'cpu' ? '2 or 500m' : '4Gi or 512Mi'
    }, got '${text.slice(0, LONGEST)}'`;
  }
  if (what === 'cpu') {
    return amount > 0 ? undefined : `expected more than 0, got ${text}`;
  }
  if (amount >= readQuantity(LEAST_MEMORY)!) return undefined;
  const isBare = /^\d+$/.test(text) && amount > 0;
  return `expected at least ${LEAST_MEMORY}, got ${text}${
    isBare ? ` bytes: ${text}Mi are mebibytes` : ''
  }`;
}
