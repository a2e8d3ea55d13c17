import type { ChangeRequest, ChangeRequestQuery, GitHost } from './GitHost';

/** All change requests that the query asks for, newest first, with one page of them at a time in memory. */
export async function* eachChangeRequest(
  host: Pick<GitHost, 'listChangeRequests'>,
  query: Omit<ChangeRequestQuery, 'cursor'> = {},
): AsyncGenerator<ChangeRequest> {
  let cursor: string | undefined;
  do {
    const page = await host.listChangeRequests({ ...query, cursor });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor);
}
