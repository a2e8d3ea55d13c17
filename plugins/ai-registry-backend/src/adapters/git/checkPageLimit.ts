import { InputError } from '@backstage/errors';
import { CHANGE_REQUESTS_PER_PAGE } from '../../environments/GitHost';

/** @throws InputError for a size of a page of change requests that is out of bounds */
export function checkPageLimit(limit: number): void {
  if (
    Number.isInteger(limit) &&
    limit >= 1 &&
    limit <= CHANGE_REQUESTS_PER_PAGE
  ) {
    return;
  }
  throw new InputError(
    `limit ${limit} is not a whole number from 1 to ${CHANGE_REQUESTS_PER_PAGE}: ask for a page at a time, with the cursor of the one before`,
  );
}
