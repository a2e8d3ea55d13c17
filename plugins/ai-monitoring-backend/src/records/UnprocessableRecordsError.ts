import { CustomErrorBase } from '@backstage/errors';

/** The batch can be read, but never be counted as it is; answered with 422. */
export class UnprocessableRecordsError extends CustomErrorBase {
  name = 'UnprocessableRecordsError' as const;
  readonly statusCode = 422;
}
