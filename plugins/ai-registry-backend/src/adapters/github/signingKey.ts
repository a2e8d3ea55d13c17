import type { Knex } from 'knex';
import { randomBytes } from 'node:crypto';

const TABLE = 'git_host_keys';
const NAME = 'markers';
const KEY_BYTES = 32;

/** The key of markers, which is made once and is the same for all processes. */
export async function signingKey(knex: Knex): Promise<string> {
  await knex(TABLE)
    .insert({ name: NAME, key: randomBytes(KEY_BYTES).toString('base64url') })
    .onConflict('name')
    .ignore();
  const { key } = await knex(TABLE).where({ name: NAME }).first('key');
  return key;
}
