import { stringifyEntityRef } from '@backstage/catalog-model';
import type { Person } from './GitHost';

const PORTAL_DOMAIN = 'users.greenroom.invalid';

/** Who is behind a commit, and how a commit names who is behind it. */
export interface People {
  /** The author that commits made for an actor carry. */
  personOf(actor: string): Promise<Person>;
  /** Entity ref of the user behind a commit; name and email when nobody is known by it. */
  actorOf(person: Person): Promise<string>;
  /** Entity refs of what a user belongs to, themselves included. */
  membershipsOf(actor: string): Promise<string[]>;
}

/**
 * Email for commits that the portal makes for somebody: it says who that is,
 * without telling a private address to everybody who clones the repository.
 */
export function portalEmail(actor: string): string {
  const [kind, ...rest] = actor.split(/[:/]/);
  const local = [kind, ...rest].map(encodeURIComponent).join('+');
  return `${local}@${PORTAL_DOMAIN}`;
}

/** The user whom a portal email stands for; undefined for any other email. */
export function userOfPortalEmail(email: string): string | undefined {
  const [local, domain] = email.toLowerCase().split('@');
  const [kind, namespace, name, ...more] = local.split('+');
  if (domain !== PORTAL_DOMAIN || kind !== 'user' || !name || more.length > 0) {
    return undefined;
  }
  return stringifyEntityRef({ kind, namespace, name });
}

/** Whether the portal made the commit, for whomever. */
export function isPortalEmail(email: string): boolean {
  return email.toLowerCase().endsWith(`@${PORTAL_DOMAIN}`);
}

export function formatPerson(person: Person): string {
  return `${person.name} <${person.email}>`;
}
