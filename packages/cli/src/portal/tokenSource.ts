import { failure, usageError } from '../CommandError';

/** Whose call it is, for each call anew. */
export interface TokenSource {
  /** @param refused - the last one was: another is asked for, where that is possible */
  token(options?: { refused?: boolean }): Promise<string>;
  /** Whether a refused token can be replaced. */
  readonly renews: boolean;
}

/** A token that ends sooner is replaced by another one. */
const MARGIN_MILLIS = 60_000;
const TIMEOUT_MILLIS = 15_000;

/** Undefined where there is no token to be had. */
export function findTokenSource(options: {
  environment: Record<string, string | undefined>;
  /** What a token of the run is asked for. */
  audience: string;
  nowMillis?: () => number;
}): TokenSource | undefined {
  const {
    GREENROOM_TOKEN: token,
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
  } = options.environment;
  if (token) return { renews: false, token: async () => token };
  if (!url || !requestToken) return undefined;
  return createRunTokens({ ...options, url, requestToken });
}

/** @throws CommandError that says where a token comes from */
export function requireTokenSource(
  options: Parameters<typeof findTokenSource>[0],
): TokenSource {
  const found = findTokenSource(options);
  if (found) return found;
  throw usageError(
    'there is no token: set GREENROOM_TOKEN, or give the job of the workflow the permission id-token: write',
  );
}

/** Tokens that GitHub gives to a run, each for some minutes. */
function createRunTokens(options: {
  url: string;
  requestToken: string;
  audience: string;
  nowMillis?: () => number;
}): TokenSource {
  const { url, requestToken, audience, nowMillis = Date.now } = options;
  let current: { token: string; endsAtMillis: number } | undefined;
  return {
    renews: true,
    async token({ refused = false } = {}) {
      if (
        refused ||
        !current ||
        nowMillis() > current.endsAtMillis - MARGIN_MILLIS
      ) {
        const token = await request({ url, requestToken, audience });
        current = { token, endsAtMillis: endOf(token) };
      }
      return current.token;
    },
  };
}

async function request(options: {
  url: string;
  requestToken: string;
  audience: string;
}): Promise<string> {
  const address = new URL(options.url);
  address.searchParams.set('audience', options.audience);
  const wrong = (why: string) =>
    failure(`GitHub gave the run no token: ${why}`);
  let response: Response;
  try {
    response = await fetch(address, {
      headers: { Authorization: `Bearer ${options.requestToken}` },
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  if (!response.ok) throw wrong(`it answered ${response.status}`);
  const { value } = (await response.json()) as { value?: unknown };
  if (typeof value !== 'string') throw wrong('its answer has none');
  return value;
}

/** When a token ends, in milliseconds; at once where it does not say. */
function endOf(token: string): number {
  try {
    const [, payload] = token.split('.');
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return Number(exp) * 1_000 || 0;
  } catch {
    return 0;
  }
}
