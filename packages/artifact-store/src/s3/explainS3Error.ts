import { isError, ServiceUnavailableError } from '@backstage/errors';

const SETTINGS = 'aiRegistry.artifacts.store';

/** Whether the store answered that it does not have the object, or the upload. */
export function isMissing(error: unknown): boolean {
  if (!isError(error)) return false;
  return ['NoSuchKey', 'NoSuchUpload', 'NotFound'].includes(error.name);
}

/**
 * Turns an error of the S3 client into one that says what to do. The client's own error stays
 * out of it: it holds the request, and with it what is signed with the secret.
 */
export function explainS3Error(
  error: unknown,
  { bucket, endpoint }: { bucket: string; endpoint?: string },
): unknown {
  if (!isError(error)) return error;
  const where = `The artifact store (bucket ${bucket}${
    endpoint ? ` at ${endpoint}` : ''
  })`;
  const status = statusOf(error);
  if (error.name === 'NoSuchBucket' || isMissing(error)) {
    return new ServiceUnavailableError(
      `${where} does not have this bucket: make it, or correct ${SETTINGS}.bucket`,
    );
  }
  if (status === 401 || status === 403) {
    return new ServiceUnavailableError(
      `${where} refused us (${error.name}): check ${SETTINGS}.accessKeyId and secretAccessKey, and that they may read, write, list and delete in the bucket`,
    );
  }
  if (status !== undefined) {
    return new ServiceUnavailableError(
      `${where} failed (${error.name}, HTTP ${status}): look at its log, then try again`,
    );
  }
  if (isNoAnswer(error)) {
    return new ServiceUnavailableError(
      `${where} did not answer (${nameOf(
        error,
      )}): check that it runs, and ${SETTINGS}.endpoint`,
    );
  }
  return error;
}

function statusOf(error: object): number | undefined {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

function isNoAnswer(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return (
    error.name === 'TimeoutError' ||
    error.name === 'CredentialsProviderError' ||
    (typeof code === 'string' && /^E[A-Z]+$/.test(code))
  );
}

function nameOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
