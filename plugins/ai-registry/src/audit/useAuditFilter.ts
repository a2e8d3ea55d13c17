import { useSearchParams } from 'react-router-dom';
import type { AuditFilter } from './auditLog';

const NAMES = ['model', 'actor', 'action', 'from', 'to'] as const;
export type AuditFilterName = (typeof NAMES)[number];

/** Which entries are shown; kept in the page's address, so that it can be shared. */
export function useAuditFilter() {
  const [params, setParams] = useSearchParams();
  const values: Partial<Record<AuditFilterName, string>> = Object.fromEntries(
    NAMES.flatMap(name => {
      const value = params.get(name);
      return value ? [[name, value]] : [];
    }),
  );
  return {
    /** What the fields show: days as YYYY-MM-DD. */
    values,
    isActive: Object.keys(values).length > 0,
    set(name: AuditFilterName, value: string) {
      const next = new URLSearchParams(params);
      if (value) next.set(name, value);
      else next.delete(name);
      setParams(next, { replace: true });
    },
    clear: () => setParams({}, { replace: true }),
  };
}

/** Days become moments of the reader's time zone; the last day is one of them. */
export function toAuditFilter(
  values: Partial<Record<AuditFilterName, string>>,
): AuditFilter {
  const { from, to, ...rest } = values;
  return {
    ...rest,
    ...(isDay(from) && { from: startOf(from).toISOString() }),
    ...(isDay(to) && { to: startOf(to, 1).toISOString() }),
  };
}

function isDay(text: string | undefined): text is string {
  return (
    text !== undefined &&
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}

function startOf(day: string, later = 0): Date {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later);
}
