import type {
  AuditEntry,
  AuditPage,
  AuditQuery,
} from '@greenroom/plugin-ai-registry-common';

/** A plugin's audit log. */
export interface AuditSource {
  /** Identifier of the plugin. */
  id: string;
  list(query: AuditQuery, signal?: AbortSignal): Promise<AuditPage>;
}

export type AuditFilter = Pick<
  AuditQuery,
  'model' | 'actor' | 'action' | 'environment' | 'from' | 'to'
>;

/** An entry of one of several logs. */
export interface MergedEntry extends AuditEntry {
  /** The plugin that keeps it, and its place there. */
  key: string;
}

/** What was read so far of several logs. */
export interface AuditState {
  /** Newest first. */
  shown: MergedEntry[];
  logs: Record<string, SourceState>;
}

interface SourceState {
  /** Read, and older than all that is shown. */
  waiting: MergedEntry[];
  next: 'start' | 'end' | { cursor: string };
}

export const NOTHING_READ: AuditState = { shown: [], logs: {} };

/** Whether there are older entries than those that are shown. */
export function hasOlder({ logs }: AuditState): boolean {
  return Object.values(logs).some(
    ({ waiting, next }) => waiting.length > 0 || next !== 'end',
  );
}

/**
 * Shows some more entries of several logs, by time: an entry is shown when no log can have a
 * newer one.
 */
export async function readOlder(
  state: AuditState,
  options: {
    sources: AuditSource[];
    filter: AuditFilter;
    count: number;
    signal?: AbortSignal;
  },
): Promise<AuditState> {
  const { sources, filter, count, signal } = options;
  const list = sources.map(({ id, list: read }) => ({
    id,
    list: (next: AuditQuery) =>
      read({ ...filter, limit: count, ...next }, signal),
  }));
  const shown = [...state.shown];
  let logs = state.logs;
  const wanted = shown.length + count;
  while (shown.length < wanted) {
    logs = await refillAll(logs, list);
    const taken = takeNewest(logs, wanted - shown.length);
    if (taken.entries.length === 0) break;
    shown.push(...taken.entries);
    logs = taken.logs;
  }
  return { shown, logs };
}

/**
 * Puts what has happened since on top of what is shown.
 *
 * @param newest - the logs read anew from their start
 */
export function withNewer(state: AuditState, newest: AuditState): AuditState {
  const known = new Set(state.shown.map(({ key }) => key));
  const newer = newest.shown.filter(({ key }) => !known.has(key));
  if (newer.length === 0) return state;
  // So much has happened that there may be more between the two.
  if (newer.length === newest.shown.length) return newest;
  return { ...state, shown: [...newer, ...state.shown] };
}

async function refillAll(
  logs: Record<string, SourceState>,
  sources: AuditSource[],
): Promise<Record<string, SourceState>> {
  return Object.fromEntries(
    await Promise.all(
      sources.map(async source => [
        source.id,
        await refill(logs[source.id], source),
      ]),
    ),
  );
}

async function refill(
  state: SourceState = { waiting: [], next: 'start' },
  source: AuditSource,
): Promise<SourceState> {
  const { waiting, next } = state;
  if (waiting.length > 0 || next === 'end') return state;
  const page = await source.list(next === 'start' ? {} : next);
  return {
    waiting: page.items.map(entry => ({
      ...entry,
      key: `${source.id}/${entry.id}`,
    })),
    next: page.nextCursor === undefined ? 'end' : { cursor: page.nextCursor },
  };
}

/** Up to where a log has nothing waiting and may have more. */
function takeNewest(
  logs: Record<string, SourceState>,
  count: number,
): { entries: MergedEntry[]; logs: Record<string, SourceState> } {
  const left = Object.entries(logs).map(([id, log]) => ({
    id,
    next: log.next,
    waiting: [...log.waiting],
  }));
  const entries: MergedEntry[] = [];
  while (entries.length < count) {
    if (left.some(log => log.waiting.length === 0 && log.next !== 'end')) break;
    const newest = left
      .filter(log => log.waiting.length > 0)
      .sort((a, b) => (a.waiting[0].at < b.waiting[0].at ? 1 : -1))[0];
    if (!newest) break;
    entries.push(...newest.waiting.splice(0, 1));
  }
  return {
    entries,
    logs: Object.fromEntries(
      left.map(({ id, next, waiting }) => [id, { next, waiting }]),
    ),
  };
}

/** A part of what was changed, with what it was and what it is; undefined where there was nothing. */
export interface FieldChange {
  field: string;
  before?: string;
  after?: string;
}

/** What an entry's change replaced, field by field; what stayed as it was is left out. */
export function fieldChanges({
  before = {},
  after = {},
}: Pick<AuditEntry, 'before' | 'after'>): FieldChange[] {
  const old = new Map(Object.entries<unknown>({ ...before }));
  const now = new Map(Object.entries<unknown>({ ...after }));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map(field => ({
      field,
      before: inWords(old.get(field)),
      after: inWords(now.get(field)),
    }))
    .filter(change => change.before !== change.after);
}

function inWords(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  const isPlainList =
    Array.isArray(value) && value.every(item => typeof item !== 'object');
  return isPlainList ? value.join(', ') : JSON.stringify(value);
}

/** "Rollout changed" for `rollout-changed`. */
export function actionInWords(action: string): string {
  const text = action.replaceAll('-', ' ');
  return text.charAt(0).toLocaleUpperCase('en') + text.slice(1);
}
