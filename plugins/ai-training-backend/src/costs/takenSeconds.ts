/**
 * SQL: the seconds of a span in which an attempt `a` had its flavor: from when it was let start, without what Kueue held it
 * for. An attempt that has not ended has it until now. What training costs is counted by this alone.
 *
 * @param from - SQL of a moment, named twice, before `to`
 * @param to - SQL of a moment
 */
export function takenSeconds(
  from = `'-infinity'::timestamptz`,
  to = `'infinity'::timestamptz`,
): string {
  const begin = `greatest(a.started_at, ${from})`;
  // A start is rounded to milliseconds, and may be later than now for a moment.
  const end = `greatest(a.started_at, ${from}, least(coalesce(a.ended_at, clock_timestamp()), ${to}))`;
  return `(
    select coalesce(sum(extract(epoch from upper(had) - lower(had))), 0)::float8
    from unnest(tstzmultirange(tstzrange(${begin}, ${end})) - a.held) as had)`;
}

/**
 * SQL: the seconds in which Kueue held an attempt after its program had begun to run: they are none of its running time.
 *
 * @param attempt - what the attempt is called
 * @param until - SQL of the moment up to which they count
 */
export function heldSeconds(attempt: string, until: string): string {
  const running = `coalesce(${attempt}.running_at, 'infinity')`;
  // Thousands wait and were never held: of them nothing is added up. Without a program there is no span.
  return `case when ${attempt}.held <> '{}' then (
    select coalesce(sum(extract(epoch from upper(had) - lower(had))), 0)::float8
    from unnest(${attempt}.held * tstzmultirange(tstzrange(${running}, greatest(${running}, ${until})))) as had)
    else 0 end`;
}
