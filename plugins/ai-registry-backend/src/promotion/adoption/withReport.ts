const BEGIN = '<!-- greenroom:report -->';
const END = '<!-- /greenroom:report -->';

/** What somebody wrote, and below it the report, in the place of an earlier one. Markdown. */
export function withReport(body: string, report: string): string {
  const section = `${BEGIN}\n${report.trim()}\n${END}`;
  const begin = body.indexOf(BEGIN);
  const end = body.indexOf(END, begin);
  if (begin < 0 || end < 0) {
    return body.trim() === '' ? section : `${body.trimEnd()}\n\n${section}`;
  }
  return body.slice(0, begin) + section + body.slice(end + END.length);
}
