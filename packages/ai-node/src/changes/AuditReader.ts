import { InputError } from '@backstage/errors';
import type {
  AuditEntry,
  AuditPage,
  AuditQuery,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { parseMoment } from '../parseMoment';
import { AUDIT_TABLE } from './tables';

const DEFAULT_LIMIT = 50;

/** Which entries somebody may read: all, or those of these models and what these owners answer for. */
export type AuditScope = 'all' | { models: string[]; owners: string[] };

interface AuditRow {
  /** bigint arrives as text. */
  id: string;
  at: Date;
  actor: string;
  action: string;
  model: string | null;
  environment: string | null;
  subject: string | null;
  owner: string | null;
  before: object | null;
  after: object | null;
}

const FILTERS = ['model', 'environment', 'subject', 'actor', 'action'] as const;

/** Reads a plugin's audit log. */
export class AuditReader {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Newest first. */
  async list(query: AuditQuery, scope: AuditScope): Promise<AuditPage> {
    const { limit = DEFAULT_LIMIT, from, to, cursor } = query;
    const rows: AuditRow[] = await this.#knex<AuditRow>(AUDIT_TABLE)
      .modify(builder => {
        for (const name of FILTERS) {
          const value = query[name];
          if (value !== undefined) builder.where(name, value);
        }
        if (from !== undefined) builder.where('at', '>=', readTime(from));
        if (to !== undefined) builder.where('at', '<', readTime(to));
        if (scope !== 'all') {
          builder.where(visible =>
            visible
              .whereRaw('model = any(?)', [scope.models])
              .orWhereRaw('owner = any(?)', [scope.owners]),
          );
        }
        if (cursor !== undefined) {
          builder.whereRaw(
            '(at, id) < (?::timestamptz, ?::bigint)',
            decodeCursor(cursor),
          );
        }
      })
      .orderBy([
        { column: 'at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(toEntry),
      ...(rows.length > limit && last && { nextCursor: encodeCursor(last) }),
    };
  }
}

function toEntry({ id, at, actor, action, ...row }: AuditRow): AuditEntry {
  return {
    id,
    at: at.toISOString(),
    actor,
    action,
    model: row.model ?? undefined,
    environment: row.environment ?? undefined,
    subject: row.subject ?? undefined,
    owner: row.owner ?? undefined,
    before: row.before ?? undefined,
    after: row.after ?? undefined,
  };
}

const TIME = /^\d{4}-\d\d-\d\d/;

function readTime(text: string): Date {
  const time = parseMoment(text);
  if (!time) {
    throw new InputError(
      `'${text}' is no time: write ISO 8601, such as 2026-11-25T12:00:00Z`,
    );
  }
  return time;
}

function encodeCursor({ at, id }: AuditRow): string {
  return Buffer.from(JSON.stringify([at.toISOString(), id])).toString(
    'base64url',
  );
}

function decodeCursor(cursor: string): [string, string] {
  try {
    const [at, id, ...rest] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    if (
      typeof at === 'string' &&
      typeof id === 'string' &&
      TIME.test(at) &&
      !Number.isNaN(Date.parse(at)) &&
      /^[0-9]{1,18}$/.test(id) &&
      rest.length === 0
    ) {
      return [new Date(at).toISOString(), id];
    }
  } catch {
    // Falls through to the same answer as a place that is none.
  }
  throw new InputError(
    `cursor '${cursor}' is not one that this list gave: repeat the call without it`,
  );
}
