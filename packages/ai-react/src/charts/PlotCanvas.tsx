import { useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import styles from './chart.module.css';

export interface DrawnPlot {
  setData(): void;
  destroy(): void;
}

export interface PlotCanvasProps {
  title: string;
  /** Pixels. */
  height: number;
  /** Another plot is made when this changes. */
  shape: string;
  /** The plot reads its numbers again when one of these changes; always as many. */
  data: unknown[];
  create(library: typeof uPlot, host: HTMLElement): DrawnPlot;
}

/** The place of a plot, which is made once for a shape and then fed with data. */
export function PlotCanvas(props: PlotCanvasProps) {
  const { title, height, shape, data } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<DrawnPlot>();
  const create = useRef(props.create);
  create.current = props.create;
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let cancelled = false;
    // The library touches the window when it is loaded, so it is loaded late.
    import('uplot')
      .then(module => {
        if (cancelled || !host.current) return;
        const library = (module.default ?? module) as typeof uPlot;
        plot.current = create.current(library, host.current);
      })
      .catch(() => setFailed(true));
    return () => {
      cancelled = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, height]);

  useEffect(() => {
    plot.current?.setData();
    // Each of them is named by whoever draws.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, data);

  if (failed) {
    return (
      <div className={styles.empty} style={{ height }}>
        This browser cannot draw the chart. Its numbers are in the table.
      </div>
    );
  }
  return (
    <div
      ref={host}
      className={styles.plot}
      style={{ height }}
      role="img"
      aria-label={`Chart of ${title}. The same numbers are in its table.`}
    />
  );
}
