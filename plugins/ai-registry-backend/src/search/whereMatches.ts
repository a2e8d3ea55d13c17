import { InputError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import type { OwnerCondition } from '../permissions';

/** What owned things, models or datasets, are looked for by. */
export interface Matching {
  search?: string;
  owner?: string;
  /** `key=value` pairs that must all be there. */
  tags?: string[];
  /** What the caller may see; all when it is left out. */
  visible?: PermissionCriteria<OwnerCondition>;
}

/** Adds what is looked for to a select on a table with `search_text`, `owner` and `tags`. */
export function whereMatches(
  builder: Knex.QueryBuilder,
  query: Matching,
): void {
  for (const word of searchWords(query.search)) {
    builder.whereRaw('position(? in search_text) > 0', [word]);
  }
  if (query.owner !== undefined) {
    builder.where('owner', query.owner);
  }
  for (const tag of query.tags ?? []) {
    builder.whereRaw('tags @> ?::jsonb', [JSON.stringify(parseTag(tag))]);
  }
  const { visible } = query;
  if (visible) {
    builder.where(nested => whereVisible(nested, visible));
  }
}

/** What all has to be in the texts. */
export function searchWords(search = ''): string[] {
  return search.toLowerCase().split(/\s+/).filter(Boolean);
}

function parseTag(tag: string): Record<string, string> {
  const equals = tag.indexOf('=');
  if (equals < 1) {
    throw new InputError(`tags: '${tag}' is not of the form key=value`);
  }
  return { [tag.slice(0, equals)]: tag.slice(equals + 1) };
}

export function whereVisible(
  builder: Knex.QueryBuilder,
  criteria: PermissionCriteria<OwnerCondition>,
): void {
  if ('allOf' in criteria) {
    for (const part of criteria.allOf) {
      builder.where(nested => whereVisible(nested, part));
    }
  } else if ('anyOf' in criteria) {
    for (const part of criteria.anyOf) {
      builder.orWhere(nested => whereVisible(nested, part));
    }
  } else if ('not' in criteria) {
    builder.whereNot(nested => whereVisible(nested, criteria.not));
  } else if ('nameLike' in criteria) {
    builder.whereRaw('name like any(?)', [criteria.nameLike]);
  } else {
    builder.whereRaw('owner = any(?)', [criteria.ownerIn]);
  }
}
