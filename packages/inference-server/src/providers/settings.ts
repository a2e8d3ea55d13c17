import { z } from 'zod';
import { isSecretReference } from '../secrets/Secrets';

/** Where a secret lies. The value itself is refused, so that it never is in a snapshot. */
export const secretReference = z
  .string()
  .refine(
    isSecretReference,
    'expected where the secret lies, as env:NAME or file:NAME, never the secret itself',
  );

/** Where a service lies. Who calls is no part of it. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http(s) URL' })
  .refine(text => {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  }, 'expected a URL without a name and a password: name the secret by secret');
