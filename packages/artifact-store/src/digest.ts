import { InputError, NotFoundError } from '@backstage/errors';
import {
  type Digest,
  DIGEST_PATTERN,
} from '@greenroom/plugin-ai-registry-common';

/**
 * The hexadecimal digits of a digest, which are safe as part of a path.
 *
 * @throws InputError when it is no digest
 */
export function hexOf(digest: Digest): string {
  if (!DIGEST_PATTERN.test(digest)) {
    throw new InputError(
      `digest '${digest}' is not of the form sha256: and 64 hexadecimal digits`,
    );
  }
  return digest.slice('sha256:'.length);
}

export function unknownArtifact(digest: Digest): NotFoundError {
  return new NotFoundError(`There is no artifact with the digest ${digest}`);
}
