import { InputError } from '@backstage/errors';

/** One thing that is wrong with a manifest. */
export interface ManifestFault {
  /** What it is, and what was expected, with the field's name but without the file's. */
  message: string;
  /** Where the field is, from the outermost on; undefined where it is the file as a whole. */
  field?: PropertyKey[];
  /** Number of the line, from 1, where that is known. */
  line?: number;
}

/** A file can have thousands of faults; who reads of them mends a few at a time. */
const MAX_SENTENCES = 20;

/** A manifest that is refused, with all that is wrong with it. */
export class ManifestError extends InputError {
  readonly faults: readonly ManifestFault[];

  /** @param where - the file's path, or what else is wrong */
  constructor(where: string, faults: readonly ManifestFault[]) {
    const sentences = faults
      .slice(0, MAX_SENTENCES)
      .map(fault => `${where}: ${sentenceOf(fault)}`);
    const more = faults.length - sentences.length;
    super([...sentences, ...(more > 0 ? [`and ${more} more`] : [])].join('; '));
    this.faults = faults;
  }
}

/** What is no YAML says its line itself. */
function sentenceOf({ message, field, line }: ManifestFault): string {
  return field && line !== undefined ? `line ${line}: ${message}` : message;
}
