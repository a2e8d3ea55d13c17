/** How the beginning of a file is shown. */
export type PreviewKind = 'text' | 'json' | 'table' | 'image';

/** More of a text is not read here; it can be downloaded. */
export const MOST_TEXT_BYTES = 256 * 1024;
/** Characters that a browser draws without getting slow. */
const MOST_INDENTED = 4 * 1024 * 1024;
/** Larger images are not shown; they can be downloaded. */
export const MOST_IMAGE_BYTES = 10 * 1024 * 1024;

const IMAGES: Record<string, string> = {
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
};
const TABLES = ['csv', 'tsv'];
const TEXTS = [
  'cfg',
  'conf',
  'html',
  'ini',
  'ipynb',
  'js',
  'jsonl',
  'log',
  'md',
  'py',
  'r',
  'sh',
  'sql',
  'toml',
  'ts',
  'txt',
  'xml',
  'yaml',
  'yml',
];
/** Files of MLflow without an ending. */
const TEXT_NAMES = ['mlmodel', 'dockerfile', 'makefile', 'license', 'readme'];

/** Undefined for files that nobody can read here. */
export function previewOf(path: string): PreviewKind | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).toLocaleLowerCase('en');
  const ending = name.includes('.')
    ? name.slice(name.lastIndexOf('.') + 1)
    : '';
  if (Object.hasOwn(IMAGES, ending)) return 'image';
  if (ending === 'json') return 'json';
  if (TABLES.includes(ending)) return 'table';
  return TEXTS.includes(ending) || TEXT_NAMES.includes(name)
    ? 'text'
    : undefined;
}

/** As which a browser is to take an image. */
export function imageType(path: string): string {
  return IMAGES[path.slice(path.lastIndexOf('.') + 1).toLocaleLowerCase('en')];
}

/** JSON with a value a line; text that is none, as a cut one, stays as it is, and so does what would get far larger. */
export function indentJson(text: string): string {
  try {
    const indented = JSON.stringify(JSON.parse(text), undefined, 2);
    // Lists in lists in lists are mostly indentation.
    return indented.length > MOST_INDENTED ? text : indented;
  } catch {
    return text;
  }
}

/** The first rows of comma or tab separated values; in quotes, a value may have separators and lines. */
export function readRows(
  text: string,
  separator: ',' | '\t',
  most: number,
): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let value = '';
  let isQuoted = false;
  const endRow = () => {
    rows.push([...row, value]);
    row = [];
    value = '';
  };
  for (let i = 0; i < text.length && rows.length < most; i++) {
    const sign = text[i];
    if (isQuoted) {
      if (sign !== '"') value += sign;
      else if (text[i + 1] === '"') {
        value += '"';
        i++;
      } else isQuoted = false;
    } else if (sign === '"' && value === '') isQuoted = true;
    else if (sign === separator) {
      row.push(value);
      value = '';
    } else if (sign === '\n') endRow();
    else if (sign !== '\r') value += sign;
  }
  if (rows.length < most && (value !== '' || row.length > 0)) endRow();
  return rows;
}
