import type { Person } from '../environments/GitHost';
import { isPortalEmail, type People } from '../environments/people';

/** Names of the people among them whom the catalog does not know. */
export async function findStrangers(
  people: Pick<People, 'actorOf'>,
  persons: readonly Person[],
): Promise<string[]> {
  const names = await Promise.all(
    persons
      .filter(({ email, isBot }) => !isBot && !isPortalEmail(email))
      .map(async person => {
        const actor = await people.actorOf(person);
        if (actor.startsWith('user:')) return [];
        // An account may have several addresses; an address without one is somebody.
        return [person.account ? `@${person.account}` : actor];
      }),
  );
  return [...new Set(names.flat())];
}
