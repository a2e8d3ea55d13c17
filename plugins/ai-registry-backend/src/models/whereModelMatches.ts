import { InputError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { ModelQuery } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { ModelCondition } from '../permissions';

/** Adds the query's search words, owner and tags, and what the caller may see, to a select on `models`. */
export function whereModelMatches(
  builder: Knex.QueryBuilder,
  query: Pick<ModelQuery, 'search' | 'owner' | 'tags'> & {
    visible?: PermissionCriteria<ModelCondition>;
  },
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

/** What all has to be in a model's texts. */
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

function whereVisible(
  builder: Knex.QueryBuilder,
  criteria: PermissionCriteria<ModelCondition>,
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
  } else {
    builder.whereRaw('owner = any(?)', [criteria.ownerIn]);
  }
}
