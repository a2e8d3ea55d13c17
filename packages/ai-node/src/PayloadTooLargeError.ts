import { CustomErrorBase } from '@backstage/errors';

/** The body is larger than the server takes; answered with 413. */
export class PayloadTooLargeError extends CustomErrorBase {
  name = 'PayloadTooLargeError' as const;
  readonly statusCode = 413;
}
