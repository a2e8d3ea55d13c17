import { InputError } from '@backstage/errors';
import {
  MAX_REQUEST_LIMIT,
  MAX_TOKEN_LIMIT,
  REQUEST_LIMIT_NAMES,
  type RequestLimits,
  type TokenLimits,
} from '@greenroom/plugin-ai-inference-common';

/** Limits of a key; what is left out it does not have. */
export interface KeyLimits {
  limits?: TokenLimits;
  requestLimits?: RequestLimits;
}

type Asked<L extends { mode: string }> = Omit<L, 'mode'> &
  Partial<Pick<L, 'mode'>>;

/** Limits as somebody asks for them. */
export interface AskedKeyLimits {
  limits?: Asked<TokenLimits>;
  requestLimits?: Asked<RequestLimits>;
}

/** Where nobody says what holds while the control plane is away: the limit is never exceeded. */
const DEFAULT_MODE = 'hard';

/** @throws InputError that names the field */
export function parseKeyLimits({
  limits,
  requestLimits,
}: AskedKeyLimits): KeyLimits {
  return {
    ...(limits && { limits: parseTokenLimits(limits) }),
    ...(requestLimits && { requestLimits: parseRequestLimits(requestLimits) }),
  };
}

function parseTokenLimits(limits: Asked<TokenLimits>): TokenLimits {
  const { perMinute, perDay, mode = DEFAULT_MODE } = limits;
  if (perMinute === undefined && perDay === undefined) {
    throw new InputError(
      'limits has neither perMinute nor perDay: name one of them, or leave limits out',
    );
  }
  for (const [name, tokens] of Object.entries({ perMinute, perDay })) {
    checkWhole(`limits.${name}`, tokens, {
      what: 'tokens',
      most: MAX_TOKEN_LIMIT,
    });
  }
  checkMode('limits.mode', mode);
  return {
    ...(perMinute !== undefined && { perMinute }),
    ...(perDay !== undefined && { perDay }),
    mode,
  };
}

function parseRequestLimits(limits: Asked<RequestLimits>): RequestLimits {
  const { requestsPerSecond, burst, requestsInFlight, rowsPerMinute } = limits;
  const { mode = DEFAULT_MODE } = limits;
  const limited = { requestsPerSecond, requestsInFlight, rowsPerMinute };
  if (Object.values(limited).every(limit => limit === undefined)) {
    throw new InputError(
      `requestLimits has none of ${Object.keys(limited).join(
        ', ',
      )}: name one of them, or leave requestLimits out`,
    );
  }
  for (const name of REQUEST_LIMIT_NAMES) {
    checkWhole(`requestLimits.${name}`, limits[name], {
      what: name === 'rowsPerMinute' ? 'rows' : 'requests',
      most: MAX_REQUEST_LIMIT,
    });
  }
  if (burst !== undefined && requestsPerSecond === undefined) {
    throw new InputError(
      'requestLimits.burst says how many requests may come at once, which needs requestsPerSecond: name it, or leave burst out',
    );
  }
  checkMode('requestLimits.mode', mode);
  return {
    ...Object.fromEntries(
      REQUEST_LIMIT_NAMES.flatMap(name =>
        limits[name] === undefined ? [] : [[name, limits[name]]],
      ),
    ),
    mode,
  };
}

function checkWhole(
  field: string,
  value: number | undefined,
  { what, most }: { what: string; most: number },
): void {
  const isWhole =
    value === undefined ||
    (Number.isInteger(value) && value >= 1 && value <= most);
  if (!isWhole) {
    throw new InputError(
      `${field} is ${value}: expected a whole number of ${what} from 1 to ${most}`,
    );
  }
}

function checkMode(field: string, mode: 'hard' | 'soft'): void {
  if (mode !== 'hard' && mode !== 'soft') {
    throw new InputError(`${field} is '${mode}': expected hard or soft`);
  }
}
