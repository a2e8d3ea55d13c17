import type { DatasetColumn, DatasetColumnType } from '@greenroom/bundle-file';
import { InputError } from '@backstage/errors';
import {
  checkColumnCount,
  checkColumnName,
  checkColumnNames,
} from './columnNames';
import { mergeTypes, typeOfJson, typeOfText } from './columnTypes';
import { type CsvRecord, CsvRecords } from './CsvRecords';
import { type Line, Lines } from './Lines';
import { readJsonLine } from './readJsonLine';
import { findRepeatedKey } from './repeatedKey';
import type { RowsInspector, RowsSummary } from './RowsInspector';

/** Adds up what the lines of a file have. */
export interface LinesSummary {
  add(line: Line): void;
  end(): RowsSummary;
}

export class LinesInspector implements RowsInspector {
  readonly #lines = new Lines();
  readonly #summary: LinesSummary;

  constructor(summary: LinesSummary) {
    this.#summary = summary;
  }

  take(chunk: Uint8Array): void {
    for (const line of this.#lines.take(chunk)) this.#summary.add(line);
  }

  end(): RowsSummary {
    for (const line of this.#lines.end()) this.#summary.add(line);
    const summary = this.#summary.end();
    if (summary.rows === 0) throw new InputError('The file has no rows');
    return summary;
  }
}

export class JsonLinesSummary implements LinesSummary {
  readonly #types = new Map<string, DatasetColumnType>();
  #rows = 0;

  add(line: Line): void {
    const row = readJsonLine(line);
    if (!row) return;
    this.#rows += 1;
    for (const [name, value] of Object.entries(row)) {
      const type = typeOfJson(value);
      const known = this.#types.get(name);
      if (known === undefined) {
        const where = `line ${line.number}`;
        checkColumnName(name, `${where}: a field`);
        checkColumnCount(this.#types.size + 1, where);
      }
      this.#types.set(name, mergeTypes(known ?? 'null', type, 'json'));
    }
    const repeated = findRepeatedKey(line.text);
    if (repeated !== undefined) {
      throw new InputError(
        `line ${line.number}: two fields have the same name '${repeated}': rename one`,
      );
    }
  }

  end(): RowsSummary {
    const columns = [...this.#types].map(([name, type]) => ({ name, type }));
    if (this.#rows > 0 && columns.length === 0) {
      throw new InputError('The rows of the file have no fields');
    }
    return { columns, rows: this.#rows };
  }
}

export class CsvSummary implements LinesSummary {
  readonly #records = new CsvRecords();
  #columns: DatasetColumn[] | undefined;
  #rows = 0;

  add(line: Line): void {
    if (!this.#columns) checkIsNoJson(line);
    const record = this.#records.take(line);
    if (!record) return;
    if (this.#columns) this.#addRow(this.#columns, record);
    else this.#columns = readHeader(record);
  }

  end(): RowsSummary {
    this.#records.end();
    return { columns: this.#columns ?? [], rows: this.#rows };
  }

  #addRow(columns: DatasetColumn[], record: CsvRecord): void {
    checkWidth(record, columns.length);
    this.#rows += 1;
    record.values.forEach((value, index) => {
      if (value === undefined) return;
      const column = columns[index];
      if (column.type === 'string') return;
      column.type = mergeTypes(column.type, typeOfText(value), 'string');
    });
  }
}

function readHeader({ line, values }: CsvRecord): DatasetColumn[] {
  checkColumnNames(values, `line ${line}`);
  return values.map(name => ({ name, type: 'null' }));
}

/** @throws InputError for a line of a JSON lines file, whose quotes would be blamed otherwise */
function checkIsNoJson({ number, text }: Line): void {
  if (!/^\s*\{\s*"/.test(text)) return;
  try {
    JSON.parse(text);
  } catch {
    return;
  }
  throw new InputError(
    `line ${number} is a JSON object, where the names of the columns are expected: a file of JSON lines has the format jsonl, and a name that ends in .jsonl`,
  );
}

/** @throws InputError when a row has more or fewer values than there are columns */
function checkWidth({ line, values }: CsvRecord, width: number): void {
  if (values.length !== width) {
    throw new InputError(
      `line ${line} has ${values.length} values, where the header has ${width} columns`,
    );
  }
}
