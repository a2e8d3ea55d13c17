import { EmptyState } from '@greenroom/ai-react';
import { VisuallyHidden } from '@backstage/ui';
import styles from './ManifestDiff.module.css';
import {
  type DiffLine,
  type FileDiff,
  findFormatChange,
  parseUnifiedDiff,
} from './unifiedDiff';

const SIGNS: Record<DiffLine['kind'], { sign: string; spoken: string }> = {
  added: { sign: '+', spoken: 'added: ' },
  removed: { sign: '−', spoken: 'removed: ' },
  context: { sign: ' ', spoken: '' },
  hunk: { sign: ' ', spoken: '' },
};

/** A unified diff, coloured, with line numbers of both sides. */
export function ManifestDiff({ diff }: { diff: string }) {
  const files = parseUnifiedDiff(diff);
  if (files.length === 0) {
    return (
      <EmptyState
        title="No change to show yet"
        description="The manifest's change appears here once its branch is made."
      />
    );
  }
  return (
    <>
      {files.map(file => (
        <figure key={file.path} className={styles.file}>
          <figcaption className={styles.path}>
            {file.path}
            {file.change !== 'modified' && ` (${file.change})`}
            <FormatNote file={file} />
          </figcaption>
          <div
            className={styles.scroll}
            role="region"
            aria-label={`Change of ${file.path}`}
            tabIndex={0}
          >
            <table className={styles.lines} role="presentation">
              <tbody>
                {file.lines.map(line => (
                  <tr
                    key={`${line.kind} ${line.before} ${line.after} ${line.text}`}
                    data-kind={line.kind}
                  >
                    <td className={styles.number}>{line.before}</td>
                    <td className={styles.number}>{line.after}</td>
                    <td className={styles.sign} aria-hidden="true">
                      {SIGNS[line.kind].sign}
                    </td>
                    <td className={styles.text}>
                      <VisuallyHidden>{SIGNS[line.kind].spoken}</VisuallyHidden>
                      {line.text}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </figure>
      ))}
    </>
  );
}

/** So that a change of the format is not taken for one of what runs. */
function FormatNote({ file }: { file: FileDiff }) {
  const format = findFormatChange(file);
  if (!format) return null;
  return (
    <p className={styles.note}>
      Also writes the file as {format.after} instead of {format.before}: that
      alone changes nothing of what runs.
    </p>
  );
}
