/** What of an object is not as it is wanted. */
export interface Difference {
  /** Where, as people write it: spec.template.spec.containers[data-plane].image. */
  path: string;
  wanted: unknown;
  /** Undefined for what is not there. */
  actual: unknown;
}

const SUFFIXES: Record<string, number> = {
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
const QUANTITY_PATTERN = /^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/**
 * What is wanted and is not so. What somebody else has added, or the cluster has filled in, is no
 * difference: only what is named counts.
 */
export function differences(
  wanted: unknown,
  actual: unknown,
  path = '',
): Difference[] {
  if (Array.isArray(wanted)) return ofLists(wanted, actual, path);
  if (isRecord(wanted)) {
    if (!isRecord(actual)) {
      return Object.keys(wanted).length === 0 && actual === undefined
        ? []
        : [{ path, wanted, actual }];
    }
    return Object.entries(wanted).flatMap(([key, value]) =>
      value === undefined
        ? []
        : differences(value, actual[key], join(path, key)),
    );
  }
  return isSame(wanted, actual) ? [] : [{ path, wanted, actual }];
}

/** For people, who know what things are called, and of whom nobody has to see a long value. */
export function describeDifference(found: Difference): string {
  const { path, actual, wanted } = found;
  return `${path} is ${show(actual)} and not ${show(wanted)}`;
}

const MOST_SHOWN_CHARACTERS = 80;

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > MOST_SHOWN_CHARACTERS
    ? `${text.slice(0, MOST_SHOWN_CHARACTERS)} ...`
    : text;
}

function ofLists(
  wanted: unknown[],
  actual: unknown,
  path: string,
): Difference[] {
  if (!Array.isArray(actual)) {
    return wanted.length === 0 && actual === undefined
      ? []
      : [{ path, wanted, actual }];
  }
  const isNamed = wanted.every(one => keyOf(one) !== undefined);
  if (!isNamed && wanted.length !== actual.length) {
    return [{ path, wanted, actual }];
  }
  return wanted.flatMap((one, index) => {
    const key = isNamed ? keyOf(one) : undefined;
    const other =
      key === undefined
        ? actual[index]
        : actual.find(candidate => keyOf(candidate) === key);
    return differences(one, other, `${path}[${key ?? index}]`);
  });
}

/** Lists of things with names are maps to the cluster: their order says nothing. */
function keyOf(value: unknown): string | undefined {
  return isRecord(value) && typeof value.name === 'string'
    ? value.name
    : undefined;
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const quantity = quantityOf(one);
  return quantity !== undefined && quantity === quantityOf(other);
}

/** The cluster writes 1000m as 1, and 1024Mi as 1Gi. */
function quantityOf(value: unknown): number | undefined {
  const [, digits, suffix = ''] =
    QUANTITY_PATTERN.exec(typeof value === 'string' ? value : '') ?? [];
  return digits === undefined ? undefined : Number(digits) * SUFFIXES[suffix];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}['${key}']`;
  return path === '' ? key : `${path}.${key}`;
}
