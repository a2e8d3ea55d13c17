import type { EnvironmentProblem } from '@greenroom/plugin-ai-registry-common';

/** Of a file that was just pushed, what is missing may follow at once: its version, for example. */
const PATIENCE_MILLIS = 10_000;

/** A manifest that people were told is not applied. */
export interface ToldManifest {
  path: string;
  /** Commit that they were told of. */
  commit: string;
  /** Entity refs of those who were told. */
  recipients: string[];
}

/** What people are to be told now. */
export type ManifestNews =
  | { kind: 'not-applied'; problem: EnvironmentProblem; before?: ToldManifest }
  | { kind: 'mended'; told: ToldManifest };

/** Decides what is news: once for each commit of a file that cannot be applied, and once that it is mended. */
export function findManifestNews(options: {
  problems: EnvironmentProblem[];
  told: ToldManifest[];
  now: Date;
}): ManifestNews[] {
  const { problems, told, now } = options;
  const before = new Map(told.map(one => [one.path, one]));
  const wrong = new Set(problems.map(({ path }) => path));
  return [
    ...problems.flatMap((problem): ManifestNews[] => {
      const known = before.get(problem.path);
      const lastsMillis = now.getTime() - Date.parse(problem.since);
      return known?.commit === problem.commit || lastsMillis < PATIENCE_MILLIS
        ? []
        : [{ kind: 'not-applied', problem, before: known }];
    }),
    ...told.flatMap((one): ManifestNews[] =>
      wrong.has(one.path) ? [] : [{ kind: 'mended', told: one }],
    ),
  ];
}
