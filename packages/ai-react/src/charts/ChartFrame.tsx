import { ReactNode, useId, useState } from 'react';
import styles from './chart.module.css';

interface ChartFrameProps {
  title: string;
  unit?: string;
  legend?: ReactNode;
  chart: ReactNode;
  /** The same numbers as a table. */
  table: ReactNode;
}

/** Title, legend and the switch between a chart and its numbers. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, unit, legend, chart, table } = props;
  const [showTable, setShowTable] = useState(false);
  const titleId = useId();
  return (
    <figure className={styles.root} aria-labelledby={titleId}>
      <figcaption className={styles.caption}>
        <h4 id={titleId} className={styles.title}>
          {title} {unit && <span className={styles.unit}>{unit}</span>}
        </h4>
        <button
          type="button"
          className={styles.toggle}
          aria-pressed={showTable}
          aria-label={`Show ${title} as a ${showTable ? 'chart' : 'table'}`}
          onClick={() => setShowTable(!showTable)}
        >
          {showTable ? 'Chart' : 'Table'}
        </button>
      </figcaption>
      {legend}
      {showTable ? table : chart}
    </figure>
  );
}
