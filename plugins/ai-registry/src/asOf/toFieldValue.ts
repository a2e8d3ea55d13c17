/** A moment as the browser's field for dates and times has it, in the reader's time zone; empty where it is none. */
export function toFieldValue(at: string | undefined): string {
  const moment = new Date(at ?? '');
  if (Number.isNaN(moment.getTime())) return '';
  const shifted = moment.getTime() - moment.getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 19);
}
