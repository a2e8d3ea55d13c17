const SPECIAL = /[\\"\n]/g;
const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
};

/** `{model="digits",version="2"}` of the Prometheus text format. */
export function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replace(SPECIAL, found => ESCAPES[found])}"`,
  );
  return `{${pairs.join(',')}}`;
}
