import { z } from 'zod';
import { isSecretReference } from '../secrets/Secrets';

/** Where a secret lies. The value itself is refused, so that it never is in a snapshot. */
export const secretReference = z
  .string()
  .refine(
    isSecretReference,
    'expected where the secret lies, as env:NAME or file:NAME, never the secret itself',
  );
