import { formatLabels } from '../telemetry/prometheus';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const DECLARATION = /^# (?:HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*)/;
/** What the names of a histogram's and a summary's samples end with. */
const SUFFIX = /_(?:bucket|sum|count)$/;

interface Family {
  /** Lines that declare it, as they were said first. */
  declarations: string[];
  samples: string[];
}

/**
 * The metrics pages of several processes as one: each family is declared once, has its samples together, and each sample says of which process it is.
 *
 * @param pages - in the Prometheus text format, by the process that wrote it
 */
export function mergeMetrics(pages: ReadonlyMap<string, string>): string {
  const families = new Map<string, Family>();
  for (const [process, page] of pages) {
    const label = formatLabels({ process }).slice(1, -1);
    // What this page declares counts from its second time on as said already.
    const declaredBefore = new Set(families.keys());
    for (const line of page.split('\n')) {
      addLine(families, { line, label, declaredBefore });
    }
  }
  return [...families.values()]
    .flatMap(({ declarations, samples }) => [...declarations, ...samples])
    .map(line => `${line}\n`)
    .join('');
}

function addLine(
  families: Map<string, Family>,
  options: { line: string; label: string; declaredBefore: Set<string> },
): void {
  const { line, label, declaredBefore } = options;
  const declared = DECLARATION.exec(line)?.[1];
  if (declared !== undefined) {
    const family = familyOf(families, declared);
    if (!declaredBefore.has(declared)) family.declarations.push(line);
    return;
  }
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return;
  const whole = name.replace(SUFFIX, '');
  const rest = line.slice(name.length);
  familyOf(families, families.has(name) ? name : whole).samples.push(
    rest.startsWith('{')
      ? `${name}{${label}${rest.startsWith('{}') ? '' : ','}${rest.slice(1)}`
      : `${name}{${label}}${rest}`,
  );
}

function familyOf(families: Map<string, Family>, name: string): Family {
  let family = families.get(name);
  if (!family) {
    family = { declarations: [], samples: [] };
    families.set(name, family);
  }
  return family;
}
