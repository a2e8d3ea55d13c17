import { randomBytes } from 'node:crypto';

/** A name that nobody can issue a token under: those have no dots. */
const PATTERN =
  /^service:training\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.\d+\.[0-9a-f]{8}$/;

/** What a token of an attempt is called: each is another one, since one that was lent may be in use. */
export function newTokenName(id: { job: string; number: number }): string {
  return `training.${id.job}.${id.number}.${randomBytes(4).toString('hex')}`;
}

/** The job whose program calls, by who is recorded as the actor; undefined for everybody else. */
export function jobOfActor(actor: string): string | undefined {
  return PATTERN.exec(actor)?.[1];
}
