/** What is counted. */
export const KINDS = [
  'experiments',
  'runs',
  'metric points',
  'datasets',
  'files',
  'logged models',
  'registered models',
  'versions',
  'aliases',
] as const;

export type Kind = (typeof KINDS)[number];

export interface Counts {
  /** Came now; in a dry run: would come. */
  came: number;
  /** Were here before. */
  there: number;
  failed: number;
}

export interface Remark {
  /** Such as `run 0123 of experiment 'digits'`. */
  what: string;
  why: string;
}

/** More are counted, and not listed. */
const MOST_REMARKS = 10_000;

/** What came, and what could not come and why. */
export class Report {
  readonly #counts = new Map<Kind, Counts>(
    KINDS.map(kind => [kind, { came: 0, there: 0, failed: 0 }]),
  );
  readonly #problems: Remark[] = [];
  readonly #notes: Remark[] = [];
  #unlisted = 0;
  /** Why it ended before its end. */
  stopped?: string;

  add(kind: Kind, outcome: 'came' | 'there', count = 1): void {
    this.#of(kind)[outcome] += count;
  }

  /** Something could not come. */
  fail(kind: Kind, remark: Remark): void {
    this.#of(kind).failed += 1;
    this.#put(this.#problems, remark);
  }

  /** Something came, and is not quite as it was there. */
  note(remark: Remark): void {
    this.#put(this.#notes, remark);
  }

  get isComplete(): boolean {
    return (
      this.stopped === undefined &&
      [...this.#counts.values()].every(({ failed }) => failed === 0)
    );
  }

  toJson(facts: { from: string; to: string; isDryRun: boolean }): object {
    return {
      ...facts,
      complete: this.isComplete,
      ...(this.stopped !== undefined && { stopped: this.stopped }),
      counts: Object.fromEntries(this.#counts),
      didNotCome: this.#problems,
      notes: this.#notes,
      unlisted: this.#unlisted,
    };
  }

  toText(facts: { from: string; to: string; isDryRun: boolean }): string {
    const { from, to, isDryRun } = facts;
    const head = [isDryRun ? 'would come' : 'came', 'here already', 'did not'];
    const rows = KINDS.map(kind => {
      const { came, there, failed } = this.#of(kind);
      return [kind, String(came), String(there), String(failed)];
    });
    const widths = [0, 1, 2, 3].map(column =>
      Math.max(...[['', ...head], ...rows].map(cells => cells[column].length)),
    );
    const table = [['', ...head], ...rows].map(cells =>
      cells
        .map((cell, column) =>
          column === 0
            ? cell.padEnd(widths[column])
            : cell.padStart(widths[column]),
        )
        .join('  '),
    );
    return [
      `From ${from} to ${to}${isDryRun ? ', nothing written' : ''}`,
      '',
      ...table,
      ...list('Did not come', this.#problems),
      ...list('To know', this.#notes),
      ...(this.#unlisted > 0 ? ['', `and ${this.#unlisted} more`] : []),
      '',
      this.#ending(isDryRun),
    ].join('\n');
  }

  #ending(isDryRun: boolean): string {
    if (this.stopped !== undefined) {
      return `Stopped: ${this.stopped}. Call it again to go on.`;
    }
    if (!this.isComplete) {
      return isDryRun
        ? 'Not everything would come.'
        : 'Not everything came. Called again, it brings what is missing.';
    }
    return isDryRun ? 'Everything would come.' : 'Everything came.';
  }

  #of(kind: Kind): Counts {
    return this.#counts.get(kind) as Counts;
  }

  #put(remarks: Remark[], remark: Remark): void {
    if (remarks.length < MOST_REMARKS) remarks.push(remark);
    else this.#unlisted += 1;
  }
}

function list(title: string, remarks: readonly Remark[]): string[] {
  if (remarks.length === 0) return [];
  return ['', `${title}:`, ...remarks.map(it => `  ${it.what}: ${it.why}`)];
}
