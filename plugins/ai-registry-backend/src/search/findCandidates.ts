import type { Knex } from 'knex';
import { searchWords } from './whereMatches';

/** The shortest word that the index of the texts finds. */
const INDEXED_CHARACTERS = 3;
const MAX_CANDIDATES = 500;

/**
 * The few names under which a search can find something, by the index of the table's texts.
 *
 * @returns undefined when the words are too short for the index, or so common that looking
 *   through the whole table is as quick
 */
export async function findCandidates(
  knex: Knex,
  table: 'models' | 'datasets',
  search: string | undefined,
): Promise<string[] | undefined> {
  const words = searchWords(search).filter(
    word => [...word].length >= INDEXED_CHARACTERS,
  );
  if (words.length === 0) return undefined;
  const trigrams = words.map(() => 'trigrams_of(?)').join(' || ');
  const { rows } = await knex.raw<{ rows: { name: string }[] }>(
    `select name from ${table}_with_trigrams(${trigrams}, ?) as name`,
    [...words, MAX_CANDIDATES + 1],
  );
  return rows.length > MAX_CANDIDATES
    ? undefined
    : rows.map(({ name }) => name);
}
