const PLAIN_PATTERN = /^([+-]?(?:\d+\.?\d*|\.\d+))([A-Za-z]*)$/;
const EXPONENT_PATTERN = /^[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+$/;
/** As https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ has them. */
const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * What Kubernetes means by a quantity, such as 500m, 1.5Gi or 2e3.
 *
 * @throws Error for what is none
 */
export function numberOf(quantity: string): number {
  if (EXPONENT_PATTERN.test(quantity)) return Number(quantity);
  const [, digits, suffix] = PLAIN_PATTERN.exec(quantity) ?? [];
  const factor = digits === undefined ? undefined : SUFFIXES[suffix];
  if (factor === undefined) {
    throw new Error(`'${quantity}' is no quantity of Kubernetes`);
  }
  return Number(digits) * factor;
}
