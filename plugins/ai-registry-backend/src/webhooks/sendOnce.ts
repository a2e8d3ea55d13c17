import { toError } from '@backstage/errors';
import type { Outcome, Post } from './HttpPoster';
import type { SealedSecret, SecretBox } from './SecretBox';
import { headersOf } from './signature';

/** Tries a delivery once, signed where its hook has a secret. Throws only when the signal aborts. */
export async function sendOnce(
  delivery: {
    id: string;
    webhook: string;
    url: string;
    body: string;
    secret?: SealedSecret;
  },
  by: { at: Date; secrets: SecretBox; post: Post; signal?: AbortSignal },
): Promise<Outcome> {
  const { id, webhook, url, body, secret } = delivery;
  const { at, secrets, post, signal = new AbortController().signal } = by;
  let clear: string | undefined;
  try {
    clear = secret && secrets.open(secret, webhook);
  } catch (error) {
    // Nothing is sent unsigned that should be signed.
    return { error: toError(error).message, durationMillis: 0 };
  }
  const headers = headersOf({ id, body, secret: clear, at });
  return post({ url, headers, body, signal });
}
