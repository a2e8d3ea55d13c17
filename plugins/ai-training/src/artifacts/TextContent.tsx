import { Switch } from '@backstage/ui';
import { DataTable } from '@greenroom/ai-react';
import { type ReactNode, useMemo, useState } from 'react';
import {
  classReport,
  matrixOfJson,
  matrixOfRows,
  MOST_CLASSES,
} from '../matrix/confusion';
import { ConfusionTable } from '../matrix/ConfusionTable';
import { ReportTable } from '../matrix/ReportTable';
import { indentJson, type PreviewKind, readRows } from './preview';
import styles from './artifacts.module.css';

export interface TextContentProps {
  /** The file, or its beginning. */
  text: string;
  path: string;
  kind: PreviewKind;
}

const MOST_ROWS = 50;
const MOST_COLUMNS = 50;

/** A text as what it is: a confusion matrix or a report of classes is drawn, tables have rows. */
export function TextContent(props: TextContentProps) {
  const { text, path, kind } = props;
  const [isPlain, setPlain] = useState(false);
  const drawn = useMemo(
    () => drawingOf({ text, path, kind }),
    [text, path, kind],
  );
  return (
    <>
      {drawn && (
        <div className={styles.drawn}>
          <Switch
            label="As it is written"
            isSelected={isPlain}
            onChange={setPlain}
          />
        </div>
      )}
      {drawn && !isPlain ? drawn : <AsWritten {...props} />}
    </>
  );
}

function drawingOf({ text, path, kind }: TextContentProps): ReactNode {
  if (kind === 'table') {
    const matrix = matrixOfRows(
      readRows(text, separatorOf(path), MOST_CLASSES + 2),
    );
    return matrix && <ConfusionTable matrix={matrix} name={path} />;
  }
  if (kind !== 'json') return undefined;
  const content = readJson(text);
  const report = classReport(content);
  if (report) return <ReportTable report={report} name={path} />;
  const matrix = matrixOfJson(content, path);
  return matrix && <ConfusionTable matrix={matrix} name={path} />;
}

function AsWritten({ text, path, kind }: TextContentProps) {
  if (kind === 'table') {
    const [head = [], ...rows] = readRows(
      text,
      separatorOf(path),
      MOST_ROWS + 1,
    );
    const width = Math.min(head.length, MOST_COLUMNS);
    return (
      <>
        <DataTable
          caption={`First rows of ${path}`}
          columns={head.slice(0, width)}
          rows={rows.map(row =>
            Array.from({ length: width }, (_, i) => row[i] ?? ''),
          )}
        />
        {(rows.length === MOST_ROWS || head.length > width) && (
          <p className={styles.note}>
            The first {rows.length} rows
            {head.length > width && ` and ${width} of ${head.length} columns`}.
          </p>
        )}
      </>
    );
  }
  return (
    // Long texts scroll, so they have to be reachable by keyboard.
    <pre className={styles.text} tabIndex={0} role="region" aria-label={path}>
      {kind === 'json' ? indentJson(text) : text}
    </pre>
  );
}

function separatorOf(path: string): ',' | '\t' {
  return path.endsWith('.tsv') ? '\t' : ',';
}

/** Undefined for what is none, as a file that is cut. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
