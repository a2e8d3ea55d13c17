import { formatNumber } from '@greenroom/ai-react';
import { useState } from 'react';
import { Button } from '@backstage/ui';
import { attributionRows, type LabelledPart } from './attributionRows';
import styles from './playground.module.css';

const FEW = 12;

interface AttributionBarsProps {
  label: string;
  parts: LabelledPart[];
}

/** Bars to the left of the middle lower the prediction, those to the right raise it; the largest first. */
export function AttributionBars({ label, parts }: AttributionBarsProps) {
  const [all, setAll] = useState(false);
  const rows = attributionRows(parts);
  const shown = all ? rows : rows.slice(0, FEW);
  return (
    <>
      <ul className={styles.attributions} aria-label={label}>
        {shown.map((row, at) => (
          <li key={`${row.label}-${at}`}>
            <span className={styles.attributionLabel} title={row.label}>
              {row.label}
              {row.detail !== undefined && (
                <span className={styles.subtle}> {row.detail}</span>
              )}
            </span>
            <span className={styles.attributionTrack} aria-hidden="true">
              <span
                className={row.attribution < 0 ? styles.lowers : styles.raises}
                style={{
                  [row.attribution < 0 ? 'right' : 'left']: '50%',
                  width: `${row.sharePercent / 2}%`,
                }}
              />
            </span>
            <span className={styles.attributionValue}>
              {row.attribution > 0 && '+'}
              {formatNumber(row.attribution)}
              {row.standard_error > 0 && (
                <span className={styles.subtle}>
                  {' '}
                  ± {formatNumber(row.standard_error)}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {rows.length > FEW && (
        <Button size="small" variant="tertiary" onPress={() => setAll(!all)}>
          {all ? 'Show the largest' : `Show all ${rows.length}`}
        </Button>
      )}
    </>
  );
}
