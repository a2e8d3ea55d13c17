import { randomBytes } from 'node:crypto';

/**
 * What a token of an attempt is called: each is another one, since one that was lent may be in use. Who it was is read from it
 * by `trainingJobOf`.
 */
export function newTokenName(id: { job: string; number: number }): string {
  return `training.${id.job}.${id.number}.${randomBytes(4).toString('hex')}`;
}
