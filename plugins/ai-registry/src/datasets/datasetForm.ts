import {
  DATASET_NAME_PATTERN,
  type DatasetFormat,
  DIGEST_PATTERN,
  type Digest,
  explainDatasetUri,
  type NewDataset,
  type NewExternalDataset,
} from '@greenroom/plugin-ai-registry-common';
import { readTags } from '../models/newModelForm';

/** What the "New dataset" dialog holds of the dataset itself. */
export interface NewDatasetForm {
  name: string;
  title: string;
  description: string;
  owner: string;
  /** `key=value` pairs, separated by commas. */
  tags: string;
}

/** What a dialog holds of the version that it makes. */
export interface DatasetContentForm {
  /** A file to upload, or what lies somewhere else. */
  kind: 'file' | 'external';
  file?: File;
  uri: string;
  digest: string;
  /** Number of rows of an external version, as it is written. */
  rows: string;
  /** What is different in the version. */
  change: string;
}

export type NewDatasetErrors = Partial<Record<keyof NewDatasetForm, string>>;
export type DatasetContentErrors = Partial<
  Record<keyof DatasetContentForm, string>
>;

export const EMPTY_NEW_DATASET: NewDatasetForm = {
  name: '',
  title: '',
  description: '',
  owner: '',
  tags: '',
};

export const EMPTY_DATASET_CONTENT: DatasetContentForm = {
  kind: 'file',
  uri: '',
  digest: '',
  rows: '',
  change: '',
};

/** What becomes of the form: a file to send, or what to say about an external version. */
export type DatasetContent =
  | {
      kind: 'file';
      file: { content: File; format: DatasetFormat; description?: string };
    }
  | { kind: 'external'; external: NewExternalDataset };

const FORMAT_OF_ENDING: Record<string, DatasetFormat> = {
  csv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/** Endings of files that are taken, as HTML wants them. */
export const ACCEPTED_FILES = Object.keys(FORMAT_OF_ENDING)
  .map(ending => `.${ending}`)
  .join(',');

/** How a file's name says that its rows are written down. */
export function formatOfFile(name: string): DatasetFormat | undefined {
  const ending = name.split('.').at(-1)?.toLowerCase() ?? '';
  return Object.hasOwn(FORMAT_OF_ENDING, ending)
    ? FORMAT_OF_ENDING[ending]
    : undefined;
}

/** The dataset to make, or what to correct, by field. */
export function readNewDataset(
  form: NewDatasetForm,
):
  | { dataset: NewDataset; errors?: undefined }
  | { dataset?: undefined; errors: NewDatasetErrors } {
  const errors: NewDatasetErrors = {};
  if (!DATASET_NAME_PATTERN.test(form.name)) {
    errors.name =
      'Use 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends.';
  }
  if (!/^(group|user):[^:/\s]+\/[^:/\s]+$/.test(form.owner)) {
    errors.owner =
      'Choose an owner, or write one as an entity reference: group:default/<name> or user:default/<name>.';
  }
  const tags = readTags(form.tags);
  if (!tags) {
    errors.tags =
      'Write tags as key=value pairs with commas between them, for example language=en.';
  }
  if (!tags || Object.keys(errors).length > 0) return { errors };
  return {
    dataset: {
      name: form.name,
      owner: form.owner,
      ...(form.title && { title: form.title }),
      ...(form.description && { description: form.description }),
      ...(Object.keys(tags).length > 0 && { tags }),
    },
  };
}

/** What the version is made of, or what to correct, by field. */
export function readDatasetContent(
  form: DatasetContentForm,
):
  | { content: DatasetContent; errors?: undefined }
  | { content?: undefined; errors: DatasetContentErrors } {
  return form.kind === 'file' ? readFile(form) : readExternal(form);
}

function readFile({ file, change }: DatasetContentForm) {
  const wrong = (message: string) => ({ errors: { file: message } });
  if (!file) return wrong('Choose the file with the rows.');
  const format = formatOfFile(file.name);
  if (!format) {
    return wrong(
      `${file.name} is none of the kinds that are read: choose a file that ends in .csv, .jsonl or .parquet.`,
    );
  }
  if (file.size === 0) return wrong(`${file.name} is empty.`);
  const description = change.trim() || undefined;
  return {
    content: {
      kind: 'file' as const,
      file: { content: file, format, description },
    },
  };
}

function readExternal(form: DatasetContentForm) {
  const errors: DatasetContentErrors = {};
  const uri = form.uri.trim();
  const wrong = explainDatasetUri(uri);
  if (wrong) errors.uri = `The address ${wrong}.`;
  const digest = form.digest.trim().toLowerCase();
  if (!DIGEST_PATTERN.test(digest)) {
    errors.digest =
      'Write sha256: and the 64 hexadecimal digits that sha256sum prints.';
  }
  const rows = form.rows.trim() === '' ? undefined : Number(form.rows);
  if (rows !== undefined && (!Number.isSafeInteger(rows) || rows < 1)) {
    errors.rows = 'Write a whole number of rows, or leave it empty.';
  }
  if (Object.keys(errors).length > 0) return { errors };
  const description = form.change.trim() || undefined;
  return {
    content: {
      kind: 'external' as const,
      external: { uri, digest: digest as Digest, rows, description },
    },
  };
}
